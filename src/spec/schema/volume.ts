// The volumes of an app's container as users send them (app-definition 2.1). The kinds are tried in the order of
// the union, so the errors of a wrong volume are those of a host volume.

import * as Type from 'typebox'
import { Labels, NonEmpty } from './primitives.ts'

export const ReadMode = Type.Enum(['RO', 'RW'])
const Mebibytes = Type.Integer({ format: 'int64', minimum: 0 })

export const PersistentVolumeInfo = Type.Object(
  {
    type: Type.Optional(Type.Enum(['root', 'path', 'mount'])),
    size: Mebibytes,
    maxSize: Type.Optional(Mebibytes),
    profileName: Type.Optional(Type.String()),
    constraints: Type.Array(Type.Array(Type.String(), { minItems: 2, maxItems: 3 }), {
      uniqueItems: true,
      default: [],
    }),
  },
  { 'x-name': 'PersistentVolume' },
)

export const DvdiVolumeInfo = Type.Object(
  {
    /** GiB. */
    size: Type.Optional(Type.Integer({ format: 'int64', minimum: 0 })),
    name: Type.Optional(Type.String()),
    provider: Type.Optional(Type.String()),
    options: Type.Record(Type.String(), Type.String(), { default: {} }),
    shared: Type.Boolean({ default: false }),
  },
  { 'x-name': 'DvdiVolume' },
)

export const CsiVolumeInfo = Type.Object(
  {
    name: Type.String(),
    provider: Type.Enum(['csi']),
    options: Type.Object({
      pluginName: NonEmpty,
      capability: Type.Object({
        accessMode: Type.Enum([
          'SINGLE_NODE_WRITER',
          'SINGLE_NODE_READER_ONLY',
          'MULTI_NODE_READER_ONLY',
          'MULTI_NODE_SINGLE_WRITER',
          'MULTI_NODE_MULTI_WRITER',
        ]),
        accessType: Type.Enum(['block', 'mount']),
        fsType: Type.Optional(Type.String()),
        mountFlags: Type.Optional(Type.Array(Type.String())),
      }),
      nodeStageSecret: Type.Optional(Labels),
      nodePublishSecret: Type.Optional(Labels),
      volumeContext: Type.Optional(Labels),
    }),
  },
  { 'x-plain': true, 'x-name': 'CsiVolume' },
)

export const AppVolume = Type.Union(
  [
    Type.Object({ containerPath: NonEmpty, persistent: PersistentVolumeInfo, mode: ReadMode }),
    Type.Object({
      containerPath: NonEmpty,
      external: Type.Union([DvdiVolumeInfo, CsiVolumeInfo]),
      mode: ReadMode,
    }),
    Type.Object({ containerPath: NonEmpty, secret: NonEmpty }),
    Type.Object({ containerPath: NonEmpty, hostPath: NonEmpty, mode: ReadMode }),
  ],
  { 'x-name': 'Volume' },
)
