// What happened in a run: a hash of all of it, which two runs of one seed share, and lines for those who read along.

import { launchedTasks } from '../src/core/mesos.ts'
import type { StoredRecord } from '../src/core/records.ts'
import type { Request } from '../src/core/requests.ts'
import type { Instant } from '../src/lib/instant.ts'
import type { Answer, Step } from './observer.ts'

export class Timeline {
  readonly #start: Instant
  readonly #log: ((line: string) => void) | undefined
  #hash = 0x811c9dc5
  #second = 0x01000193

  constructor(start: Instant, log: ((line: string) => void) | undefined) {
    this.#start = start
    this.#log = log
  }

  note(now: Instant, text: string): void {
    this.#mix(`${now} ${text}`)
    this.#log?.(`${this.#at(now)} ${text}`)
  }

  request(now: Instant, request: Request): void {
    this.#mix(`${now} ${JSON.stringify(request)}`)
    this.#log?.(`${this.#at(now)} user: ${JSON.stringify(request)}`)
  }

  answer(now: Instant, answer: Answer): void {
    this.#mix(`${now} ${answer.kind}`)
    const text = answer.kind === 'refused' ? `refused, ${answer.refusal.kind}` : answer.kind
    this.#log?.(`${this.#at(now)} told: ${text}`)
  }

  step({ now, ready }: Step): void {
    this.#mix(`${now} step`)
    for (const write of ready.writes) this.#mix(`${write.kind} ${write.table} ${write.key}`)
    for (const effect of ready.effects) {
      const text =
        effect.kind === 'accept'
          ? `accept ${effect.operations
              .flatMap(launchedTasks)
              .map(({ taskId }) => taskId)
              .join(' ')}`
          : 'taskId' in effect
            ? `${effect.kind} ${effect.taskId}`
            : effect.kind
      this.#mix(text)
      if (effect.kind !== 'acknowledge')
        this.#log?.(`${this.#at(now)} ${text}${effect.kind === 'kill' ? ` for ${effect.cause}` : ''}`)
    }
    for (const notice of ready.notices) {
      this.#mix(notice.type)
      if (notice.type.startsWith('deployment')) this.#log?.(`${this.#at(now)} ${notice.type}`)
      if (notice.type === 'instance_changed_event')
        this.#log?.(`${this.#at(now)} ${notice.body['instanceId']} is ${notice.body['condition']}`)
    }
  }

  /** Two 32-bit FNV-1a hashes over everything told, the second also over what is left on the disk. */
  hashWith(records: Iterable<StoredRecord>): string {
    const lines = Array.from(records, (record) => JSON.stringify(record)).sort()
    for (const line of lines) this.#mix(line)
    return hex(this.#hash) + hex(this.#second)
  }

  #at(now: Instant): string {
    return `+${((now - this.#start) / 1000).toFixed(3)}`
  }

  #mix(text: string): void {
    let first = this.#hash
    let second = this.#second
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      first = Math.imul(first ^ code, 16_777_619)
      second = Math.imul(second ^ (code + i), 0x5bd1e995)
    }
    this.#hash = first
    this.#second = second
  }
}

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')
