// Every queue, list and loop that can grow has its limit here, with a name. The number is the bound, the
// comment says what happens at it.

export const limits = {
  /** Events waiting for the core. Above it API writes get 503 and statuses stay unacknowledged, to be resent. */
  mailboxEvents: 65_536,
  /** Events the core absorbs in one slice before it commits and yields. */
  eventsPerSlice: 4_096,
  /**
   * Events a slice has at least, if they are there, however long steps take: what a step costs besides its events would
   * otherwise be paid for ever fewer of them, until the mailbox overflows.
   */
  eventsPerSliceLeast: 1_024,
  /** Instances in all. A change that asks for more is refused: it would fill the memory of every server that tries. */
  instances: 2_000_000,
  /** Instances one decision creates or stops before the rest waits for the next step. */
  instancesPerDecision: 5_000,
  /** Rounds of decisions in one step. More are decisions that undo each other: the step fails. */
  roundsPerStep: 1_000,
  /** Pairs of a waiting run spec and an offer one turn of placement tries; the rest waits for the next slice. */
  pairsPerTurn: 500_000,
  /**
   * Launches one turn of placement makes; the rest waits for the next slice. No more than the fewest events of a
   * slice: each comes back as statuses, and what is launched faster than they are absorbed overflows the mailbox.
   */
  launchesPerTurn: 1_000,
  /** Run specs, and groups, in one record of what a version of the root replaced; a larger change has several. */
  rootChangesPerRecord: 1_000,
  /** Offers the core holds at one time; above it the oldest is declined. */
  heldOffers: 20_000,
  /** Offers answered or taken back that are known again when they are told of twice; the oldest are forgotten. */
  voidOffers: 20_000,
  /** Characters of an app's id: a task id made of it has 65 more at most, and Mesos takes 255. */
  serviceIdChars: 190,
  /** Seconds, with fractions, that a pod may name for its back-off or the end of a container: as many as apps may. */
  podSeconds: 2 ** 31 - 1,
  /** Bytes of a request body: a group of 20,000 apps, each with 1,600 bytes. */
  requestBodyBytes: 32 * 1024 * 1024,
  /** Unknown fields of a body that are named in the answer; of the others it has the number. */
  fieldWarnings: 16,
  /** Apps that are named as using the same volume as another; of the others the refusal has the number. */
  conflictsNamed: 16,
  /** Characters of one warning in a header; a longer one is cut. */
  fieldWarningChars: 256,
  /** Milliseconds between two looks at how much of a body has come. */
  bodyPeriodMs: 30_000,
  /** Bytes of a body that come in such a period at least, unless it is over; a slower request is ended. */
  bodyBytesPerPeriod: 32 * 1024,
  /** Milliseconds the head of a request may take. */
  requestHeadMs: 60_000,
  /** Characters of a request's id that is taken from the client; instead of a longer one we make our own. */
  requestIdChars: 128,
  /** Nesting of a JSON body. */
  jsonDepth: 64,
  /** Characters of one record of the event log; with more the next one is begun. */
  eventLogSegmentChars: 32 * 1024,
  /** Such records a full log has at least: it is cut by one of them at a time. */
  eventLogSegmentsLeast: 16,
  /** Such records sent again in one go to clients that come back; then other work gets its turn. */
  replayedPartsPerTurn: 16,
  /** Explanations that wait to be worked out; further ones are refused. */
  waitingExplanations: 256,
  /** Event streams open at one time. */
  eventStreams: 2_048,
  /** URLs that get events posted, those of --http_endpoints among them; a further one is refused. */
  eventSubscriptions: 256,
  /** Characters of such a URL; a longer one is refused. */
  callbackUrlChars: 1_024,
  /** Events that wait for one receiver of posted events; above it the oldest are dropped. */
  callbackQueueEvents: 16_384,
  /** Characters of these events; above it the oldest are dropped. The text of one event is shared by all receivers. */
  callbackQueueChars: 32 * 1024 * 1024,
  /** Milliseconds a receiver that fails is left alone at most; the original doubled them without end. */
  callbackBackOffMs: 300_000,
  /** Bytes read of an answer that says nothing to us, so that its connection can be used again. */
  droppedAnswerBytes: 64 * 1024,
  /** Milliseconds the timers of Node can wait, 24 days: what is to wait longer would not wait at all. */
  longestTimerMs: 2 ** 31 - 1,
  /** Times its timeout that a question to a task may take in all, however little is never quite silence. */
  probeTimeouts: 4,
  /** Characters of a health check's path; one with more fails without being asked. */
  probePathChars: 4_096,
  /** Bytes of the head of a task's answer; with more the question has failed. */
  probeHeadBytes: 16 * 1024,
  /** Interim answers (1xx) before an answer; with as many the last one is the answer. */
  probeInterimAnswers: 64,
  /** Characters kept of a text in such an answer's head, or of an error. */
  probeTextChars: 256,
  /** Milliseconds a body that nobody wants may take to come; then, or after `droppedAnswerBytes`, it is cut off. */
  probeDropMs: 1_000,
  /** Milliseconds a question may be late before its probe keeps the later time as its own. */
  probeLateMs: 50,
  /** Answers of tasks handed to the core at one time. */
  probeResultsPerBatch: 512,
  /** Milliseconds answers wait for others to come. */
  probeBatchMs: 20,
  /** Probes handed to the thread that asks at one time; the others follow in later turns. */
  probesPerMessage: 500,
  /** Milliseconds until the thread that asks is started again after it died. */
  probeRestartMs: 1_000,
  /** MiB of heap of this thread; beyond it dies, and is started again. */
  probeHeapMib: 256,
  /** Names of hosts whose addresses are remembered; above it the one found longest ago is asked for again. */
  probeNames: 10_000,
  /** Milliseconds the addresses of a name are remembered, and that it has none. */
  probeNameFoundMs: 30_000,
  probeNameMissingMs: 10_000,
  /** Milliseconds posts under way may take when the server stops. */
  callbackStopMs: 1_000,
  /** Bytes of one artifact in the artifact store; a longer one is refused and nothing of it kept. */
  artifactBytes: 4 * 1024 ** 3,
  /** Bytes of an artifact's path within the store; a longer one is refused. */
  artifactPathBytes: 1_024,
  /** Bytes of one part of such a path, as file systems have it. */
  artifactNameBytes: 255,
  /** Artifacts being uploaded at one time; further ones are answered 503. */
  artifactUploads: 32,
  /** Parts of an upload form; more are refused. All but the one called `file` are read and dropped. */
  artifactFormParts: 64,
  /** Milliseconds a plugin may keep the thread of the scheduler in one call; then the call is ended and has failed. */
  pluginTurnMs: 1_000,
  /** Milliseconds a plugin may take to answer a request; after them the server does. */
  pluginAnswerMs: 10_000,
  /** Milliseconds a plugin may take to be initialised; longer, and the server does not start. */
  pluginStartMs: 30_000,
  /** Canary steps of one app or pod; a definition with more is refused. */
  canarySteps: 16,
  /** Bytes kept of what a readiness check was last answered, where its app asks for that. */
  readinessBodyBytes: 16 * 1024,
  /** Files one app may have brought into the artifact store (`storeUrls`). */
  storeUrls: 100,
  /** Such files brought at one time; the rest waits. */
  artifactDownloads: 4,
  /** Milliseconds a server of such a file may send nothing; after it the file cannot be had. */
  artifactIdleMs: 60_000,
  /** Redirects followed to such a file; one more is taken as its answer. */
  artifactRedirects: 10,
  /** Characters kept of the name such a file has at its source. */
  storedNameChars: 200,
  /** Log followers open at one time. */
  logStreams: 512,
  /** Bytes one log read returns. */
  logReadBytes: 1024 * 1024,
  /** Framework ids remembered that we had before, to know what is reserved under them. */
  formerFrameworks: 256,
  /** Tasks that ended lately whose agent is remembered, for those who read their output. */
  endedTasksRemembered: 10_000,
  /** Milliseconds an operator API may take to answer. */
  operatorCallMs: 10_000,
  /** Bytes of a list that are written in one go before other work gets its turn. */
  listSliceBytes: 256 * 1024,
  /** Apps and instances in one page of a kept list: a page is made anew when one of them changes. */
  listPageWeight: 128,
  /** Pages of a list made in one go; where more are missing other work gets its turn after each of them. */
  listPagesPerTurn: 8,
  /** Bytes of all lists kept, compressed and not. Above it the one asked for longest ago is made anew when needed. */
  keptListBytes: 64 * 1024 * 1024,
  /** Instances of an app above which its JSON is made in pieces, and not kept. */
  instancesInOnePiece: 1_000,
  /** Bytes of a whole answer above which no entity tag is made from them. */
  taggedByContentBytes: 256 * 1024,
  /** TCP connections open at one time; further ones are refused by the server. */
  httpConnections: 8_192,
  /** Requests of one connection that wait for their answers; with one more the connection is ended. */
  pipelinedRequests: 128,
  /** Bytes of a request line's path. */
  pathBytes: 4_096,
  /** Values a timer remembers for its quantiles. */
  reservoirValues: 1_028,
  /**
   * Changes of what people see that are remembered, so that kept answers are brought up to date; beyond it all of an
   * answer is looked at again.
   */
  changesRemembered: 16_384,
  /** Compiled LIKE and UNLIKE patterns kept; above it the oldest is compiled again when needed. */
  compiledPatterns: 1_024,
  /** Texts of which it is remembered what the patterns said; above it all are forgotten. */
  patternVerdicts: 262_144,
  /** Configurations per run spec whose placed instances are counted; above it the oldest is counted anew. */
  placedIndexesPerRunSpec: 4,
  /** Agents whose last refused offer is remembered per run spec; above it the one refused longest ago is forgotten. */
  refusedAgentsPerRunSpec: 5_000,
  /** The same over all run specs, at 33 bytes each: beyond it a run spec forgets one of its own for each new one. */
  refusalsRemembered: 2_000_000,
  /** Waiting reasons remembered per run spec for /v2/queue. */
  unusedOffersPerRunSpec: 10,
  /** Characters kept of a status' message; the rest is cut off (runtime 1). */
  statusMessageChars: 10_000,
  /** Characters kept of what the engine said of a failed launch, as evidence of its delay; the rest is in the log. */
  failureMessageChars: 200,
  /** Offers looked at to explain why nothing is launched; of more, evenly chosen ones stand for all. */
  explainedOffers: 5_000,
  /** Constraints and ports of a definition that leave it at that; with twice as many half the offers are looked at. */
  explainedRules: 16,
  /** Changes that are tried on all of these offers, the mildest first, to find some that help. */
  explainedTries: 24,
  /** Agents named one by one in such an explanation, those that miss least; of the others it has numbers. */
  explainedAgents: 5,
  /** What-ifs of such an explanation, those that help most. */
  explainedChanges: 6,
  /** Instances named for each cause in an explanation; of the others it has the number. */
  explainedInstances: 3,
  /** Values of an attribute and actions of a deployment named in an explanation; of the others it has the number. */
  explainedNames: 8,
  /** Characters of a regular expression in a constraint; a longer one is refused. */
  constraintPatternChars: 1_024,
  /**
   * Steps of such an expression, roughly counted, that is told to a Mesos master, which by default takes programs of
   * 100. A larger one is left to our own matching.
   */
  toldPatternSize: 80,
  /** Groups of offer constraints told for one role; with more it gets every offer. */
  toldConstraintGroups: 200,
  /** Conditions told in one group; the others are left to our own matching. */
  toldConstraintsPerGroup: 500,
  /** Milliseconds until the master asks again about an agent that it would like to have back. */
  inverseOfferRefusalMs: 30_000,
  /** Milliseconds each reconciliation asks for offers to see whether anything is kept in our name for nobody. */
  leftoversSoughtMs: 15_000,
  /** Milliseconds a role is stayed in to look for what may be kept there for nobody: a week. */
  leftBehindSoughtMs: 604_800_000,
  /** How often the time that a reservation is waited for doubles, as long as none of its app is seen in time. */
  reservationTimeoutDoublings: 3,
  /** How often an agent is asked for the same reservation before others have their turn on its offers. */
  takeBacksAtOnce: 3,
  /** Milliseconds until it is asked again. */
  takeBackAgainMs: 60_000,
  /** Reservations known to have been asked for; the oldest are forgotten. */
  takeBacksRemembered: 1_000,
  /** Tasks one call of an explicit reconciliation names; more are asked about in several. */
  tasksPerReconcile: 5_000,
  /** States such an expression may have, repeats written out; one with more is refused. */
  patternStates: 4_096,
  /**
   * Events above `mailboxEvents` taken all the same because nobody repeats them (offers, a lost engine). Above it:
   * crash.
   */
  mailboxReserve: 65_536,
  /**
   * Milliseconds between two moments at which an app shows that its checks succeeded again, which nothing follows from:
   * at each the lists it is in are made anew.
   */
  healthShownEveryMs: 30_000,
  /** Characters kept of why a health check failed; services may answer with anything. */
  healthCauseChars: 256,
  /** Apps that turn bad together before unhealthy instances are let live: fewer may have reasons of their own. */
  healthBreakerApps: 3,
  /** The share of instances, and of apps, that is bad then; of an app, the share of its instances. */
  healthBreakerShare: 0.5,
  /** The share of instances that may still be bad when unhealthy ones are killed again. */
  healthBreakerEndShare: 0.25,
  /** Milliseconds within which they turn bad: two of the default interval, so that each was asked. */
  healthBreakerWindowMs: 120_000,
  /** As many intervals of those that are asked more seldom. */
  healthBreakerIntervals: 2,
  /** Milliseconds one step may take; the next slice is cut shorter when one took longer. */
  stepMs: 25,
  /** Writes decided while a commit is in flight. Above it the core pauses until the store has caught up. */
  writesAhead: 5_000,
  /** Bytes of a key in the store (LMDB's limit with 4 KiB pages). A longer key cannot be written. */
  storeKeyBytes: 1_978,
  /** Address space the store's file may fill; only what is used takes room. At it the disk counts as full. */
  storeMapBytes: 64 * 1024 ** 3,
  /** Milliseconds from the answer to `DELETE /v2/leader` to the end of the process (rest-api 8). */
  abdicationMs: 500,
  /** Milliseconds an orderly shutdown may take before the process halts with the same code. */
  haltMs: 10_000,
} as const
