// Every queue, list and loop that can grow has its limit here, with a name. The number is the bound, the
// comment says what happens at it.

export const limits = {
  /** Events waiting for the core. Above it API writes get 503 and statuses stay unacknowledged, to be resent. */
  mailboxEvents: 65_536,
  /** Events the core absorbs in one slice before it commits and yields. */
  eventsPerSlice: 4_096,
  /** Instances one decision creates or stops before the rest waits for the next round. */
  instancesPerDecision: 5_000,
  /** Rounds of absorb → decide → apply in one step before the rest of the dirty keys waits for the next slice. */
  roundsPerStep: 1_000,
  /** Waiting run specs one offer is tried against in one turn; the next turn goes on where this one stopped. */
  runSpecsPerOffer: 512,
  /** Versions kept per app, besides those still in use (the original's --zk_max_versions). */
  versionsPerApp: 50,
  /** Offers the core holds at one time; above it the oldest is declined. */
  heldOffers: 20_000,
  /** Bytes of a request body. */
  requestBodyBytes: 16 * 1024 * 1024,
  /** Nesting of a JSON body. */
  jsonDepth: 64,
  /** Event streams open at one time. */
  eventStreams: 2_048,
  /** Log followers open at one time. */
  logStreams: 512,
  /** Bytes one log read returns. */
  logReadBytes: 1024 * 1024,
  /** Waiting reasons remembered per run spec for /v2/queue. */
  unusedOffersPerRunSpec: 10,
} as const
