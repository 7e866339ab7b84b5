// The world a command runs in, handed in by whoever starts it: the process, or a test. No command touches
// `process`, the clock or the console by itself.

export interface CliIo {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether stdout is a terminal: colours, redrawn progress and tables cut to the width. */
  readonly isTTY: boolean
  /** Width of the terminal; undefined: unknown, nothing is cut. */
  readonly columns: number | undefined
  /** What `-` reads. */
  readonly stdin?: AsyncIterable<Uint8Array | string>
  /** Aborted when the user wants to stop watching (Ctrl-C). */
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

export interface Sink {
  write(chunk: string | Uint8Array): unknown
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms`, or rejects as soon as the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = (): void => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }, ms)
      signal?.addEventListener('abort', stop, { once: true })
    }),
}

/** The io of this process. The first Ctrl-C stops watching, the second ends the process. */
export function processIo(): CliIo {
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort(new Error('interrupted')))
  // A reader that has seen enough (`| head`) closes the pipe; that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    isTTY: process.stdout.isTTY === true,
    columns: process.stdout.columns,
    signal: interrupted.signal,
  }
}
