// Reads the output of `strace -f -o`: one line per call, or two when another thread's call came in between.

export interface SystemCall {
  readonly name: string
  /** The first argument when it is a number: mostly a file descriptor. */
  readonly fd: number
  readonly text: string
  readonly result: number
  /** Line numbers: a call whose `returnedAt` is below another's `calledAt` was over before that began. */
  readonly calledAt: number
  readonly returnedAt: number
}

/** Every call that returned, in the order they were called. */
export function completedCalls(trace: string): readonly SystemCall[] {
  const calls: SystemCall[] = []
  const unfinished = new Map<string, { readonly text: string; readonly calledAt: number }>()
  for (const [lineNumber, line] of trace.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    const opened = /^(.*?)\s*<unfinished \.\.\.>$/.exec(rest)
    if (opened !== null) {
      unfinished.set(thread, { text: opened[1] ?? '', calledAt: lineNumber })
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    const start = resumed === null ? { text: '', calledAt: lineNumber } : unfinished.get(thread)
    if (start === undefined) continue
    const text = start.text + (resumed === null ? rest : (resumed[1] ?? ''))
    const [, name, fd] = /^(\w+)\((-?\d+)?/.exec(text) ?? []
    const [, result] = /\)\s+= (-?\d+)/.exec(text) ?? []
    if (name === undefined || result === undefined) continue
    calls.push({
      name,
      fd: Number(fd ?? -1),
      text,
      result: Number(result),
      calledAt: start.calledAt,
      returnedAt: lineNumber,
    })
  }
  return calls.sort((a, b) => a.calledAt - b.calledAt)
}
