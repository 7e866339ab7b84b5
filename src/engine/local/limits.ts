// Limits of the local engine. The number is the bound, the comment says what happens at it.

const mib = 1024 * 1024

export const localLimits = {
  /** MiB of memory a task gets at least, whatever it asks for: below it not even a shell starts (Mesos' MIN_MEMORY). */
  memoryMinMib: 32,
  /** Processes and threads of one task; above it fork fails inside the task. */
  pidsPerTask: 4_096,
  /** Bytes at which stdout or stderr is rotated; one rotated file is kept beside it. */
  logRotateBytes: 10 * mib,
  /** Seconds between two looks at the sizes of logs. */
  logRotateSeconds: 10,
  /** Finished sandboxes are removed when older than this (milliseconds)... */
  sandboxKeepMs: 7 * 24 * 60 * 60 * 1000,
  /** ...and, oldest first, while all of them together hold more than this (bytes). */
  sandboxKeepBytes: 1024 * mib,
  /** Entries walked to measure one sandbox; what lies beyond is not counted. */
  sandboxEntriesMeasured: 100_000,
  /** Bytes of one fetched artifact, also unpacked; above it the task fails. */
  fetchBytes: 4 * 1024 * mib,
  /** Entries of one archive; above it the task fails. */
  fetchEntries: 200_000,
  /** Milliseconds for all artifacts of a task; after it the task fails. */
  fetchTimeoutMs: 15 * 60 * 1000,
  /** Milliseconds a server may send nothing while an artifact is fetched; after it the task fails. */
  fetchIdleMs: 60_000,
  /** Redirects followed for one artifact; one more and its answer is taken as a failure. */
  fetchRedirects: 10,
  /** Artifacts fetched at one time, over all tasks; the rest waits. */
  parallelFetches: 4,
  /** Bytes of cached artifacts; above it the least recently used go. */
  fetchCacheBytes: 2 * 1024 * mib,
  /** Checks by command under way at one time, over all tasks; the rest waits for its turn. */
  parallelCommandChecks: 256,
  /** Checks by command that start at one time; many at once would keep the machine from everything else. */
  startingCommandChecks: 8,
  /** Milliseconds for which a check counts as starting, unless it has answered before. */
  checkStartMs: 100,
  /** Checks by HTTP and TCP under way at one time, over all tasks; the rest waits for its turn. */
  parallelNetworkChecks: 64,
  /** Redirects followed for one check by HTTP; one more and it has failed (curl's default, which Mesos asks with). */
  checkRedirects: 50,
  /** Statuses of one task that wait; above it what was told of its checks meanwhile is left out. */
  waitingStatuses: 16,
  /** Cgroups made at one time; the rest waits. The kernel makes one after the other, and others need its threads. */
  parallelCgroups: 2,
  /** Milliseconds of SIGTERM before SIGKILL where the app names none (Mesos' default, app-definition 2). */
  killGraceMs: 3_000,
  /** Milliseconds after the grace period at which a task that still runs is killed again, at once. */
  killOverdueMs: 2_000,
  /** Milliseconds between two looks at all tasks: dead supervisors, dead launcher, memory kills, ports of others. */
  sweepMs: 2_000,
  /** Milliseconds between two removals of old sandboxes. */
  collectMs: 60_000,
  /** Milliseconds given to a launcher to end when nothing is left to do. */
  launcherQuitMs: 1_000,
  /** Tasks looked at before a sweep lets other work in. */
  tasksPerSweepSlice: 64,
  /** Milliseconds of launching or ending tasks before other work is let in. */
  taskSliceMs: 8,
  /**
   * Milliseconds after which an unanswered launch request is sent again to the same launcher. Long: repeating what
   * only waits for its turn would make a busy machine busier.
   */
  launchResendMs: 10_000,
  /** Milliseconds after which an adoption, or a launch asked of a launcher that has died, is asked for again. */
  adoptionResendMs: 1_000,
  /** Milliseconds after which an unanswered launch is fenced and reported TASK_DROPPED. */
  launchTimeoutMs: 30_000,
  /** Milliseconds to wait for a launcher to come up; then it is started again. */
  launcherStartMs: 5_000,
  /** Milliseconds before an unacknowledged status is sent again; doubles each time... */
  statusResendMs: 10_000,
  /** ...up to this (milliseconds), as Mesos' agents do. */
  statusResendMaxMs: 10 * 60 * 1000,
  /** Characters of a status message; what is longer is cut. */
  statusMessageCharacters: 2_000,
  /** Characters of one argument or variable of a task: the kernel's limit for one string of execve. */
  argumentCharacters: 128 * 1024 - 1,
  /** Bytes of all arguments and variables together. */
  argumentsBytes: 1_536 * 1024,
  /** Offers remembered for an accept that is under way while they are rescinded; above it the oldest are forgotten. */
  rememberedOffers: 4_096,
  /** Virtual agents on one machine. */
  virtualAgents: 1_000,
} as const
