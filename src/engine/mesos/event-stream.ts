// The HTTP side of a subscription: one POST that is answered without end. Everything about it is told by callbacks, in
// order and each at most once but `data`; after `close` nothing is told any more.

import { mesosLimits } from './limits.ts'

export interface StreamRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface StreamAnswer {
  readonly status: number
  /** Lower case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
}

export interface StreamListener {
  /** The master answers 200 and goes on. */
  opened(answer: StreamAnswer): void
  data(chunk: Uint8Array): void
  /** It answers something else, with this text. Nothing follows. */
  refused(answer: StreamAnswer, text: string): void
  /** The connection could not be made, or broke, or the stream came to its end. Nothing follows. */
  ended(error: Error | undefined): void
}

/** Begins at once. @returns what ends it */
export type OpenStream = (request: StreamRequest, listener: StreamListener) => { close(): void }

/** Certificates of masters are checked as Node does, whose `NODE_EXTRA_CA_CERTS` names further authorities. */
export const openStream: OpenStream = ({ url, headers, body }, listener) => {
  let isOver = false
  let destroy = (): void => undefined
  const finish = (tell: () => void): void => {
    if (isOver) return
    isOver = true
    destroy()
    tell()
  }
  void (async () => {
    // The default export: bundled, a CommonJS library has no others.
    const { Client } = (await import('undici')).default
    if (isOver) return
    const client = new Client(url.origin, {
      connect: { timeout: mesosLimits.connectMs },
      headersTimeout: mesosLimits.subscribeAnswerMs,
      // How long the master may be silent is the business of the heartbeats.
      bodyTimeout: 0,
    })
    destroy = () => void client.destroy().catch(() => undefined)
    let answer: StreamAnswer | undefined
    let text = ''
    client.dispatch(
      { path: url.pathname, method: 'POST', headers, body },
      {
        onRequestStart() {},
        onResponseStart(_controller, status, raw) {
          if (isOver || status < 200) return
          answer = { status, headers: single(raw) }
          if (status === 200) listener.opened(answer)
        },
        onResponseData(_controller, chunk) {
          if (isOver) return
          if (answer?.status === 200) ours(() => listener.data(chunk))
          else if (text.length < mesosLimits.refusalBytes) text += chunk.toString('utf8')
          // What is longer is no word of a master's.
          else finish(() => listener.refused(answer!, text))
        },
        onResponseEnd() {
          const refusal = answer
          if (refusal === undefined || refusal.status === 200) finish(() => listener.ended(undefined))
          else finish(() => listener.refused(refusal, text.slice(0, mesosLimits.refusalBytes)))
        },
        onResponseError(_controller, error) {
          finish(() => listener.ended(error))
        },
      },
    )
  })().catch((error: unknown) => finish(() => listener.ended(error as Error)))
  return { close: () => finish(() => undefined) }
}

/** The library would take an error of ours for one of the connection. */
function ours(act: () => void): void {
  try {
    act()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

function single(headers: Readonly<Record<string, string | string[] | undefined>>): StreamAnswer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  )
}
