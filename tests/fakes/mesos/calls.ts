// Reading a call: what Mesos makes of JSON that is not one, with its words. Fields it does not know are ignored, as it
// ignores them.

import type { WireCall } from './wire.ts'

type Shape = 'string' | 'object' | 'bytes' | 'number' | 'bool' | 'array'

/** Fields whose type is looked at, by name, wherever they are. */
const shapes: Readonly<Record<string, Shape>> = {
  type: 'string',
  framework_id: 'object',
  framework_info: 'object',
  user: 'string',
  name: 'string',
  task_id: 'object',
  agent_id: 'object',
  executor_id: 'object',
  uuid: 'bytes',
  max_grace_period: 'object',
  operations: 'array',
  offer_ids: 'array',
  resources: 'array',
}

/** Fields that must be there, by the path of what holds them. */
const required: readonly { readonly path: readonly string[]; readonly field: string }[] = (
  [
    ['subscribe', 'framework_info'],
    ['subscribe.framework_info', 'user'],
    ['subscribe.framework_info', 'name'],
    ['kill', 'task_id'],
    ['acknowledge', 'agent_id'],
    ['acknowledge', 'task_id'],
    ['acknowledge', 'uuid'],
    ['shutdown', 'executor_id'],
    ['shutdown', 'agent_id'],
    ['message', 'agent_id'],
    ['message', 'executor_id'],
    ['message', 'data'],
    ['update_framework', 'framework_info'],
    ['acknowledge_operation_status', 'uuid'],
    ['acknowledge_operation_status', 'operation_id'],
  ] as const
).map(([path, field]) => ({ path: path.split('.'), field }))

/** Kinds of calls, and the field each needs; undefined: none. */
const bodies: Readonly<Record<string, string | undefined>> = {
  SUBSCRIBE: 'subscribe',
  TEARDOWN: undefined,
  ACCEPT: 'accept',
  DECLINE: 'decline',
  ACCEPT_INVERSE_OFFERS: 'accept_inverse_offers',
  DECLINE_INVERSE_OFFERS: 'decline_inverse_offers',
  REVIVE: undefined,
  SUPPRESS: undefined,
  KILL: 'kill',
  SHUTDOWN: 'shutdown',
  ACKNOWLEDGE: 'acknowledge',
  ACKNOWLEDGE_OPERATION_STATUS: 'acknowledge_operation_status',
  RECONCILE: 'reconcile',
  RECONCILE_OPERATIONS: 'reconcile_operations',
  MESSAGE: 'message',
  REQUEST: 'request',
  UPDATE_FRAMEWORK: 'update_framework',
}

/** A call, or why it is none: the body of a 400. */
export function parseCall(text: string): WireCall | string {
  const json = parseObject(text)
  if (typeof json === 'string') return json
  const invalid = (problem: string): string => `Failed to validate scheduler::Call: ${problem}`
  const type = json['type']
  if (typeof type !== 'string' || !Object.hasOwn(bodies, type))
    return invalid("Expecting 'type' to be present")
  const body = bodies[type]
  const isLate = type !== 'SUBSCRIBE' && type !== 'TEARDOWN'
  if (isLate && json['framework_id'] === undefined) return invalid("Expecting 'framework_id' to be present")
  if (body !== undefined && json[body] === undefined) return invalid(`Expecting '${body}' to be present`)
  const call = json as unknown as WireCall
  if (call.acknowledge !== undefined && Buffer.from(call.acknowledge.uuid, 'base64').length !== 16)
    return invalid('Not a valid UUID')
  if (call.subscribe?.framework_info.id?.value !== call.framework_id?.value && type === 'SUBSCRIBE')
    return invalid("'framework_id' differs from 'subscribe.framework_info.id'")
  return call
}

/** Any JSON object whose fields have the types of the protocol; or the body of a 400. */
export function parseObject(text: string): Record<string, unknown> | string {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return 'Failed to parse body into JSON: syntax error at line 1 near: '
  }
  const converting = 'Failed to convert JSON into Call protobuf: '
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return `${converting}Expecting a JSON object`
  const problem = shapeError(json as Record<string, unknown>) ?? missing(json as Record<string, unknown>)
  return problem === undefined ? (json as Record<string, unknown>) : `${converting}${problem}`
}

function shapeError(json: Readonly<Record<string, unknown>>): string | undefined {
  for (const [field, value] of Object.entries(json)) {
    const shape = Object.hasOwn(shapes, field) ? shapes[field] : undefined
    if (shape === undefined) {
      if (!isObject(value) || depthless.has(field)) continue
    } else {
      const given = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value
      // An operation's status has its uuid in an object.
      const isFine = given === shape || (shape === 'bytes' && (given === 'string' || given === 'object'))
      if (!isFine) return `Not expecting a JSON ${given} for field '${field}'`
      const wrong = shape === 'bytes' && given === 'string' ? /[^A-Za-z0-9+/=]/.exec(value as string) : null
      if (wrong !== null)
        return `Failed to base64 decode bytes field '${field}': Invalid character '${firstWrong(value as string)}'`
    }
    const problem = isObject(value) ? shapeError(value) : undefined
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Fields that are not looked into. */
const depthless: ReadonlySet<string> = new Set(['accept'])

/** Mesos skips white space and complains of the first character that is neither that nor base64. */
const firstWrong = (text: string): string => /[^A-Za-z0-9+/=\s]/.exec(text)?.[0] ?? ' '

function missing(json: Readonly<Record<string, unknown>>): string | undefined {
  for (const { path, field } of required) {
    if (json[path[0]!] === undefined) continue
    let holder: unknown = json
    for (const part of path) holder = isObject(holder) ? holder[part] : undefined
    if (isObject(holder) && holder[field] === undefined)
      return `Missing required fields: ${path.join('.')}.${field}`
  }
  return undefined
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
