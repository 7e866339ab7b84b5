// The container form of 0.4–0.6, `{"image": "docker:///ubuntu", "options": ["-v", "/a:/b:ro"]}`, in today's words
// (rest-api 12.3): the image without its prefix, `-v` as volumes, `-e` as environment, `-p` as required ports.
// Options that have no counterpart are passed to Docker when they have the form `--key=value`, else refused by name:
// a container that silently runs without what was asked for is worse than none.

import { ok, type Result, refused } from '../../lib/result.ts'
import { invalidObject } from '../parse/issues.ts'
import type { Refusal } from '../refusal.ts'
import type { AppUpdateInput, ContainerInput, PortMappingInput, VolumeInput } from '../schema/app.ts'

/** The definition in today's form; itself when its container is in that form already. */
export function translateExternalContainerizer<T extends AppUpdateInput>(definition: T): Result<T, Refusal> {
  const container = definition.container
  if (container === undefined) return ok(definition)
  const { image, options = [], ...rest } = container
  if (image === undefined || rest.docker !== undefined || rest.type !== 'DOCKER') {
    return ok({ ...definition, container: rest })
  }
  const translated: Translated = { volumes: [...rest.volumes], env: [], ports: [], parameters: [] }
  const problem = readOptions(options, translated)
  if (problem !== undefined) {
    return refused(invalidObject([{ path: `/container/options(${problem.index})`, errors: [problem.error] }]))
  }
  const { volumes, parameters } = translated
  const env = Object.fromEntries(translated.env)
  const docker = { forcePullImage: false, image: imageName(image), parameters, privileged: false }
  return ok({
    ...definition,
    ...(translated.env.length === 0 ? {} : { env: { ...env, ...definition.env } }),
    ...publishedPorts(translated.ports, { ...rest, docker, volumes }),
  })
}

/** What follows `docker://` or `docker:///`; an image without them is taken as it is. */
const imageName = (image: string): string => image.replace(/^docker:\/{2,3}/, '')

interface Published {
  readonly hostPort: number
  readonly containerPort: number
  readonly protocol: 'tcp' | 'udp'
}

interface Translated {
  readonly volumes: VolumeInput[]
  readonly env: [name: string, value: string][]
  readonly ports: Published[]
  readonly parameters: { key: string; value: string }[]
}

type Read = (value: string, into: Translated) => boolean

const options: Readonly<Record<string, Read>> = {
  '-v': readVolume,
  '--volume': readVolume,
  '-e': readEnv,
  '--env': readEnv,
  '-p': readPort,
  '--publish': readPort,
}

function readOptions(
  words: readonly string[],
  into: Translated,
): { index: number; error: string } | undefined {
  for (let index = 0; index < words.length; index++) {
    const at = index
    const word = words[at] ?? ''
    const equals = word.startsWith('--') ? word.indexOf('=') : -1
    const name = equals < 0 ? word : word.slice(0, equals)
    const option = Object.hasOwn(options, name) ? options[name] : undefined
    if (option !== undefined) {
      const value = equals < 0 ? words[++index] : word.slice(equals + 1)
      if (value === undefined || !option(value, into)) {
        return {
          index: at,
          error: `option ${name} has the value '${value ?? ''}', expected ${expectations[name]}`,
        }
      }
    } else if (equals > 2) {
      into.parameters.push({ key: name.slice(2), value: word.slice(equals + 1) })
    } else {
      return { index: at, error: `option '${word}' is not supported; expected -v, -e, -p or --key=value` }
    }
  }
  return undefined
}

const volumeForm = '<host path>:<container path>[:ro|rw]'
const envForm = '<name>=<value>'
const portForm = '[<host port>:]<container port>[/tcp|udp]'
const expectations: Readonly<Record<string, string>> = {
  '-v': volumeForm,
  '--volume': volumeForm,
  '-e': envForm,
  '--env': envForm,
  '-p': portForm,
  '--publish': portForm,
}

function readVolume(value: string, into: Translated): boolean {
  const match = /^([^:]+):([^:]+)(?::(ro|rw))?$/i.exec(value)
  if (match?.[1] === undefined || match[2] === undefined) return false
  const mode = match[3]?.toLowerCase() === 'ro' ? 'RO' : 'RW'
  into.volumes.push({ containerPath: match[2], hostPath: match[1], mode })
  return true
}

function readEnv(value: string, into: Translated): boolean {
  const equals = value.indexOf('=')
  if (equals < 1) return false
  into.env.push([value.slice(0, equals), value.slice(equals + 1)])
  return true
}

function readPort(value: string, into: Translated): boolean {
  const match = /^(?:(?:[^:]*:)?(\d{0,5}):)?(\d{1,5})(?:\/(tcp|udp))?$/.exec(value)
  if (match === null) return false
  const hostPort = Number(match[1] ?? 0)
  const containerPort = Number(match[2])
  if (hostPort > 65_535 || containerPort > 65_535) return false
  into.ports.push({ hostPort, containerPort, protocol: match[3] === 'udp' ? 'udp' : 'tcp' })
  return true
}

/**
 * Ports that are the same inside and outside become `ports` with `requirePorts`, as documented for users at the time.
 * A port that differs cannot be kept that way without changing where the service listens: then all become mappings
 * of a bridge.
 */
function publishedPorts(ports: readonly Published[], container: ContainerInput): Partial<AppUpdateInput> {
  if (ports.length === 0) return { container }
  if (ports.every(({ hostPort, containerPort }) => hostPort === containerPort)) {
    const portDefinitions = ports.map(({ hostPort, protocol }) => ({ port: hostPort, protocol }))
    return { container, portDefinitions, requirePorts: true }
  }
  const portMappings: PortMappingInput[] = ports.map((port) => ({
    ...port,
    labels: {},
    servicePort: 0,
    networkNames: [],
  }))
  return { container: { ...container, portMappings }, networks: [{ mode: 'container/bridge' }] }
}
