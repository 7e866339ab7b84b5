// The check of an app as the engine runs it (app-definition 2.2, runtime 6.3): asked from within the task's network,
// so the port of the container counts before that of the host.

import { seconds } from '../../lib/instant.ts'
import type { AppCheck, AppHealthCheck } from '../../spec/app.ts'
import type { CheckInfo, CommandInfo } from '../mesos.ts'
import type { ExposedPorts } from './ports.ts'

/** Undefined when there is no port to ask at: such a check is left out. */
export function checkInfo(
  check: AppCheck,
  exposed: ExposedPorts,
  hostPorts: readonly (number | undefined)[],
): CheckInfo | undefined {
  const target = targetOf(check, exposed, hostPorts)
  if (target === undefined) return undefined
  return {
    ...target,
    delay: seconds(check.delaySeconds),
    interval: seconds(check.intervalSeconds),
    timeout: seconds(check.timeoutSeconds),
  }
}

function targetOf(
  { http, tcp, exec }: AppCheck,
  exposed: ExposedPorts,
  hostPorts: readonly (number | undefined)[],
): Pick<CheckInfo, 'http' | 'tcp' | 'command'> | undefined {
  if (exec !== undefined) return { command: checkCommand(exec.command) }
  const asked = portAsked(http ?? tcp ?? {}, exposed, hostPorts)
  if (asked === undefined) return undefined
  if (http === undefined) return { tcp: { port: asked } }
  return { http: http.path === undefined ? { port: asked } : { port: asked, path: http.path } }
}

/** The port a check of an app is asked at from within; who names neither port nor index has one port only. */
export const portAsked = (
  { port, portIndex = 0 }: Pick<AppHealthCheck, 'port' | 'portIndex'>,
  exposed: ExposedPorts,
  hostPorts: readonly (number | undefined)[],
): number | undefined => port ?? (exposed.mappings?.[portIndex]?.containerPort || hostPorts[portIndex])

/** The command of a check, of an app as of a pod: a shell line, or words of which the first is run. */
export const checkCommand = (
  command: NonNullable<AppCheck['exec']>['command'],
): Pick<CommandInfo, 'shell' | 'value' | 'arguments'> =>
  'shell' in command
    ? { shell: true, value: command.shell }
    : {
        shell: false,
        arguments: command.argv,
        ...(command.argv[0] === undefined ? {} : { value: command.argv[0] }),
      }
