// A server's event stream, collected as it comes.

import http from 'node:http'
import type { Server } from './server.ts'

export interface SeenEvent {
  readonly name: string
  /** When it arrived, in milliseconds. */
  readonly at: number
  // biome-ignore lint/suspicious/noExplicitAny: events are looked into by the tests that know their shape.
  readonly data: any
}

export interface EventCollection {
  readonly seen: SeenEvent[]
  /** Status updates of one app, as `TASK_FAILED` and so on. */
  statusesOf(appId: string): readonly SeenEvent[]
  close(): void
}

/** Resolves once the stream is open: nothing that happens from then on is missed. */
export function collectEvents(server: Server): Promise<EventCollection> {
  const seen: SeenEvent[] = []
  return new Promise((resolve, reject) => {
    const headers = { accept: 'text/event-stream' }
    const request = http.get(new URL('/v2/events', server.url), { agent: false, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`GET /v2/events: ${response.statusCode}`))
      let rest = ''
      response.setEncoding('utf8')
      response.on('error', () => {})
      response.on('data', (chunk: string) => {
        const frames = (rest + chunk.replaceAll('\r', '')).split('\n\n')
        rest = frames.pop() ?? ''
        for (const frame of frames) {
          const name = /^event: (.*)$/m.exec(frame)?.[1]
          const data = /^data: (.*)$/m.exec(frame)?.[1]
          if (name !== undefined && data !== undefined)
            seen.push({ name, at: Date.now(), data: JSON.parse(data) })
        }
      })
      resolve({
        seen,
        statusesOf: (appId) =>
          seen.filter(({ name, data }) => name === 'status_update_event' && data.appId === appId),
        close: () => request.destroy(),
      })
    })
    // After the stream is open this rejects nothing any more: a server that ends is the test's own doing.
    request.on('error', reject)
  })
}
