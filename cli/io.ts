// The world a command runs in, handed in by whoever starts it: the process, or a test. No command touches
// `process`, the clock or the console by itself.

export interface CliIo {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether stdout is a terminal: colours, redrawn progress and tables cut to the width. */
  readonly isTTY: boolean
  /** Whether stderr is one too; the same as `isTTY` unless given. */
  readonly isErrorTTY?: boolean
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

/**
 * The io of this process. The first Ctrl-C stops watching, the second ends the process. The signal is only
 * listened for once a command asks for it: the server has its own ways to stop.
 */
export function processIo(): CliIo {
  let interrupted: AbortController | undefined
  // A reader that has seen enough (`| head`) closes the pipe; that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    isTTY: process.stdout.isTTY === true,
    isErrorTTY: process.stderr.isTTY === true,
    // A terminal that does not know its width reports 0.
    columns: process.stdout.columns || undefined,
    get stdin() {
      return process.stdin
    },
    get signal() {
      interrupted ??= abortOnInterrupt()
      return interrupted.signal
    },
  }
}

function abortOnInterrupt(): AbortController {
  const controller = new AbortController()
  process.once('SIGINT', () => {
    controller.abort(new Error('interrupted'))
    // A definition may just be typed in; its reader would wait for ever. Without an error, which would be thrown
    // where nobody reads.
    process.stdin.destroy()
  })
  return controller
}
