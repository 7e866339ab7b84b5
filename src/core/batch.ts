// Collects what one step wants to leave the core. Writes to the same record coalesce: only the last one of a slice
// reaches the store. Everything else keeps its order.

import type { LoggedEvents } from './event-log/segment.ts'
import type { ProbeEffect } from './health/probe.ts'
import type { Notice } from './notices/notice.ts'
import type { ArtifactEffect, Ending, EngineEffect, Ready } from './ready.ts'
import type { TableName, Tables, Write } from './records.ts'
import type { Outcome, Reply } from './requests.ts'

/** Writes notices down before they leave; gives what it wrote, if anything. */
export type NoticeLog = (notices: readonly Notice[], put: (write: Write) => void) => LoggedEvents | undefined

export class Batch {
  #writes = new Map<TableName, Map<string, Write>>()
  #effects: EngineEffect[] = []
  #downloads: ArtifactEffect[] = []
  #probes: ProbeEffect[] = []
  #notices: Notice[] = []
  #replies: Reply[] = []
  #ending: Ending | undefined

  put<T extends TableName>(table: T, key: string, value: Tables[T]): void {
    this.#table(table).set(key, { kind: 'put', table, key, value } as Write)
  }

  delete(table: TableName, key: string): void {
    this.#table(table).set(key, { kind: 'delete', table, key })
  }

  effect(effect: EngineEffect): void {
    this.#effects.push(effect)
  }

  download(effect: ArtifactEffect): void {
    this.#downloads.push(effect)
  }

  probe(effect: ProbeEffect): void {
    this.#probes.push(effect)
  }

  notice(notice: Notice): void {
    this.#notices.push(notice)
  }

  reply(requestId: number, outcome: Outcome): void {
    this.#replies.push({ requestId, outcome })
  }

  /** The process is to end when this has left. The first reason counts. */
  end(ending: Ending): void {
    this.#ending ??= ending
  }

  /** Hands everything over and starts anew. */
  take(log: NoticeLog = () => undefined): Ready {
    const logged = log(this.#notices, (write) => this.#table(write.table).set(write.key, write))
    const writes: Write[] = []
    for (const table of this.#writes.values()) for (const write of table.values()) writes.push(write)
    const ready: Ready = {
      ...(this.#ending === undefined ? {} : { ending: this.#ending }),
      writes,
      effects: this.#effects,
      downloads: this.#downloads,
      probes: this.#probes,
      notices: this.#notices,
      ...(logged === undefined ? {} : { logged }),
      replies: this.#replies,
    }
    this.#writes = new Map()
    this.#effects = []
    this.#downloads = []
    this.#probes = []
    this.#notices = []
    this.#replies = []
    this.#ending = undefined
    return ready
  }

  #table(table: TableName): Map<string, Write> {
    let writes = this.#writes.get(table)
    if (writes === undefined) {
      writes = new Map()
      this.#writes.set(table, writes)
    }
    return writes
  }
}
