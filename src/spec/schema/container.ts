// The container of an app as users send it (app-definition 2.1), with the fields deprecated in 1.5 and the
// external-containerizer form of 0.4–0.6 (rest-api 12.3), which is `image` and `options` beside no `docker`.

import * as Type from 'typebox'
import { PortMapping } from './network.ts'
import { NonEmpty } from './primitives.ts'
import { AppVolume } from './volume.ts'

export const LinuxInfo = Type.Object(
  {
    seccomp: Type.Optional(
      Type.Object({
        profileName: Type.Optional(Type.String()),
        unconfined: Type.Boolean({ default: false, 'x-or-default': true }),
      }),
    ),
    ipcInfo: Type.Optional(
      Type.Object(
        {
          mode: Type.Enum(['PRIVATE', 'SHARE_PARENT']),
          /** MiB. */
          shmSize: Type.Optional(Type.Integer({ format: 'int32' })),
        },
        { 'x-plain': true },
      ),
    ),
  },
  { 'x-plain': true, 'x-name': 'LinuxInfo' },
)

/** The name of a secret that holds a Docker config.json. */
export const PullConfig = Type.Object({ secret: NonEmpty })

export const DockerContainer = Type.Object(
  {
    /** Deprecated; refused. */
    credential: Type.Optional(
      Type.Object({ principal: Type.String(), secret: Type.Optional(Type.String()) }, { 'x-plain': true }),
    ),
    pullConfig: Type.Optional(PullConfig),
    forcePullImage: Type.Boolean({ default: false }),
    image: NonEmpty,
    /** Deprecated in favour of the app's networks. */
    network: Type.Optional(Type.Enum(['BRIDGE', 'HOST', 'NONE', 'USER'])),
    parameters: Type.Array(Type.Object({ key: NonEmpty, value: Type.String() }), { default: [] }),
    /** Deprecated in favour of the container's portMappings. */
    portMappings: Type.Optional(Type.Array(PortMapping)),
    privileged: Type.Boolean({ default: false }),
  },
  { 'x-name': 'Docker' },
)

export const Container = Type.Object(
  {
    type: Type.Enum(['MESOS', 'DOCKER'], { default: 'DOCKER' }),
    docker: Type.Optional(DockerContainer),
    linuxInfo: Type.Optional(LinuxInfo),
    volumes: Type.Array(AppVolume, { default: [] }),
    portMappings: Type.Optional(Type.Array(PortMapping)),
    /** External-containerizer form: an image URL, with or without `docker://` or `docker:///` before the image. */
    image: Type.Optional(Type.String()),
    /** External-containerizer form: words of a `docker run` command line. */
    options: Type.Optional(Type.Array(Type.String())),
  },
  { 'x-name': 'Container' },
)
