// What every route file gets: the dependencies, the hub of event streams, the lists that are kept, and the moment the
// server stops.

import type { HttpDeps } from '../deps.ts'
import type { KeptLists } from '../kept-lists.ts'
import type { EventHub } from '../sse.ts'

export interface Api extends HttpDeps {
  readonly hub: EventHub
  readonly lists: KeptLists
  /** Aborted when the server stops, so that endless answers end. */
  readonly stopping: AbortSignal
}
