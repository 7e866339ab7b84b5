// A notice: something that happened, for whoever listens (event stream, callbacks, metrics). The payload is the
// event's JSON body, fields in the order of events-metrics-flags 1 and examples 8.

export interface Notice {
  /** The eventType. */
  readonly type: string
  readonly body: Readonly<Record<string, unknown>>
}
