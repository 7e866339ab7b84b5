// Limits of the connection to a Mesos master. The number is the bound, the comment says what happens at it.

const mib = 1024 * 1024

export const mesosLimits = {
  /** Bytes of one record of the event stream: 10,000 agents offered at once are 20 MB. With more the stream is left. */
  recordBytes: 256 * mib,
  /** Digits of a record's length, as many as 64 bits have; with more what comes is no RecordIO. */
  recordLengthDigits: 20,
  /** Redirects followed in one attempt to subscribe; with one more the attempt has failed. */
  redirects: 5,
  /** Milliseconds until a master takes a connection. */
  connectMs: 10_000,
  /** Milliseconds until a master begins to answer a subscription. */
  subscribeAnswerMs: 30_000,
  /** Milliseconds a master may take for its whole answer, unless that is the stream; then it does not answer. */
  attemptMs: 60_000,
  /** Bytes read of the text of an answer that is no stream; the rest is dropped. */
  refusalBytes: 4 * 1024,
  /** Milliseconds until the next of several masters is asked, when one does not lead. */
  nextCandidateMs: 50,
  /** Milliseconds until they are asked again from the first one on; doubled with each further time. */
  resubscribeLeastMs: 250,
  /** Milliseconds these delays grow to: how late a new leader is noticed, where ZooKeeper does not tell of it. */
  resubscribeMostMs: 10_000,
  /** Milliseconds a subscription must have held for the next loss to count as the first. */
  steadyMs: 30_000,
  /** Milliseconds of the same complaint before it is logged again. */
  complaintMs: 60_000,
  /** Milliseconds between two looks at who leads, while ZooKeeper tells of changes by itself. */
  leaderLookMs: 30_000,
  /** Milliseconds between two such looks while nobody leads, or the look failed. */
  leaderPollMs: 1_000,
  /** Milliseconds of the session in which the leader is looked for, as masters and agents have it. */
  leaderSessionMs: 10_000,
  /** Milliseconds an operation in it may take. */
  leaderOperationMs: 10_000,
  /** Calls sent whose answers have not come; the others wait. */
  callsInFlight: 1_000,
  /** Bytes of calls the socket holds because the master reads slowly; the others wait. */
  unsentCallBytes: mib,
  /** Calls that wait to be sent. With one more the master counts as gone: it takes none. */
  waitingCalls: 200_000,
  /** Characters of these calls, likewise. */
  waitingCallChars: 256 * mib,
  /** Milliseconds a call may go without its answer; then the master counts as gone. */
  callAnswerMs: 60_000,
  /** Times in a row the calls' connection may break without one answer in between; then the master counts as gone. */
  callReconnects: 3,
  /** Milliseconds that calls under way have when the server stops. */
  lastCallsMs: 2_000,
  /** Milliseconds for which an offer that cannot be read is declined. */
  flawedOfferMs: 3_600_000,
  /** Milliseconds for which what the master said of its agents is not asked for again: with 10,000 it is 10 MB. */
  agentsLookMs: 5_000,
  /** Bytes of the answer to a call of an operator API. With more it is refused. */
  operatorAnswerBytes: 128 * mib,
  /** Bytes of the head of an answer, and of its body. With more it is no answer of a master. */
  answerHeadBytes: 64 * 1024,
  answerBodyBytes: mib,
} as const
