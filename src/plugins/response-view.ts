// The answer as plugins write it (events-metrics-flags 5.2). What cannot be sent throws where it is set, so that the
// mistake shows in the plugin's own stack. A plugin that sets no status has not answered: 401, as in the original.

import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { PluginAnswer } from '../ports/plugins.ts'

export interface ResponseView {
  /** Adds a header; a name may be given more than once. */
  header(name: string, value: string): void
  status(code: number): void
  /** Temporary (307). */
  sendRedirect(url: string): void
  /** `maxAge` in seconds. */
  cookie(name: string, value: string, maxAge: number, secure: boolean): void
  /** A text is sent as UTF-8. */
  body(mediaType: string, content: Uint8Array | string): void
}

export interface DraftAnswer {
  readonly view: ResponseView
  /** What has been set by now. */
  finish(): PluginAnswer
}

/** Rest-api 8. */
const unanswered = 401

/** The server sees to these by itself (RFC 9110 section 7.6.1). */
const ofTheConnection: readonly string[] = [
  'connection',
  'content-length',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

export function draftAnswer(): DraftAnswer {
  let status = unanswered
  let body: PluginAnswer['body']
  const headers: [string, string][] = []
  const header = (name: string, value: string): void => {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    if (ofTheConnection.includes(name.toLowerCase())) {
      throw new Error(`the header '${name}' belongs to the connection, which is the server's own`)
    }
    headers.push([name, String(value)])
  }
  const view: ResponseView = {
    header,
    status(code) {
      if (!Number.isInteger(code) || code < 200 || code > 599) {
        throw new RangeError(`the status is ${code}, expected a whole number from 200 to 599`)
      }
      status = code
    },
    sendRedirect(url) {
      header('location', url)
      status = 307
    },
    cookie(name, value, maxAge, secure) {
      header('set-cookie', cookieText(name, value, maxAge, secure))
    },
    body(mediaType, content) {
      validateHeaderValue('content-type', mediaType)
      if (typeof content !== 'string' && !(content instanceof Uint8Array)) {
        throw new TypeError(`the body is of type ${typeof content}, expected bytes or a text`)
      }
      body = {
        mediaType,
        bytes: typeof content === 'string' ? Buffer.from(content) : Uint8Array.from(content),
      }
    },
  }
  return {
    view: Object.freeze(view),
    finish: () => ({ status, headers: [...headers], ...(body === undefined ? {} : { body }) }),
  }
}

/** RFC 6265 section 4.1.1. */
function cookieText(name: string, value: string, maxAge: number, secure: boolean): string {
  validateHeaderName(name)
  if (!/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(value)) {
    throw new TypeError(
      `the value of the cookie '${name}' has characters that cookies cannot have; encode it`,
    )
  }
  if (!Number.isInteger(maxAge)) {
    throw new TypeError(`the age of the cookie '${name}' is ${maxAge}, expected whole seconds`)
  }
  return `${name}=${value}; Max-Age=${maxAge}${secure ? '; Secure' : ''}`
}
