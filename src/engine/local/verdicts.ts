// How a task's end is told: from exit record, memory use and what was asked for to a terminal state, a reason and a
// message in the words of Mesos' command executor. Pure.

import os from 'node:os'
import type { TaskState } from '../../core/mesos.ts'
import type { MemoryUse } from './cgroups.ts'
import { localLimits } from './limits.ts'
import type { Exit } from './records.ts'

/** A terminal state that is kept on disk until it is acknowledged. */
export interface Verdict {
  readonly state: TaskState
  readonly reason?: string
  readonly message: string
  /** False: it was killed because its health check failed. */
  readonly healthy?: false
}

export interface EndOfTask {
  readonly exit: Exit
  /** A kill had been requested. */
  readonly isKilled: boolean
  /** Because its health check failed. */
  readonly isUnhealthy: boolean
  readonly memory: MemoryUse | undefined
}

export function verdictOf({ exit, isKilled, isUnhealthy, memory }: EndOfTask): Verdict {
  if (exit.kind === 'refused') {
    return {
      state: 'TASK_FAILED',
      reason: 'REASON_CONTAINER_LAUNCH_FAILED',
      message: `The task was not started: ${exit.reason}`,
    }
  }
  const message = describeExit(exit)
  if (isKilled) return { state: 'TASK_KILLED', message, ...(isUnhealthy ? { healthy: false } : {}) }
  if (exit.kind === 'exit' && exit.status === 0) return { state: 'TASK_FINISHED', message }
  if (memory && memory.kills > 0) {
    return {
      state: 'TASK_FAILED',
      reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
      message: describeMemory(memory),
    }
  }
  if (exit.kind === 'unknown') return { state: 'TASK_FAILED', reason: 'REASON_EXECUTOR_TERMINATED', message }
  return { state: 'TASK_FAILED', reason: 'REASON_COMMAND_EXECUTOR_FAILED', message }
}

function describeExit(exit: Exclude<Exit, { kind: 'refused' }>): string {
  switch (exit.kind) {
    case 'exit':
      return `Command exited with status ${exit.status}`
    case 'signal':
      return `Command terminated with signal ${signalText(exit.signal)}`
    case 'unknown':
      return 'Command ended while its supervisor was gone; its exit status is not known'
  }
}

function describeMemory(memory: MemoryUse): string {
  const mib = (bytes: number | undefined) =>
    bytes === undefined ? 'unknown' : `${Math.round((bytes / (1024 * 1024)) * 10) / 10} MiB`
  return `Memory limit exceeded: the limit is ${mib(memory.limitBytes)}, the most used was ${mib(memory.peakBytes)}`
}

/** Texts of strsignal(3), as Mesos shows them. */
const signalTexts: Readonly<Record<string, string>> = {
  SIGHUP: 'Hangup',
  SIGINT: 'Interrupt',
  SIGQUIT: 'Quit',
  SIGILL: 'Illegal instruction',
  SIGABRT: 'Aborted',
  SIGBUS: 'Bus error',
  SIGFPE: 'Floating point exception',
  SIGKILL: 'Killed',
  SIGUSR1: 'User defined signal 1',
  SIGSEGV: 'Segmentation fault',
  SIGUSR2: 'User defined signal 2',
  SIGPIPE: 'Broken pipe',
  SIGALRM: 'Alarm clock',
  SIGTERM: 'Terminated',
  SIGXCPU: 'CPU time limit exceeded',
  SIGXFSZ: 'File size limit exceeded',
  SIGSYS: 'Bad system call',
}

function signalText(signal: number): string {
  const name = Object.entries(os.constants.signals).find(([, number]) => number === signal)?.[0]
  return (name && (signalTexts[name] ?? name)) || String(signal)
}

export const fenced: Verdict = {
  state: 'TASK_DROPPED',
  reason: 'REASON_SLAVE_RESTARTED',
  message: 'The task was never started: the server ended before the launch was carried out',
}

export const notStartedInTime: Verdict = {
  state: 'TASK_DROPPED',
  reason: 'REASON_CONTAINER_LAUNCH_FAILED',
  message: `The task was not started within ${localLimits.launchTimeoutMs / 1000} seconds`,
}

export const goneWithBoot: Verdict = {
  state: 'TASK_GONE',
  reason: 'REASON_SLAVE_RESTARTED',
  message: 'The machine was restarted while the task was running',
}

export const unplugged = (agentId: string): Verdict => ({
  state: 'TASK_GONE',
  reason: 'REASON_SLAVE_RESTARTED',
  message: `Agent ${agentId} was unplugged while the task was running`,
})

export const killedBeforeStart: Verdict = {
  state: 'TASK_KILLED',
  message: 'The task was killed before it was started',
}

/** Cuts what is too long for a status. */
export const clipMessage = (message: string): string =>
  message.length <= localLimits.statusMessageCharacters
    ? message
    : `${message.slice(0, localLimits.statusMessageCharacters)}…`
