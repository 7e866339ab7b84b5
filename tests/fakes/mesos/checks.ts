// Checks that an executor makes beside a task, and what it reports: every failure once the grace is over, success only
// after something else, and the order to kill after too many failures in a row.

import http from 'node:http'
import net from 'node:net'
import type { Runner } from './runner.ts'
import type { Timers } from './timing.ts'
import type { WireCheck, WireHealthCheck } from './wire.ts'

export interface CheckHooks {
  health(healthy: boolean, killNow: boolean): void
  result(checkStatus: Readonly<Record<string, unknown>>): void
}

/** Starts what the task asks for. @returns how to stop */
export function startChecks(
  key: string,
  runner: Runner,
  timers: Timers,
  info: { readonly health_check?: WireHealthCheck; readonly check?: WireCheck },
  hooks: CheckHooks,
): () => void {
  let isOver = false
  const { health_check: healthCheck, check } = info
  const repeat = (delaySeconds: number, intervalSeconds: number, ask: () => Promise<void>): void => {
    const round = async (): Promise<void> => {
      if (isOver) return
      await ask()
      if (!isOver) timers.after(intervalSeconds * 1_000, () => void round())
    }
    timers.after(delaySeconds * 1_000, () => void round())
  }
  if (healthCheck !== undefined) {
    const judge = healthJudge(healthCheck, hooks, timers)
    repeat(healthCheck.delay_seconds ?? 15, healthCheck.interval_seconds ?? 10, async () => {
      const isWell = await isHealthy(key, runner, healthCheck)
      if (!isOver) judge(isWell)
    })
  }
  if (check !== undefined) {
    let last: string | undefined
    repeat(check.delay_seconds ?? 15, check.interval_seconds ?? 10, async () => {
      const result = await checkResult(key, runner, check)
      const text = JSON.stringify(result)
      if (!isOver && text !== last) hooks.result(result)
      last = text
    })
  }
  return () => {
    isOver = true
  }
}

/** What follows from one answer after another. */
function healthJudge(check: WireHealthCheck, hooks: CheckHooks, timers: Timers): (isWell: boolean) => void {
  const begin = timers.now()
  let isInitial = true
  let failures = 0
  return (isWell) => {
    if (isWell) {
      if (isInitial || failures > 0) hooks.health(true, false)
      isInitial = false
      failures = 0
      return
    }
    if (isInitial && timers.now() - begin <= (check.grace_period_seconds ?? 10) * 1_000) return
    failures++
    hooks.health(false, failures >= (check.consecutive_failures ?? 3))
  }
}

async function isHealthy(key: string, runner: Runner, check: WireHealthCheck): Promise<boolean> {
  const timeoutMs = (check.timeout_seconds ?? 20) * 1_000
  if (check.command !== undefined) return (await runner.check(key, check.command, timeoutMs)) === 0
  if (runner.answersChecks !== undefined) return runner.answersChecks(key)
  if (check.tcp !== undefined) return await connects(check.tcp.port, timeoutMs)
  const status =
    check.http === undefined ? 0 : await statusOf(check.http.port, check.http.path ?? '/', timeoutMs)
  return status >= 200 && status < 400
}

async function checkResult(key: string, runner: Runner, check: WireCheck): Promise<Record<string, unknown>> {
  const timeoutMs = (check.timeout_seconds ?? 20) * 1_000
  if (check.command !== undefined) {
    const code = await runner.check(key, check.command.command, timeoutMs)
    return { type: 'COMMAND', command: { exit_code: code } }
  }
  const simulated = runner.answersChecks?.(key)
  if (check.tcp !== undefined)
    return { type: 'TCP', tcp: { succeeded: simulated ?? (await connects(check.tcp.port, timeoutMs)) } }
  const { port, path = '/' } = check.http!
  const real = (): Promise<number> => statusOf(port, path, timeoutMs)
  return {
    type: 'HTTP',
    http: { status_code: simulated === undefined ? await real() : simulated ? 200 : 500 },
  }
}

/** The empty status of a kind of check, which statuses carry until there is a result. */
export const noResult = ({ type = 'COMMAND' }: WireCheck): Readonly<Record<string, unknown>> => ({
  type,
  [type.toLowerCase()]: {},
})

function connects(port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port, timeout: timeoutMs })
    const finish = (isWell: boolean): void => {
      socket.destroy()
      resolve(isWell)
    }
    socket.on('connect', () => finish(true))
    socket.on('timeout', () => finish(false))
    socket.on('error', () => finish(false))
  })
}

function statusOf(port: number, path: string, timeoutMs: number): Promise<number> {
  return new Promise((resolve) => {
    const request = http.get(
      { host: '127.0.0.1', port, path, timeout: timeoutMs, agent: false },
      (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      },
    )
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(0))
  })
}
