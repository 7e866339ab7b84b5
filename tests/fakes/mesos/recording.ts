// Recorded traffic of a real Mesos (tests/fixtures/mesos), line by line, and the likeness of what it says to what the
// fake says: everything but ids, times and chance must be equal. Ids are learned where both say one.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseResources, toText } from './resources.ts'
import type { WireResource } from './wire.ts'

export interface RecordedLine {
  readonly ms: number
  readonly dir: 'send' | 'reply' | 'event' | 'stream-open' | 'stream-end' | 'note'
  readonly stream?: string
  readonly method?: string
  readonly path?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly status?: number
  readonly how?: string
  readonly text?: string
  readonly body?: unknown
}

const folder = fileURLToPath(new URL('../../fixtures/mesos', import.meta.url))

export function readRecording(name: string): RecordedLine[] {
  return readFileSync(join(folder, `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedLine)
}

export type Json = Readonly<Record<string, unknown>>

/** What the recording calls something, and what the fake does. */
export class Names {
  readonly #names = new Map<string, string>()

  learn(recorded: string, ours: string): void {
    this.#names.set(recorded, ours)
  }

  get(recorded: string): string | undefined {
    return this.#names.get(recorded)
  }

  /** Everything a recorded value names, in our names. */
  translate<T>(value: T): T {
    if (typeof value === 'string') return this.#inText(value) as T
    if (Array.isArray(value)) return value.map((each) => this.translate(each as unknown)) as T
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.translate(each)])) as T
  }

  #inText(text: string): string {
    const whole = this.#names.get(text)
    if (whole !== undefined) return whole
    // Longer names first: the id of a master begins those of its agents.
    let result = text
    for (const [recorded, ours] of [...this.#names].sort((a, b) => b[0].length - a[0].length))
      if (recorded.length > 8 && result.includes(recorded)) result = result.replaceAll(recorded, ours)
    return result
  }
}

/** Fields whose value is chance or time: that there is one counts, and it is learned. */
const chance: ReadonlySet<string> = new Set([
  'uuid',
  'timestamp',
  'container_id',
  'unreachable_time',
  'master_info',
  'heartbeat_interval_seconds',
])

/** Fields the fake leaves out, with the reason beside them. */
const omitted: ReadonlySet<string> = new Set([
  // Simulated tasks have no process.
  'executor_pid',
  // Numbers of bytes, told of a container that broke its limits.
  'limitation',
])

/** Where the two differ; undefined: nowhere. Learns ids on the way. */
export function difference(recorded: unknown, ours: unknown, names: Names, path = ''): string | undefined {
  const key = path.split('.').at(-1) ?? ''
  if (key === 'resources' && Array.isArray(recorded) && Array.isArray(ours)) {
    const texts = [recorded, ours].map((list) => resourcesText(list as readonly WireResource[]))
    return texts[0] === texts[1] ? undefined : `${path}: ${texts[0]} was recorded, not ${texts[1]}`
  }
  if (chance.has(key)) {
    if ((recorded === undefined) !== (ours === undefined))
      return `${path}: ${recorded} was recorded, not ${ours}`
    if (typeof recorded === 'string' && typeof ours === 'string') names.learn(recorded, ours)
    return undefined
  }
  if (typeof recorded === 'string' && typeof ours === 'string')
    return textDifference(recorded, ours, names, path)
  if (isObject(recorded) && isObject(ours)) {
    for (const field of new Set([...Object.keys(recorded), ...Object.keys(ours)])) {
      if (omitted.has(field)) continue
      // An agent says it once it knows the addresses.
      if (field === 'network_infos' && recorded[field] === undefined) continue
      const found = difference(recorded[field], ours[field], names, `${path}.${field}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (Array.isArray(recorded) && Array.isArray(ours) && recorded.length === ours.length) {
    for (const [i, each] of recorded.entries()) {
      const found = difference(each, ours[i], names, `${path}.${i}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return JSON.stringify(recorded) === JSON.stringify(ours)
    ? undefined
    : `${path}: ${JSON.stringify(recorded)} was recorded, not ${JSON.stringify(ours)}`
}

const uuidPattern = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

function textDifference(recorded: string, ours: string, names: Names, path: string): string | undefined {
  // What an id of something new looks like is not compared: it is learned.
  if (/(_|\.)id\.value$/.test(path) && names.get(recorded) === undefined && ours !== recorded) {
    if (/-(S|O)?\d+$|-/.test(recorded)) {
      names.learn(recorded, ours)
      return undefined
    }
  }
  const translated = names.translate(recorded)
  // Places in the agent's folder, and containers, are chance, and whether a signal finds a shell that has not started.
  const plain = (text: string): string =>
    text
      .replace(uuidPattern, '<uuid>')
      .replace(/(with signal) (Killed|Terminated)/, '$1')
      .replace(/'[^' ]*\/slaves\/[^' ]*'/, "'<sandbox>'")
  return plain(translated) === plain(ours)
    ? undefined
    : `${path}: "${translated}" was recorded, not "${ours}"`
}

export const resourcesText = (list: readonly WireResource[]): string =>
  list
    .map(
      (resource) =>
        `${toText(parseResources([resource]), resource.allocation_info?.role)}${resource.role ?? ''}`,
    )
    .sort()
    .join('; ')

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
