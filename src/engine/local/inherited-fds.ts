// What children of the server must not inherit. The store's library opens its file without O_CLOEXEC, so that every
// program started here, tasks of other users included, could write to it. Node cannot close a descriptor in the
// child; putting /dev/null in its place does the same.

import type { IOType } from 'node:child_process'
import fs from 'node:fs'

type Stdio = readonly [IOType, IOType, IOType]

/** Linux: O_CLOEXEC as it stands in the `flags` of /proc/self/fdinfo, which are octal. */
const closeOnExec = 0o2000000

/** Calls `start` with a stdio for spawn that passes on these three and nothing else that is open here. */
export function withoutInheritedFds<T>(stdio: Stdio, start: (stdio: (IOType | number)[]) => T): T {
  const leaking = inheritableFds()
  if (leaking.length === 0) return start([...stdio])
  const devNull = fs.openSync('/dev/null', 'r+')
  try {
    const masked: (IOType | number)[] = [...stdio]
    for (let fd = 3; fd <= Math.max(...leaking); fd++) masked.push(leaking.includes(fd) ? devNull : 'ignore')
    return start(masked)
  } finally {
    fs.closeSync(devNull)
  }
}

/** Descriptors above stderr that a child would get. Empty where /proc does not tell. */
export function inheritableFds(): number[] {
  const fds: number[] = []
  for (const name of list('/proc/self/fdinfo')) {
    const fd = Number(name)
    const flags = /^flags:\s*([0-7]+)$/m.exec(read(`/proc/self/fdinfo/${name}`))
    if (fd > 2 && flags !== null && (Number.parseInt(flags[1]!, 8) & closeOnExec) === 0) fds.push(fd)
  }
  return fds
}

function list(folder: string): string[] {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}

/** The descriptor of the listing itself is gone by the time it is looked at. */
function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
