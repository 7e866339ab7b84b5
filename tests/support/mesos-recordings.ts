// The recorded traffic of a real Mesos (tests/fixtures/mesos), one record per line, in the order in which it went over
// the wire.

import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../fixtures/mesos/', import.meta.url)

export interface RecordedLine {
  /** File and line, for the names of tests. */
  readonly where: string
  readonly dir: 'send' | 'reply' | 'event' | 'stream-open' | 'stream-end' | 'note'
  /** Which stream, where a recording has several; requests on no stream have none. */
  readonly stream?: string
  readonly method?: string
  readonly path?: string
  readonly status?: number
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** Of an event its length, as the record said. */
  readonly recordio_len?: number
  /** Parsed if it was JSON. */
  readonly body?: unknown
  /** The body as it stands in the line. */
  readonly bodyText: string
}

/** A request with what came back; without an answer when the recording ends first. */
export interface RecordedCall {
  readonly where: string
  readonly method: string
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: unknown
  readonly answer?: { readonly status: number; readonly body: unknown }
}

/** Names of recordings, without their suffix. */
export const recordings: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.slice(0, -'.jsonl'.length))
  .sort()

const marker = '"body":'

export function readRecording(name: string): readonly RecordedLine[] {
  const lines = readFileSync(new URL(`${name}.jsonl`, folder), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map((line, i) => {
    const at = line.indexOf(marker)
    const bodyText = at === -1 ? '' : line.slice(at + marker.length, -1).trim()
    return { ...JSON.parse(line), where: `${name}:${i + 1}`, bodyText }
  })
}

/** Records of streams that were opened by a call to this path. */
export function eventsOf(lines: readonly RecordedLine[], path: string): readonly RecordedLine[] {
  const paths = new Map<string, string>()
  const events: RecordedLine[] = []
  for (const line of lines) {
    if (line.stream === undefined) continue
    if (line.dir === 'send') paths.set(line.stream, line.path ?? '')
    if (line.dir === 'event' && paths.get(line.stream) === path) events.push(line)
  }
  return events
}

/** Requests and their answers; the answer to one that opens a stream is the stream. */
export function callsOf(lines: readonly RecordedLine[]): readonly RecordedCall[] {
  return lines.flatMap(({ where, dir, method = '', path = '', headers = [], body, stream }, i) => {
    if (dir !== 'send') return []
    const reply = lines
      .slice(i + 1)
      .find((line) => (line.dir === 'reply' || line.dir === 'stream-open') && line.stream === stream)
    const call = { where, method, path, headers, body }
    return [
      reply?.status === undefined ? call : { ...call, answer: { status: reply.status, body: reply.body } },
    ]
  })
}
