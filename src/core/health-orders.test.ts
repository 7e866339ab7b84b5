// Health in all orders of events: apps come, change and go, tasks are launched, cut off and end, answers come early,
// late and never, servers die. The truths of health/invariants.ts hold after each step; here is held besides what
// leaves: whom the prober is told to ask, and that whoever keeps a list by its revision sees each change of health.

import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'
import { bodyOf, busy, http, ok } from '../../tests/support/health-core.ts'
import { after, millis } from '../lib/instant.ts'
import { type Rng, stream } from '../lib/rng.ts'
import type { ProbeId, ProbeOutcome } from './health/probe.ts'
import { parseProbeId } from './health/probe-id.ts'
import type { Instance } from './instances/instance.ts'
import type { TaskState } from './mesos.ts'
import type { Ready } from './ready.ts'

const ids = ['/a', '/b', '/c', '/d']
const strict = { ...http, gracePeriodSeconds: 5, maxConsecutiveFailures: 1 }
const command = { protocol: 'COMMAND', command: { value: 'true' }, gracePeriodSeconds: 0 }
const settings: readonly (readonly object[])[] = [
  [strict],
  [strict, { ...strict, protocol: 'TCP', intervalSeconds: 1 }],
  [{ ...strict, ignoreHttp1xx: true }, command],
  [command],
  [{ ...strict, portIndex: 0, maxConsecutiveFailures: 0 }],
  [],
]
const states: readonly TaskState[] = [
  'TASK_RUNNING',
  'TASK_RUNNING',
  'TASK_RUNNING',
  'TASK_UNREACHABLE',
  'TASK_KILLED',
  'TASK_FAILED',
  'TASK_KILLING',
  'TASK_LOST',
]
const outcomes: readonly ProbeOutcome[] = [
  ok,
  busy,
  { kind: 'answered', status: 102, statusText: 'Processing' },
  { kind: 'failed', name: 'TimeoutError', message: 'nothing came' },
]

class Trial {
  core = new HandCore()
  readonly rng: Rng
  asked = new Set<ProbeId>()
  /** Once asked, of whatever process. */
  readonly everAsked: ProbeId[] = []
  offers = 0
  seen = new Map<string, { readonly instance: Instance; readonly text: string; readonly revision: number }>()
  revision = 0

  constructor(seed: number) {
    this.rng = stream(seed, 'health-orders')
    this.look(this.core.first)
  }

  move(): void {
    const { rng, core } = this
    const id = rng.pick(ids)
    const body = () => bodyOf(id, rng.pick(settings), { instances: rng.int(4), backoffSeconds: 0 })
    const instances = core.view.instancesOf(id)
    const some = instances.length === 0 ? undefined : rng.pick(instances)
    const task = some?.tasks[0]
    switch (rng.int(12)) {
      case 0:
        core.tell({
          kind: 'create-app',
          body: body(),
          force: rng.chance(0.5),
          origin: { clientIp: '', uri: '' },
        })
        break
      case 1:
        core.update(id, rng.chance(0.5) ? body() : { instances: rng.int(4) }, true)
        break
      case 2:
        if (rng.chance(0.3)) core.remove(id, true)
        break
      case 3:
      case 4:
        core.offers(offerOf(`agent ${++this.offers}`, {}, 1_000))
        break
      case 5:
        core.tellAll('TASK_RUNNING')
        break
      case 6:
        if (task === undefined) break
        core.status(task.id, rng.pick(states), rng.chance(0.5) ? { healthy: rng.chance(0.5) } : {})
        break
      case 7:
        if (some === undefined) break
        core.ask({
          kind: 'kill-tasks',
          selection: { kind: 'instances', runSpecId: id, instanceIds: [some.id] },
          wipe: rng.chance(0.2),
        })
        break
      case 8:
        core.run(rng.int(60_000))
        break
      case 9:
        if (rng.chance(0.2)) this.restart()
        break
      default:
        this.answers(rng.chance(0.3) ? rng.pick(outcomes) : undefined)
    }
  }

  /** Of all that are asked, or of one that perhaps is so no longer. */
  answers(outcome: ProbeOutcome | undefined): void {
    const { rng } = this
    const whom = rng.chance(0.7)
      ? [...this.asked]
      : this.everAsked.length > 0
        ? [rng.pick(this.everAsked)]
        : []
    this.core.step({
      kind: 'probe-results',
      results: whom.map((id) => ({ id, outcome: outcome ?? rng.pick(outcomes) })),
    })
  }

  restart(): void {
    const { records, now, launched } = this.core
    // Ids are made of the time, and of chances that every core by hand draws alike.
    this.core = new HandCore({ records, now: after(now, millis(1_000)) })
    this.core.launched = launched
    this.asked = new Set()
    this.seen = new Map()
    this.look(this.core.first)
  }

  look({ probes }: Ready): void {
    for (const effect of probes) {
      if (effect.kind === 'end-probe') {
        expect(this.asked.delete(effect.id), `${effect.id} is asked when it is to end`).toBe(true)
        continue
      }
      this.asked.add(effect.probe.id)
      this.everAsked.push(effect.probe.id)
    }
    const { view } = this.core
    const running = new Set(
      [...view.instances()]
        .filter(({ condition }) => condition === 'Running')
        .map(({ tasks }) => tasks[0]?.id),
    )
    for (const id of this.asked)
      expect(running, `${id} is asked of what runs`).toContain(parseProbeId(id)?.taskId)
    this.lookAtLists()
  }

  lookAtLists(): void {
    const { view } = this.core
    const changed = view.changedSince(this.revision)
    const next: Trial['seen'] = new Map()
    for (const instance of view.instances()) {
      const { id, runSpecId } = instance
      const now = {
        instance,
        text: JSON.stringify(view.healthOf(instance)),
        revision: view.healthRevisionOf(runSpecId),
      }
      const before = this.seen.get(id)
      next.set(id, now)
      if (before === undefined || before.text === now.text) continue
      expect(changed === undefined || changed.has(runSpecId), `lists know that ${id} changed`).toBe(true)
      const isNews = before.instance !== instance || before.revision !== now.revision
      expect(isNews, `${id} has another record or revision: ${before.text} ${now.text}`).toBe(true)
    }
    this.seen = next
    this.revision = view.revision
  }
}

describe('health in all orders', () => {
  test.each(Array.from({ length: 12 }, (_, seed) => seed))('of seed %i', (seed) => {
    const trial = new Trial(seed)
    const follow = (): void => {
      const { core } = trial
      const step = core.step.bind(core)
      core.step = (...events) => {
        const ready = step(...events)
        trial.look(ready)
        return ready
      }
    }
    follow()
    let { core } = trial
    for (let n = 0; n < 400; n++) {
      trial.move()
      if (trial.core === core) continue
      core = trial.core
      follow()
    }
  })
})
