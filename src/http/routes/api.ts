// What every route file gets: the dependencies, the hub of event streams, the lists that are kept, the turns of those
// who want explanations, and the moment the server stops.

import type { HttpDeps } from '../deps.ts'
import type { KeptLists } from '../kept-lists.ts'
import type { EventHub } from '../sse.ts'
import type { Turns } from '../turns.ts'

export interface Api extends HttpDeps {
  readonly hub: EventHub
  readonly lists: KeptLists
  /** Whose turn it is to have something explained. */
  readonly explaining: Turns
  /** Aborted when the server stops, so that endless answers end. */
  readonly stopping: AbortSignal
}
