// What every prober must do (ports/prober.ts). Each implementation passes this suite with a harness that says how to
// make one and whom to ask. Held to are facts and their order, never how long something took.

import { afterEach, describe, expect, it } from 'vitest'
import type { Probe, ProbeResult, ProbeTarget } from '../../src/core/health/probe.ts'
import { millis } from '../../src/lib/instant.ts'
import type { Prober } from '../../src/ports/prober.ts'

export interface ProberHarness {
  readonly prober: Prober
  /** A task that is well (HTTP status 200), or an address where nobody listens. */
  target(protocol: 'HTTP' | 'TCP', who: 'well' | 'nobody'): ProbeTarget
  remove(): Promise<void>
}

export interface ProberContractOptions {
  create(): Promise<ProberHarness>
  /** Longest wait for a result, in milliseconds of the real clock. */
  readonly patienceMs: number
  /** Lets time pass for probers that do not live in real time. Called while waiting. */
  tick?(): Promise<void> | void
}

/** Each interval of these tests; short, because real probers are waited for. */
const intervalMs = 20

export function describeProber(name: string, options: ProberContractOptions): void {
  describe(`the ${name} prober`, () => {
    let harness: ProberHarness
    let results: ProbeResult[] = []

    afterEach(() => harness.remove())

    const started = async (): Promise<Prober> => {
      harness = await options.create()
      results = []
      const mine = results
      harness.prober.start((event) => mine.push(...event.results))
      return harness.prober
    }
    const probe = (id: string, target: ProbeTarget, more: Partial<Probe> = {}): Probe => ({
      id,
      target,
      firstAfter: millis(0),
      pace: 'fixed',
      interval: millis(intervalMs),
      timeout: millis(5_000),
      bodyBytes: 0,
      ...more,
    })
    const begin = (one: Probe) => harness.prober.perform([{ kind: 'begin-probe', probe: one }])
    const end = (id: string) => harness.prober.perform([{ kind: 'end-probe', id }])
    const of = (id: string) => results.filter((result) => result.id === id).map(({ outcome }) => outcome)
    const until = async (what: string, isSo: () => boolean) => {
      const deadline = Date.now() + options.patienceMs
      while (!isSo()) {
        if (Date.now() > deadline)
          throw new Error(`no ${what} within ${options.patienceMs} ms; came: ${JSON.stringify(results)}`)
        await options.tick?.()
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    }

    it('asks by HTTP again and again and tells the status', async () => {
      await started()
      begin(probe('a', harness.target('HTTP', 'well')))
      await until('third answer', () => of('a').length >= 3)
      for (const outcome of of('a'))
        expect(outcome).toMatchObject({ kind: 'answered', status: 200, statusText: 'OK' })
    })

    it('asks by TCP again and again', async () => {
      await started()
      begin(probe('a', harness.target('TCP', 'well')))
      await until('third answer', () => of('a').length >= 3)
      for (const outcome of of('a')) expect(outcome).toEqual({ kind: 'connected' })
    })

    it.each(['HTTP', 'TCP'] as const)('tells why nobody answered by %s, and asks on', async (protocol) => {
      await started()
      begin(probe('a', harness.target(protocol, 'nobody')))
      await until('second failure', () => of('a').length >= 2)
      for (const outcome of of('a')) {
        expect(outcome).toMatchObject({ kind: 'failed' })
        expect(outcome).toMatchObject({
          name: expect.stringMatching(/./),
          message: expect.stringMatching(/./),
        })
      }
    })

    it('asks on after each answer when that is the pace', async () => {
      await started()
      begin(probe('a', harness.target('HTTP', 'well'), { pace: 'after-answer' }))
      await until('third answer', () => of('a').length >= 3)
    })

    it('asks many at one time, each as often as it is due', async () => {
      await started()
      for (let n = 0; n < 20; n++) begin(probe(`p${n}`, harness.target(n % 2 === 0 ? 'HTTP' : 'TCP', 'well')))
      await until('three answers of each', () =>
        Array.from({ length: 20 }, (_, n) => of(`p${n}`).length).every((count) => count >= 3),
      )
    })

    it('tells nothing of a probe that has ended, and goes on with the others', async () => {
      await started()
      begin(probe('a', harness.target('HTTP', 'well')))
      begin(probe('b', harness.target('HTTP', 'well')))
      await until('an answer of both', () => of('a').length > 0 && of('b').length > 0)
      end('a')
      const told = of('a').length
      const others = of('b').length
      await until('more of the other', () => of('b').length >= others + 3)
      expect(of('a')).toHaveLength(told)
    })

    it('puts a probe of the same id in the place of the one before', async () => {
      await started()
      begin(probe('a', harness.target('HTTP', 'well')))
      await until('an answer', () => of('a').length > 0)
      results.length = 0
      begin(probe('a', harness.target('TCP', 'nobody')))
      await until('failures', () => of('a').length >= 3)
      expect(of('a').map(({ kind }) => kind)).not.toContain('answered')
    })

    it('begins an ended probe anew', async () => {
      await started()
      begin(probe('a', harness.target('HTTP', 'well'), { interval: millis(3_600_000) }))
      await until('an answer', () => of('a').length === 1)
      end('a')
      begin(probe('a', harness.target('HTTP', 'well'), { interval: millis(3_600_000) }))
      await until('another', () => of('a').length === 2)
    })

    it('does not ask before the time', async () => {
      await started()
      begin(probe('late', harness.target('HTTP', 'well'), { firstAfter: millis(3_600_000) }))
      begin(probe('soon', harness.target('HTTP', 'well')))
      await until('some answers', () => of('soon').length >= 3)
      expect(of('late')).toEqual([])
    })

    it('does not know a probe it is told to end, and does not mind', async () => {
      await started()
      end('nobody')
      begin(probe('a', harness.target('TCP', 'well')))
      await until('an answer', () => of('a').length > 0)
    })

    it('tells nothing any more once it has stopped', async () => {
      const prober = await started()
      begin(probe('a', harness.target('HTTP', 'well')))
      await until('an answer', () => of('a').length > 0)
      await prober.stop()
      const told = results.length
      for (let n = 0; n < 10; n++) {
        await options.tick?.()
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      expect(results).toHaveLength(told)
    })
  })
}
