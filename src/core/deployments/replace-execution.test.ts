// Whole rolling restarts, move by move: what happens, and what the deployment does about it at once. The runs are those
// by which the original shows its own (worked-examples 4).

import { expect, test } from 'vitest'
import { buildApp, buildInstance, inCondition } from '../../../tests/support/rollout.ts'
import { instant } from '../../lib/instant.ts'
import type { Instance } from '../instances/instance.ts'
import { decideReplace } from './replace.ts'
import { RunningReplaceSets } from './replace-sets.ts'

const newVersion = '2031-01-02T00:00:00.000Z'

interface Run {
  readonly n: number
  readonly min: number
  readonly over: number
  /** Old instances that run; as many as are wanted unless said. */
  readonly olds?: number
  /** New ones found at the beginning, by what is known of them. */
  readonly found?: readonly ('up' | 'running')[]
  readonly isReadinessChecked?: boolean
  /** What happens, and what the deployment then does: `-O1` told to end, `+N1` started. */
  readonly moves: readonly (readonly [happens: string, does: string])[]
}

const readiness = {
  name: 'ready',
  protocol: 'HTTP',
  path: '/',
  portName: 'http',
  intervalSeconds: 30,
  timeoutSeconds: 10,
  httpStatusCodesForReady: [200],
  preserveLastResponse: false,
} as const

const upAndRunning = { checkedBy: 'marathon', alive: true } as const

class Rollout {
  readonly #instances = new Map<string, Instance>()
  readonly #run: Run
  #started = 0

  constructor(run: Run) {
    this.#run = run
    for (let i = 1; i <= (run.olds ?? run.n); i++) {
      // The first is the youngest, and goes first.
      this.#instances.set(
        `O${i}`,
        buildInstance({ id: `O${i}`, activeSince: instant(100 - i), ...upAndRunning }),
      )
    }
    for (const how of run.found ?? []) {
      const id = `N${++this.#started}`
      this.#instances.set(id, { ...this.#newOne(id), ...(how === 'up' ? upAndRunning : { alive: false }) })
    }
  }

  /** `O1 gone`, `N1 fails`, `N1 up`, `N1 healthy`, `N1 ready`. */
  happen(what: string): void {
    const [id = '', how] = what.split(' ')
    const instance = this.#instances.get(id)
    if (instance === undefined) return
    const next: Partial<Record<string, Instance | 'gone'>> = {
      gone: 'gone',
      fails: inCondition(instance, 'Failed', instant(200)),
      runs: { ...inCondition(instance, 'Running', instant(200)), alive: false },
      up: { ...inCondition(instance, 'Running', instant(200)), ...upAndRunning, ready: true },
      healthy: { ...instance, alive: true },
      ready: { ...instance, ready: true },
    }
    const changed = next[how ?? '']
    if (changed === 'gone') this.#instances.delete(id)
    else if (changed !== undefined) this.#instances.set(id, changed)
    else throw new Error(`something that can happen is expected, not '${what}'`)
  }

  /** Decides and does it; deciding again wants nothing. */
  decide(): string {
    const does: string[] = []
    const decision = this.#decide()
    for (const action of decision.actions) {
      if (action.kind === 'schedule') {
        for (let i = 0; i < action.count; i++) {
          const id = `N${++this.#started}`
          this.#instances.set(id, inCondition(this.#newOne(id), 'Staging', instant(150)))
          does.push(`+${id}`)
        }
      } else if (action.kind === 'set-goal') {
        this.#instances.set(action.instanceId, {
          ...this.#instances.get(action.instanceId)!,
          goal: action.goal,
        })
        does.push(`-${action.instanceId}`)
      }
    }
    const again = this.#decide()
    expect(again.actions).toEqual([])
    return again.isDone ? [...does, 'done'].join(' ') : does.join(' ')
  }

  #newOne(id: string): Instance {
    return { ...buildInstance({ id, runSpecVersion: newVersion }), checkedBy: 'marathon' }
  }

  #decide() {
    const { n, min, over, isReadinessChecked = false } = this.#run
    return decideReplace({
      runSpec: buildApp({
        version: newVersion,
        instances: n,
        upgradeStrategy: { minimumHealthCapacity: min, maximumOverCapacity: over },
        ...(isReadinessChecked && { readinessChecks: [readiness] }),
      }),
      sets: new RunningReplaceSets(
        newVersion,
        { isNew: (instance) => instance.runSpecVersion === newVersion, mustBeReady: isReadinessChecked },
        this.#instances.values(),
      ),
      most: 1_000,
    })
  }
}

