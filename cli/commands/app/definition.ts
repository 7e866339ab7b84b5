// App definitions as people give them: a file, standard input, flags, or KEY=VALUE words. What a file says
// reaches the server untouched; the server alone decides what is valid.

import { readFile } from 'node:fs/promises'
import type { AppInfo, AppUpdate } from '../../../client/wire.ts'
import { nearestWord } from '../../../src/lib/nearest-word.ts'
import type { CliIo } from '../../io.ts'
import { usageError } from '../../messages.ts'

type Json = Readonly<Record<string, unknown>>

/** A JSON object from a file or, for `-`, from standard input: its text and its value. */
export async function readDefinition(
  io: CliIo,
  source: string,
  noun: 'app' | 'group' | 'pod' = 'app',
): Promise<{ readonly text: string; readonly value: Json }> {
  const name = source === '-' ? 'Standard input' : source
  const text = source === '-' ? await readAll(io) : await readText(source)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (text.trim() === '')
      throw usageError(`${name} is empty, expected ${noun === 'app' ? 'an' : 'a'} ${noun} definition in JSON`)
    throw usageError(`${name} is not JSON: ${(error as Error).message}`)
  }
  if (Array.isArray(value)) {
    throw usageError(
      `${name} holds a list, expected one ${noun}`,
      `Give each ${noun} a file of its own, or use jq: jq -c .[] FILE`,
    )
  }
  if (typeof value !== 'object' || value === null)
    throw usageError(`${name} holds no object, expected one ${noun}`)
  return { text, value: value as Json }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    throw usageError(`Cannot read ${path}: ${fileErrors[code] ?? (error as Error).message}`)
  }
}

const fileErrors: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EISDIR: 'it is a directory',
}

async function readAll(io: CliIo): Promise<string> {
  if (io.stdin === undefined) throw usageError('There is no standard input to read')
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of io.stdin)
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}

export interface DefinitionFlags {
  readonly id?: string
  readonly cmd?: string
  readonly cpus?: number
  readonly mem?: number
  readonly disk?: number
  readonly instances?: number
  readonly env?: Readonly<Record<string, string>>
  readonly label?: Readonly<Record<string, string>>
  readonly constraint?: readonly string[]
  readonly uri?: readonly string[]
}

/** The fields that the flags set; those not given stay out, so that the server's defaults hold. */
export function fieldsOfFlags(flags: DefinitionFlags): Json {
  const fields: Record<string, unknown> = {}
  for (const name of ['id', 'cmd', 'cpus', 'mem', 'disk', 'instances', 'env'] as const) {
    if (flags[name] !== undefined) fields[name] = flags[name]
  }
  if (flags.label !== undefined) fields['labels'] = flags.label
  if (flags.constraint !== undefined) fields['constraints'] = flags.constraint.map((text) => text.split(':'))
  if (flags.uri !== undefined) fields['fetch'] = flags.uri.map((uri) => ({ uri }))
  return fields
}

/**
 * How the words of a field are taken: as text, whatever they look like, or as JSON, and as text where they are no JSON
 * (`unreachableStrategy=disabled`). What only the server says is no field to change.
 */
const wordsOf: Readonly<Record<keyof AppUpdate, 'text' | 'json' | undefined>> = {
  id: 'text',
  cmd: 'text',
  executor: 'text',
  user: 'text',
  role: 'text',
  killSelection: 'text',
  version: 'text',
  acceptedResourceRoles: 'json',
  args: 'json',
  backoffFactor: 'json',
  backoffSeconds: 'json',
  check: 'json',
  constraints: 'json',
  container: 'json',
  cpus: 'json',
  dependencies: 'json',
  disk: 'json',
  env: 'json',
  executorResources: 'json',
  fetch: 'json',
  gpus: 'json',
  healthChecks: 'json',
  instances: 'json',
  ipAddress: 'json',
  labels: 'json',
  maxLaunchDelaySeconds: 'json',
  mem: 'json',
  networks: 'json',
  portDefinitions: 'json',
  ports: 'json',
  readinessChecks: 'json',
  requirePorts: 'json',
  residency: 'json',
  resourceLimits: 'json',
  secrets: 'json',
  storeUrls: 'json',
  taskKillGracePeriodSeconds: 'json',
  tty: 'json',
  unreachableStrategy: 'json',
  upgradeStrategy: 'json',
  uris: 'json',
  versionInfo: undefined,
}

/** Records of text: `env.PORT=80` is the string `80`. */
const textRecords = new Set(['env', 'labels'])

export interface Assignment {
  readonly path: readonly [field: string, ...rest: string[]]
  readonly value: unknown
}

/** `cpus=0.5`, `cmd=./serve`, `env.MODE=live`. A field that does not exist would be ignored by the server. */
export function parseAssignment(word: string): Assignment {
  const equals = word.indexOf('=')
  if (equals < 1) throw usageError(`'${word}' is neither a file nor KEY=VALUE`)
  const path = word.slice(0, equals).split('.') as [string, ...string[]]
  const text = word.slice(equals + 1)
  const [field, ...rest] = path
  const kind = Object.hasOwn(wordsOf, field) ? wordsOf[field as keyof AppUpdate] : undefined
  if (kind === undefined) {
    const near = nearestWord(field, Object.keys(wordsOf))
    throw usageError(`An app has no field '${field}'${near === undefined ? '' : `; did you mean '${near}'?`}`)
  }
  const isText = kind === 'text' || (textRecords.has(field) && rest.length > 0)
  return { path, value: isText ? text : jsonOr(text) }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Words that are not JSON are meant as they stand.
    return text
  }
}

/**
 * One change from many assignments. A nested one keeps its neighbours, since the API replaces whole fields:
 * they are taken from `current`, which is only asked for when needed.
 */
export async function changeOf(
  assignments: readonly Assignment[],
  current: () => Promise<AppInfo>,
): Promise<Json> {
  const change: Record<string, unknown> = {}
  for (const { path, value } of assignments) {
    const [field, ...rest] = path
    if (rest.length === 0) {
      change[field] = value
      continue
    }
    change[field] ??= structuredClone(((await current()) as unknown as Json)[field]) ?? {}
    setWithin(change[field], rest, value, path.join('.'))
  }
  return change
}

function setWithin(target: unknown, path: readonly string[], value: unknown, name: string): void {
  let place = target
  for (const [i, key] of path.entries()) {
    if (typeof place !== 'object' || place === null)
      throw usageError(`'${name}' leads into something that is no object`)
    // Inherited names would reach the prototype instead of a field.
    if (key === '__proto__') throw usageError(`'${name}' is no place in an app`)
    const record = place as Record<string, unknown>
    if (i === path.length - 1) record[key] = value
    else record[key] ??= {}
    place = record[key]
  }
}
