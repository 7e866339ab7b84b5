// The subscribe stream: records in the format of RecordIO, a length in decimal digits, a line feed, and as many bytes.
// Each record is a chunk of its own. Tests can make it fall silent, break off or lie.

import type { ServerResponse } from 'node:http'
import type { EventSink } from './framework.ts'
import type { WireEvent } from './wire.ts'

/** What becomes of an event on its way out: other events in its place, one and the same, or none. */
export type Tamper = (event: WireEvent) => readonly WireEvent[]

/** Characters. */
const piece = 1024 * 1024

export class RecordStream implements EventSink {
  readonly #response: ServerResponse
  readonly #tamper: () => Tamper | undefined
  #isStalled = false
  #chunks = ''
  readonly #held: string[] = []

  constructor(response: ServerResponse, tamper: () => Tamper | undefined) {
    this.#response = response
    this.#tamper = tamper
  }

  send(event: WireEvent): void {
    const tamper = this.#tamper()
    if (tamper === undefined) this.#write(JSON.stringify(event))
    else for (const each of tamper(event)) this.#write(JSON.stringify(each))
  }

  /** As it is, whatever it says. */
  sendRaw(event: WireEvent): void {
    this.#write(JSON.stringify(event))
  }

  close(): void {
    this.#flush()
    this.#response.end()
  }

  /** The socket is cut without a last chunk. */
  cut(): void {
    this.#response.destroy()
  }

  /** Sends the beginning of a record and cuts. */
  cutWithin(event: WireEvent): void {
    this.#flush()
    const text = JSON.stringify(event)
    const record = `${Buffer.byteLength(text)}\n${text}`
    this.#response.write(record.slice(0, Math.ceil(record.length / 2)), () => this.cut())
  }

  /** Nothing comes any more, heartbeats neither, and the connection stays open. */
  stall(): void {
    this.#isStalled = true
  }

  /** What was held back comes now. */
  flow(): void {
    this.#isStalled = false
    for (const text of this.#held.splice(0)) this.#write(text)
  }

  #write(text: string): void {
    if (this.#isStalled) {
      this.#held.push(text)
      return
    }
    // Records of one turn leave in one piece, each in its chunk.
    if (this.#chunks === '') process.nextTick(() => this.#flush())
    const bytes = Buffer.byteLength(text)
    const length = String(bytes)
    this.#chunks += `${(length.length + 1 + bytes).toString(16)}\r\n${length}\n${text}\r\n`
    if (this.#chunks.length > piece) this.#flush()
  }

  /** Past Node's own chunks: three writes for each record are most of what it costs. */
  #flush(): void {
    const chunks = this.#chunks
    this.#chunks = ''
    if (chunks !== '') this.#response.socket?.write(chunks)
  }
}
