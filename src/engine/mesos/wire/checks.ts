// Checks and health checks that executors run.

import type { CheckInfo, HealthCheckInfo } from '../../../core/mesos.ts'
import type { Writable } from '../../../lib/writable.ts'
import { inSeconds } from './times.ts'

interface Times {
  readonly delay_seconds: number
  readonly interval_seconds: number
  readonly timeout_seconds: number
}

interface WireCheckCommand {
  readonly shell: boolean
  readonly value?: string
  readonly arguments?: readonly string[]
}

export interface WireCheck extends Times {
  readonly type: CheckType
  readonly http?: { readonly port: number; readonly path?: string }
  readonly tcp?: { readonly port: number }
  readonly command?: { readonly command: WireCheckCommand }
}

export interface WireHealthCheck extends Times {
  readonly type: CheckType
  readonly grace_period_seconds: number
  readonly consecutive_failures: number
  readonly http?: {
    readonly scheme: 'http' | 'https'
    readonly port: number
    readonly path?: string
    readonly protocol?: 'IPv4' | 'IPv6'
  }
  readonly tcp?: { readonly port: number; readonly protocol?: 'IPv4' | 'IPv6' }
  readonly command?: WireCheckCommand
}

type CheckType = 'HTTP' | 'TCP' | 'COMMAND'

export function encodeCheck(check: CheckInfo): WireCheck {
  const { http, tcp, command } = check
  const wire: Writable<WireCheck> = { type: typeOf(check), ...encodeTimes(check) }
  if (http !== undefined) wire.http = http
  if (tcp !== undefined) wire.tcp = tcp
  if (command !== undefined) wire.command = { command }
  return wire
}

/** The most a uint32 holds: no task lives to see so many failures. */
const mostFailures = 2 ** 32 - 1

export function encodeHealthCheck(check: HealthCheckInfo): WireHealthCheck {
  const { http, tcp, command, gracePeriod, consecutiveFailures } = check
  const wire: Writable<WireHealthCheck> = {
    type: typeOf(check),
    ...encodeTimes(check),
    grace_period_seconds: inSeconds(gracePeriod),
    // An executor kills at the first failure when told 0.
    consecutive_failures: consecutiveFailures === 0 ? mostFailures : consecutiveFailures,
  }
  if (http !== undefined) wire.http = withProtocol(http)
  if (tcp !== undefined) wire.tcp = withProtocol(tcp)
  if (command !== undefined) wire.command = command
  return wire
}

function withProtocol<T extends { readonly ipProtocol?: 'IPv4' | 'IPv6' }>({ ipProtocol, ...asked }: T) {
  return ipProtocol === undefined ? asked : { ...asked, protocol: ipProtocol }
}

const typeOf = ({ http, tcp }: Pick<CheckInfo, 'http' | 'tcp'> | HealthCheckInfo): CheckType =>
  http !== undefined ? 'HTTP' : tcp !== undefined ? 'TCP' : 'COMMAND'

const encodeTimes = ({
  delay,
  interval,
  timeout,
}: Pick<CheckInfo, 'delay' | 'interval' | 'timeout'>): Times => ({
  delay_seconds: inSeconds(delay),
  interval_seconds: inSeconds(interval),
  timeout_seconds: inSeconds(timeout),
})
