// Reads the answers of a connection on which requests are sent without waiting (RFC 9112 sections 4 to 7), as far as
// the answers of a master go: a status and a short text or nothing. No answer is needed for more than its status, so
// this costs a microsecond each; a general client takes twenty.

import { mesosLimits } from '../limits.ts'

export interface Answer {
  readonly status: number
  readonly text: string
  /** Nothing more comes after it. */
  readonly closes: boolean
}

/** What came is no HTTP, or more than we take. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError'
}

const statusLine = /^HTTP\/1\.([01]) (\d{3})(?: |$|\r)/
const contentLength = /\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*(?=\r|$)/i
const transferEncoding = /\r\ntransfer-encoding:[ \t]*([^\r]*)/i
const connection = /\r\nconnection:[ \t]*([^\r]*)/i

export class AnswerReader {
  /** Bytes as characters: heads are of that kind, and texts are few. */
  #waiting = ''
  /** The last answer without a text, with its bytes: almost all are like it. */
  #usual: { readonly bytes: string; readonly answer: Answer } | undefined

  /** Whether the connection would break within an answer if it broke now. */
  get isWithinAnswer(): boolean {
    return this.#waiting !== ''
  }

  /**
   * The answers this chunk completes, in order. Interim ones (1xx) are left out.
   * @throws AnswerError
   */
  push(chunk: Buffer): Answer[] {
    this.#waiting += chunk.toString('latin1')
    const answers: Answer[] = []
    let at = 0
    for (;;) {
      const usual = this.#usual
      if (usual !== undefined && this.#waiting.startsWith(usual.bytes, at)) {
        answers.push(usual.answer)
        at += usual.bytes.length
        continue
      }
      const found = readAnswer(this.#waiting, at)
      if (found === undefined) break
      const { answer, end } = found
      if (answer.status >= 200) answers.push(answer)
      // What an answer says depends on its own bytes alone: the same ones again are the same answer.
      if (answer.status >= 200 && answer.text === '') {
        this.#usual = { bytes: this.#waiting.slice(at, end), answer }
      }
      at = end
    }
    if (at > 0) this.#waiting = this.#waiting.slice(at)
    return answers
  }
}

interface Found {
  readonly answer: Answer
  readonly end: number
}

function readAnswer(text: string, start: number): Found | undefined {
  const headEnd = text.indexOf('\r\n\r\n', start)
  if (headEnd < 0) {
    if (text.length - start > mesosLimits.answerHeadBytes) {
      throw new AnswerError(`the head of an answer has more than ${mesosLimits.answerHeadBytes} bytes`)
    }
    if (text.length - start >= 5 && !text.startsWith('HTTP/', start)) throw notHttp(text, start)
    return undefined
  }
  const head = text.slice(start, headEnd)
  const line = statusLine.exec(head)
  if (line === null) throw notHttp(text, start)
  const status = Number(line[2])
  const isKept = line[1] === '1' && !/\bclose\b/i.test(connection.exec(head)?.[1] ?? '')
  const bodyStart = headEnd + 4
  // These never have a body, whatever their head says.
  const body =
    status < 200 || status === 204 || status === 304
      ? { bytes: '', end: bodyStart }
      : readBody(text, head, bodyStart)
  if (body === undefined) return undefined
  const bytes = body.bytes === '' ? '' : Buffer.from(body.bytes, 'latin1').toString('utf8')
  return { answer: { status, text: bytes, closes: !isKept }, end: body.end }
}

interface Body {
  readonly bytes: string
  readonly end: number
}

function readBody(text: string, head: string, start: number): Body | undefined {
  const encoding = transferEncoding.exec(head)?.[1]?.trim().toLowerCase()
  if (encoding !== undefined) {
    if (encoding !== 'chunked') throw new AnswerError(`an answer has the transfer encoding ${encoding}`)
    return readChunks(text, start)
  }
  const given = contentLength.exec(head)?.[1]
  if (given === undefined) throw new AnswerError('an answer does not say how long it is')
  const length = Number(given)
  checkLength(length)
  return text.length < start + length
    ? undefined
    : { bytes: text.slice(start, start + length), end: start + length }
}

function readChunks(text: string, start: number): Body | undefined {
  let bytes = ''
  let at = start
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at)
    if (lineEnd < 0) {
      checkLength(text.length - at)
      return undefined
    }
    const size = /^[0-9a-f]{1,8}(?=[ \t;]|$)/i.exec(text.slice(at, lineEnd))?.[0]
    if (size === undefined) throw new AnswerError('an answer has a chunk without a size')
    const length = Number.parseInt(size, 16)
    checkLength(bytes.length + length)
    at = lineEnd + 2
    if (length === 0) return readTrailer(text, at, bytes)
    if (text.length < at + length + 2) return undefined
    bytes += text.slice(at, at + length)
    at += length + 2
  }
}

/** Lines that nobody reads, up to an empty one. */
function readTrailer(text: string, start: number, bytes: string): Body | undefined {
  for (let at = start; ; ) {
    const lineEnd = text.indexOf('\r\n', at)
    if (lineEnd < 0) {
      checkLength(text.length - start)
      return undefined
    }
    if (lineEnd === at) return { bytes, end: at + 2 }
    at = lineEnd + 2
  }
}

function checkLength(length: number): void {
  if (length > mesosLimits.answerBodyBytes) {
    throw new AnswerError(`an answer has more than ${mesosLimits.answerBodyBytes} bytes`)
  }
}

const notHttp = (text: string, at: number): AnswerError =>
  new AnswerError(
    `an answer begins with ${JSON.stringify(text.slice(at, at + 40))}; expected HTTP/1.1 and a status`,
  )
