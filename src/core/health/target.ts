// Where a health check that Marathon runs is asked (runtime 9). In a network of containers the container's own address
// goes with the container's own port; the original put the agent's port there, where nobody listens.

import { type Duration, millis, seconds } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { App, AppHealthCheck } from '../../spec/app.ts'
import { isMarathonProtocol, type MarathonProtocol } from '../../spec/health-protocols.ts'
import type { Instance } from '../instances/instance.ts'
import { type ReachedAt, reachedAt } from '../instances/reached-at.ts'
import type { Probe, ProbeId, ProbeTarget } from './probe.ts'

/** A check that Marathon runs itself, from outside. */
export type MarathonCheck = AppHealthCheck & { readonly protocol: MarathonProtocol }

export const isMarathonCheck = (check: AppHealthCheck): check is MarathonCheck =>
  isMarathonProtocol(check.protocol)

export type Asking =
  | { readonly kind: 'ask'; readonly probe: Probe }
  /** There is nowhere to ask: that is a failure, each time it would be asked. `cause`: `<error class>: <message>`. */
  | { readonly kind: 'nowhere'; readonly cause: string }

/** Nobody waits longer for the first question, however long the interval is (runtime 9). */
const longestFirst = seconds(5)

/** Definitions may say 0, by which a task would be asked without a pause, or never in time. */
const atLeastOne = (s: number): Duration => seconds(Math.max(1, s))

export const intervalOf = (check: AppHealthCheck): Duration => atLeastOne(check.intervalSeconds)

/** From the moment a task runs to the first question. */
export const firstAfter = (check: AppHealthCheck): Duration =>
  millis(Math.min(intervalOf(check), longestFirst))

/** How this check is asked of the task that `instance` runs. */
export function askingOf(id: ProbeId, app: App, check: MarathonCheck, instance: Instance): Asking {
  const at = isPathTooLong(check) ? pathTooLong(check) : placeOf(app, check, instance)
  if (typeof at === 'string') return { kind: 'nowhere', cause: at }
  return {
    kind: 'ask',
    probe: {
      id,
      target: targetAt(check, at),
      firstAfter: firstAfter(check),
      pace: 'fixed',
      interval: intervalOf(check),
      timeout: atLeastOne(check.timeoutSeconds),
      bodyBytes: 0,
    },
  }
}

/** Who asks keeps the path of each task: long ones of many tasks would leave it no memory. */
const isPathTooLong = ({ protocol, path = '' }: MarathonCheck): boolean =>
  protocol !== 'TCP' && path.length > limits.probePathChars

const pathTooLong = ({ path = '' }: MarathonCheck): string =>
  `PathTooLongError: the path has ${path.length} characters, more than ${limits.probePathChars}`

function targetAt({ protocol, path = '' }: MarathonCheck, { address, port }: ReachedAt): ProbeTarget {
  if (protocol === 'TCP') return { protocol, address, port }
  return { protocol, address, port, path: path.startsWith('/') ? path : `/${path}` }
}

/** A text: why there is no such place. */
function placeOf(app: App, check: MarathonCheck, instance: Instance): ReachedAt | string {
  const { port, portIndex = 0 } = check
  if (app.networks.some(({ mode }) => mode === 'container')) {
    const address = instance.tasks[0]?.ipAddresses[0]?.ipAddress
    if (address === undefined) return 'NoAddressError: the container has no address in its network'
    const inside = port ?? (app.container?.portMappings?.[portIndex]?.containerPort || undefined)
    // A container port of 0 is the port of the host.
    const asked = inside ?? reachedAt(app, instance, portIndex)?.port
    return asked === undefined ? noPort(portIndex) : { address, port: asked }
  }
  if (port === undefined) return reachedAt(app, instance, portIndex) ?? noPort(portIndex)
  const address = instance.agent?.address
  return address === undefined ? 'NoAddressError: the task is on no agent' : { address, port }
}

const noPort = (index: number): string => `NoPortError: the task has no port with index ${index}`
