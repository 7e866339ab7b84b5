// Events about the engine: the connection to it, and what executors say (events-metrics-flags 1.1; the order of fields
// is that of examples 8).

import { bytesOfBase64 } from '../../lib/base64.ts'
import { formatInstant, type Instant } from '../../lib/instant.ts'
import type { AgentId } from '../mesos.ts'
import type { Notice } from './notice.ts'

/** The first registration. */
export function schedulerRegistered(
  registration: { readonly frameworkId: string; readonly master: string },
  now: Instant,
): Notice {
  const type = 'scheduler_registered_event'
  const { frameworkId, master } = registration
  return { type, body: { frameworkId, master, eventType: type, timestamp: formatInstant(now) } }
}

export function schedulerReregistered(master: string, now: Instant): Notice {
  const type = 'scheduler_reregistered_event'
  return { type, body: { master, eventType: type, timestamp: formatInstant(now) } }
}

export function schedulerDisconnected(now: Instant): Notice {
  const type = 'scheduler_disconnected_event'
  return { type, body: { eventType: type, timestamp: formatInstant(now) } }
}

/** `data` is base64; listeners get the bytes with their signs, as a JVM writes them. */
export function frameworkMessage(
  message: { readonly agentId: AgentId; readonly executorId: string; readonly data: string },
  now: Instant,
): Notice {
  const type = 'framework_message_event'
  const { executorId, agentId, data } = message
  const bytes = bytesOfBase64(data).map((byte) => (byte > 127 ? byte - 256 : byte))
  return {
    type,
    body: { executorId, slaveId: agentId, message: bytes, eventType: type, timestamp: formatInstant(now) },
  }
}
