// The status of a task as the core knows it. States and reasons are those of Mesos and go on as they are: what they
// mean is decided in the core, TASK_LOST of masters and frameworks that know nothing better included.

import {
  type CheckResult,
  type IpAddress,
  type TaskState,
  type TaskStatus,
  taskStates,
} from '../../../core/mesos.ts'
import type { Instant } from '../../../lib/instant.ts'
import { limits } from '../../../lib/limits.ts'
import type { Writable } from '../../../lib/writable.ts'
import {
  elementsOf,
  id,
  type Json,
  list,
  Malformed,
  optionalFlag,
  optionalId,
  optionalNumber,
  optionalPart,
  optionalText,
} from './fields.ts'
import { instantOf, instantOfSeconds } from './times.ts'

const knownStates: ReadonlySet<unknown> = new Set(taskStates)

/** `receivedAt` is the time of a status that has none. */
export function decodeStatus(json: Json, receivedAt: Instant): TaskStatus {
  const { state } = json
  if (!knownStates.has(state)) throw new Malformed('state', 'a state of tasks', state)
  const timestamp = optionalNumber(json, 'timestamp')
  const status: Writable<TaskStatus> = {
    taskId: id(json, 'task_id'),
    state: state as TaskState,
    timestamp: timestamp === undefined ? receivedAt : instantOfSeconds(timestamp),
  }
  const reason = optionalText(json, 'reason')
  if (reason !== undefined) status.reason = reason
  const message = optionalText(json, 'message')
  if (message !== undefined) status.message = message.slice(0, limits.statusMessageChars)
  const agentId = optionalId(json, 'agent_id')
  if (agentId !== undefined) status.agentId = agentId
  const healthy = optionalFlag(json, 'healthy')
  if (healthy !== undefined) status.healthy = healthy
  const check = optionalPart(json, 'check_status', decodeCheck)
  if (check !== undefined) status.check = check
  const ipAddresses = optionalPart(json, 'container_status', decodeAddresses)
  if (ipAddresses !== undefined) status.ipAddresses = ipAddresses
  const unreachableSince = optionalPart(json, 'unreachable_time', instantOf)
  if (unreachableSince !== undefined) status.unreachableSince = unreachableSince
  const uuid = optionalText(json, 'uuid')
  if (uuid !== undefined) status.uuid = uuid
  return status
}

/** Before its first answer a check has an empty result, or one without the answer: none. */
function decodeCheck(json: Json): CheckResult | undefined {
  const statusCode = optionalPart(json, 'http', (http) => optionalNumber(http, 'status_code'))
  if (statusCode !== undefined) return { http: { statusCode } }
  const succeeded = optionalPart(json, 'tcp', (tcp) => optionalFlag(tcp, 'succeeded'))
  if (succeeded !== undefined) return { tcp: { succeeded } }
  const exitCode = optionalPart(json, 'command', (command) => optionalNumber(command, 'exit_code'))
  return exitCode === undefined ? undefined : { command: { exitCode } }
}

/** Undefined for a container that says nothing of networks: what was known before is kept. */
function decodeAddresses(container: Json): IpAddress[] | undefined {
  if (elementsOf(container, 'network_infos').length === 0) return undefined
  return list(container, 'network_infos', addressesOf).flat()
}

function addressesOf(info: Json): IpAddress[] {
  const network = optionalText(info, 'name')
  const addresses: IpAddress[] = []
  list(info, 'ip_addresses', (address) => {
    const ipAddress = optionalText(address, 'ip_address')
    if (ipAddress === undefined) return
    const protocol = address['protocol'] === 'IPv6' ? 'IPv6' : 'IPv4'
    addresses.push(network === undefined ? { ipAddress, protocol } : { ipAddress, protocol, network })
  })
  return addresses
}