const runs: Readonly<Record<string, Run>> = {
  'old instances are replaced at once where none has to be healthy': {
    n: 5,
    min: 0,
    over: 1,
    moves: [
      ['', '-O1 -O2 -O3 -O4 -O5 +N1 +N2 +N3 +N4 +N5'],
      ['N1 up, N2 up, N3 up, N4 up, N5 up', ''],
      ['O1 gone, O2 gone, O3 gone, O4 gone', ''],
      ['O5 gone', 'done'],
    ],
  },
  'what is new and started already stays': {
    n: 5,
    min: 0,
    over: 1,
    olds: 3,
    found: ['up', 'running'],
    moves: [
      ['', '-O1 -O2 -O3 +N3 +N4 +N5'],
      ['N2 up, N3 up, N4 up, N5 up, O1 gone, O2 gone, O3 gone', 'done'],
    ],
  },
  'replaced and scaled down, with more than the new minimum': {
    n: 2,
    min: 1,
    over: 1,
    olds: 3,
    moves: [
      ['', '-O1 +N1'],
      ['O1 gone', '+N2'],
      ['N1 up', '-O2'],
      ['N2 up', '-O3'],
      ['O2 gone, O3 gone', 'done'],
    ],
  },
  'with a minimum of half: one for one once the new ones are healthy': {
    n: 3,
    min: 0.5,
    over: 1,
    moves: [
      ['', '-O1 +N1 +N2 +N3'],
      ['O1 gone', ''],
      ['N1 up', '-O2'],
      ['N2 up', '-O3'],
      ['N3 up', ''],
      ['O2 gone, O3 gone', 'done'],
    ],
  },
  'a new one that was started before and is not healthy yet is waited for': {
    n: 2,
    min: 0.5,
    over: 0,
    olds: 1,
    found: ['running'],
    moves: [
      ['', ''],
      ['N1 healthy', '-O1'],
      ['O1 gone', '+N2'],
      ['N2 up', 'done'],
    ],
  },
  'without over-capacity': {
    n: 3,
    min: 0.5,
    over: 0,
    moves: [
      ['', '-O1'],
      ['O1 gone', '+N1'],
      ['N1 up', '-O2'],
      ['O2 gone', '+N2'],
      ['N2 up', '-O3'],
      ['O3 gone', '+N3'],
      ['N3 up', 'done'],
    ],
  },
  'with the least over-capacity': {
    n: 3,
    min: 1,
    over: 0,
    moves: [
      ['', '+N1'],
      ['N1 up', '-O1'],
      ['O1 gone', '+N2'],
      ['N2 up', '-O2'],
      ['O2 gone', '+N3'],
      ['N3 up', '-O3'],
      ['O3 gone', 'done'],
    ],
  },
  'with an over-capacity of two thirds': {
    n: 3,
    min: 1,
    over: 0.7,
    moves: [
      ['', '+N1 +N2'],
      ['N1 up', '-O1'],
      ['O1 gone', '+N3'],
      ['N2 up', '-O2'],
      ['O2 gone', ''],
      ['N3 up', '-O3'],
      ['O3 gone', 'done'],
    ],
  },
  'scaled down meanwhile, with one over': {
    n: 3,
    min: 1,
    over: 0.3,
    olds: 4,
    moves: [
      ['', '-O1'],
      ['O1 gone', '+N1'],
      ['N1 up', '-O2'],
      ['O2 gone', '+N2'],
      ['N2 up', '-O3'],
      ['O3 gone', '+N3'],
      ['N3 up', '-O4'],
      ['O4 gone', 'done'],
    ],
  },
  'all are replaced already': { n: 2, min: 1, over: 1, olds: 0, found: ['up', 'up'], moves: [['', 'done']] },
  'all are replaced already, and one is not ready': {
    n: 1,
    min: 1,
    over: 1,
    olds: 0,
    found: ['up'],
    isReadinessChecked: true,
    moves: [
      ['', ''],
      ['N1 ready', 'done'],
    ],
  },
  'all are replaced already, and one is neither ready nor healthy': {
    n: 1,
    min: 1,
    over: 1,
    olds: 0,
    found: ['running'],
    isReadinessChecked: true,
    moves: [
      ['', ''],
      ['N1 ready', ''],
      ['N1 healthy', 'done'],
    ],
  },
  'the end of the old ones is waited for': {
    n: 2,
    min: 0,
    over: 1,
    moves: [
      ['', '-O1 -O2 +N1 +N2'],
      ['N1 up, N2 up', ''],
      ['O1 gone', ''],
      ['O2 gone', 'done'],
    ],
  },
  'a new one counts when it is healthy and ready, in whatever order': {
    n: 1,
    min: 1,
    over: 1,
    isReadinessChecked: true,
    moves: [
      ['', '+N1'],
      ['N1 runs', ''],
      ['N1 healthy', ''],
      ['N1 ready', '-O1'],
      ['O1 gone', 'done'],
    ],
  },
}

test.each(Object.entries(runs))('%s', (_, run) => {
  const rollout = new Rollout(run)
  const told = run.moves.map(([happens]): [string, string] => {
    for (const one of happens.split(', ').filter(Boolean)) rollout.happen(one)
    return [happens, rollout.decide()]
  })
  expect(told).toEqual(run.moves)
})
