// Reads the event stream (text/event-stream, WHATWG HTML 9.2; framing of the API: events-metrics-flags 1.2).
// The reader is fed chunks of text cut anywhere and gives whole frames; heartbeats and comments vanish in it.

export interface EventFrame {
  /** The event type; `message` when the frame names none. */
  readonly type: string
  /** The data lines joined with line feeds; JSON in our case. */
  readonly data: string
}

/** A parser for one stream. A chunk may end inside a line, and inside a CRLF. */
export function eventReader(): (chunk: string) => EventFrame[] {
  let rest = ''
  let type = ''
  let data: string[] = []
  const finish = (out: EventFrame[]): void => {
    if (data.length > 0) out.push({ type: type === '' ? 'message' : type, data: data.join('\n') })
    type = ''
    data = []
  }
  return (chunk) => {
    const frames: EventFrame[] = []
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        finish(frames)
        continue
      }
      const colon = line.indexOf(':')
      const field = colon === -1 ? line : line.slice(0, colon)
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'event') type = value
      else if (field === 'data') data.push(value)
    }
    return frames
  }
}

/** The frames of a response body until the server ends it. Errors of the transport pass through. */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<EventFrame> {
  const decoder = new TextDecoder()
  const read = eventReader()
  for await (const bytes of body) yield* read(decoder.decode(bytes, { stream: true }))
}
