// What the engine asks of a task, and what an answer means: the flag of a health check, the result of a check. Pure.

import { isHealthyStatus } from '../../core/health/executor-health.ts'
import type { CheckInfo, CheckResult, HealthCheckInfo, TaskInfo } from '../../core/mesos.ts'

/** A task may have one of each. Also the names of their files and cgroups. */
export const checkKinds = ['health', 'check'] as const
export type CheckKind = (typeof checkKinds)[number]

export type CheckCommand = NonNullable<CheckInfo['command']>

type IpProtocol = 'IPv4' | 'IPv6'

export type CheckTarget =
  | {
      readonly kind: 'http'
      readonly scheme: 'http' | 'https'
      readonly ipProtocol: IpProtocol
      readonly port: number
      readonly path: string
    }
  | { readonly kind: 'tcp'; readonly ipProtocol: IpProtocol; readonly port: number }
  | { readonly kind: 'command'; readonly command: CheckCommand }

export type Answer =
  | { readonly kind: 'status'; readonly statusCode: number }
  | { readonly kind: 'connection'; readonly succeeded: boolean }
  | { readonly kind: 'exit'; readonly exitCode: number }
  /** No answer, and that is one: a timeout, no connection to ask over. */
  | { readonly kind: 'failed' }
  /** The question was not put: nothing is known. */
  | { readonly kind: 'unknown' }

/** Undefined: the task info asks for nothing of this kind. */
export function targetOf(info: CheckInfo | HealthCheckInfo | undefined): CheckTarget | undefined {
  if (info === undefined) return undefined
  const { command } = info
  if (command !== undefined) return { kind: 'command', command }
  // A check has neither scheme nor protocol.
  const { http, tcp }: Pick<HealthCheckInfo, 'http' | 'tcp'> = info as HealthCheckInfo
  if (tcp !== undefined) return { kind: 'tcp', ipProtocol: tcp.ipProtocol ?? 'IPv4', port: tcp.port }
  if (http === undefined) return undefined
  const { scheme = 'http', ipProtocol = 'IPv4', port, path = '/' } = http
  return { kind: 'http', scheme, ipProtocol, port, path }
}

/** The kinds for which a task has a command that is to be run. */
export function commandsOf({
  healthCheck,
  check,
}: Pick<TaskInfo, 'healthCheck' | 'check'>): readonly { kind: CheckKind; command: CheckCommand }[] {
  const given = { health: healthCheck?.command, check: check?.command }
  return checkKinds.flatMap((kind) => {
    const command = given[kind]
    return command === undefined ? [] : [{ kind, command }]
  })
}

/** Undefined: nobody knows. */
export function healthOf(answer: Answer): boolean | undefined {
  switch (answer.kind) {
    case 'status':
      return isHealthyStatus(answer.statusCode)
    case 'connection':
      return answer.succeeded
    case 'exit':
      return answer.exitCode === 0
    case 'failed':
      return false
    case 'unknown':
      return undefined
  }
}

/** Empty when there was no answer, as Mesos has it. Undefined: nobody knows. */
export function resultOf(answer: Answer): CheckResult | undefined {
  switch (answer.kind) {
    case 'status':
      return { http: { statusCode: answer.statusCode } }
    case 'connection':
      return { tcp: { succeeded: answer.succeeded } }
    case 'exit':
      return { command: { exitCode: answer.exitCode } }
    case 'failed':
      return {}
    case 'unknown':
      return undefined
  }
}
