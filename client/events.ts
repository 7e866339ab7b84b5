// Reads the event stream (text/event-stream, WHATWG HTML 9.2; framing of the API: events-metrics-flags 1.2).
// The reader is fed chunks of text cut anywhere and gives whole frames; heartbeats and comments vanish in it. Who
// remembers the last id goes on after it, on this connection or the next.

export interface EventFrame {
  /** The event type; `message` when the frame names none. */
  readonly type: string
  /** The data lines joined with line feeds; JSON in our case. */
  readonly data: string
  /** Its number, by which to go on after it; absent where events have none. */
  readonly id?: string
}

export interface EventsFrom {
  /** The last event that is known: all that follow are wanted. */
  readonly after?: string | undefined
  /** Hears of every id, as in `eventReader`. */
  readonly onId?: ((id: string) => void) | undefined
}

/**
 * A parser for one stream. A chunk may end inside a line, and inside a CRLF. `onId` hears of every id when what comes
 * with it is complete, also of one alone: it says that nothing for this client lies before.
 */
export function eventReader(onId?: (id: string) => void): (chunk: string) => EventFrame[] {
  let rest = ''
  let type = ''
  let data: string[] = []
  let id: string | undefined
  const finish = (out: EventFrame[]): void => {
    if (id !== undefined) onId?.(id)
    if (data.length > 0) {
      const frame = { type: type === '' ? 'message' : type, data: data.join('\n') }
      out.push(id === undefined ? frame : { ...frame, id })
    }
    type = ''
    data = []
    id = undefined
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
      else if (field === 'id') id = value
    }
    return frames
  }
}

/** The frames of a response body until the server ends it. Errors of the transport pass through. */
export async function* readEvents(
  body: AsyncIterable<Uint8Array>,
  onId?: (id: string) => void,
): AsyncGenerator<EventFrame> {
  const decoder = new TextDecoder()
  const read = eventReader(onId)
  for await (const bytes of body) yield* read(decoder.decode(bytes, { stream: true }))
}

export interface Following {
  /** A stream of events that follow this one; without, of those from now on. Throws when there is none to be had. */
  readonly open: (from: EventsFrom) => Promise<AsyncIterable<EventFrame>>
  /** The last event that is known. */
  readonly after?: string | undefined
  /**
   * A stream has ended, or could not be had, for the so-manieth time in a row without an event. Waits, or throws, and
   * then that is the end.
   */
  readonly retry: (failure: { readonly times: number; readonly error?: unknown }) => Promise<void>
}

/**
 * Events over as many connections as it takes, each one once and in order: a new connection goes on after the last
 * event of the one before. Ends like a single stream where events have no ids, as with the original, and throws what
 * keeps the first connection from coming about.
 */
export async function* followEvents({ open, after, retry }: Following): AsyncGenerator<EventFrame> {
  let last = after
  let times = 0
  let hasBegun = false
  for (;;) {
    let error: unknown
    try {
      const stream = await open({ after: last, onId: (id) => (last = id) })
      hasBegun = true
      for await (const frame of stream) {
        times = 0
        yield frame
      }
    } catch (cause) {
      if (last === undefined || !hasBegun) throw cause
      error = cause
    }
    if (last === undefined) return
    times++
    await retry(error === undefined ? { times } : { times, error })
  }
}
