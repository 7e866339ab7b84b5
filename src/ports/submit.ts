// The way into the core for those who serve users: ask for something, listen to what happens, read what is.

import type { LoggedEvents } from '../core/event-log/segment.ts'
import type { Notice } from '../core/notices/notice.ts'
import type { Outcome, Request } from '../core/requests.ts'
import type { View } from '../core/view.ts'

export interface Submit {
  /**
   * Resolves when the outcome is decided and everything it relies on is durable. Rejects with a NotTakenError when the
   * request did not reach the core: nothing was changed and it may be sent again.
   */
  submit(request: Request): Promise<Outcome>
  /** Calls the listener with the notices of each durable batch, in order. Returns how to stop listening. */
  subscribe(listener: NoticeListener): () => void
  /** The state as the core has it; may be one commit ahead of the disk. */
  readonly view: View
}

/** `logged`: the same notices as the event log has them, where one is kept. */
export type NoticeListener = (notices: readonly Notice[], logged?: LoggedEvents) => void

/** `overloaded`: too much is waiting. `stopping`: the server is on its way out. Both are 503 over HTTP. */
export type NotTakenReason = 'overloaded' | 'stopping'

export class NotTakenError extends Error {
  override readonly name = 'NotTakenError'
  readonly reason: NotTakenReason
  constructor(reason: NotTakenReason, message: string) {
    super(message)
    this.reason = reason
  }
}
