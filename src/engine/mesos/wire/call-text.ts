// Calls as they go over the wire. There are two acknowledgements for each launch and little else: their text is put
// together by hand, in a third of the time.

import type { Call } from './calls.ts'

/** JSON, as `JSON.stringify` makes it. */
export function callText(call: Call): string {
  if (call.type !== 'ACKNOWLEDGE') return JSON.stringify(call)
  const { agent_id, task_id, uuid } = call.acknowledge
  return (
    `{"framework_id":{"value":${quoted(call.framework_id.value)}},"type":"ACKNOWLEDGE","acknowledge":{` +
    `"agent_id":{"value":${quoted(agent_id.value)}},"task_id":{"value":${quoted(task_id.value)}},` +
    `"uuid":${quoted(uuid)}}}`
  )
}

const isPlain = /^[\w.+/=-]*$/

const quoted = (text: string): string => (isPlain.test(text) ? `"${text}"` : JSON.stringify(text))
