// The core by hand: events go in at a time the test chooses, and what leaves is looked at. Offers are as large as asked
// for, launches are remembered, and the truths of the state are checked after every step.

import type { EngineEvent, Event } from '../../src/core/events.ts'
import { checkInvariants, checkSettled } from '../../src/core/invariants.ts'
import type { Offer, TaskState, TaskStatus } from '../../src/core/mesos.ts'
import { launchedTasks } from '../../src/core/mesos.ts'
import type { TaskProcessor } from '../../src/core/placement/task-processors.ts'
import type { ArtifactEffect, EngineEffect, Ready } from '../../src/core/ready.ts'
import type { StoredRecord } from '../../src/core/records.ts'
import type { Outcome, Request } from '../../src/core/requests.ts'
import { createScheduler, type InspectableScheduler } from '../../src/core/scheduler.ts'
import { defaultSettings, type Settings } from '../../src/core/settings.ts'
import { assert } from '../../src/lib/assert.ts'
import { type Instant, instant } from '../../src/lib/instant.ts'

const origin = { clientIp: '10.0.0.99', uri: '/v2/apps' }
const start = instant(Date.UTC(2031, 3, 2, 9, 0, 0))

export interface HandCoreOptions {
  /** As whom the engine knows us: `f` if nothing is said. */
  readonly frameworkId?: string
  readonly settings?: Partial<Settings>
  readonly records?: readonly StoredRecord[]
  readonly quarantines?: boolean
  readonly holdsOffers?: boolean
  /** Whether its engine keeps volumes; it does when the settings say in whose name. */
  readonly reserves?: boolean
  readonly taskProcessors?: readonly TaskProcessor[]
  /** When it starts. */
  readonly now?: Instant
  /** Another one for a process that goes on from the records of the last: ids are not to come twice. */
  readonly seed?: number
}

export const offerOf = (agentId: string, more: Partial<Offer> = {}, cpus = 8): Offer => ({
  id: `offer of ${agentId}`,
  agentId,
  hostname: agentId,
  resources: [
    { name: 'cpus', scalar: cpus, role: '*' },
    { name: 'mem', scalar: 1_000_000, role: '*' },
    { name: 'ports', ranges: [{ begin: 31_000, end: 41_999 }], role: '*' },
  ],
  attributes: [],
  ...more,
})

/** A scheduler with a connected engine. */
export class HandCore {
  readonly scheduler: InspectableScheduler
  now: Instant
  /** Everything the engine was told. */
  readonly effects: EngineEffect[] = []
  /** Everything the artifact store was asked for. */
  readonly downloads: ArtifactEffect[] = []
  /** Tasks launched and not yet told about. */
  launched: { readonly taskId: string; readonly agentId: string }[] = []
  readonly #records = new Map<string, StoredRecord>()
  #requests = 0
  /** What left when the engine connected, and before. */
  readonly first: Ready

  constructor(options: HandCoreOptions = {}) {
    const { settings, records = [], quarantines = false, holdsOffers = true, now = start, seed = 1 } = options
    const { taskProcessors = [], frameworkId = 'f' } = options
    const keeps = options.reserves ?? settings?.mesosPrincipal !== undefined
    const reserves = keeps ? { reserves: true as const } : {}
    this.now = now
    for (const record of records) this.#records.set(`${record.table} ${record.key}`, record)
    this.scheduler = createScheduler({
      settings: { ...defaultSettings, ...settings },
      seed,
      records,
      now,
      quarantines,
      taskProcessors,
    })
    this.first = this.step({
      kind: 'engine-connected',
      frameworkId,
      master: 'm',
      holdsOffers,
      ...reserves,
    })
  }

  get view() {
    return this.scheduler.view
  }

  /** What it has stored: another may go on from there. */
  get records(): readonly StoredRecord[] {
    return [...this.#records.values()]
  }

  step(...events: readonly Event[]): Ready {
    this.scheduler.step(events, this.now)
    const ready = this.scheduler.takeReady()
    const { core } = this.scheduler
    const broken = [...checkInvariants(core), ...checkSettled(core)]
    assert(broken.length === 0, `the state is sound after a step: ${broken.join('; ')}`)
    for (const write of ready.writes) {
      const key = `${write.table} ${write.key}`
      if (write.kind === 'put') this.#records.set(key, write)
      else this.#records.delete(key)
    }
    this.effects.push(...ready.effects)
    this.downloads.push(...ready.downloads)
    for (const effect of ready.effects) {
      if (effect.kind !== 'accept') continue
      const { agentId, operations } = effect
      for (const { taskId } of operations.flatMap(launchedTasks)) this.launched.push({ taskId, agentId })
    }
    return ready
  }

  /** Time passes, and the core is woken as often as it asks for. */
  run(ms: number): void {
    const until = instant(this.now + ms)
    for (let turn = 0; ; turn++) {
      assert(turn < 10_000, 'a core does not wake itself for ever')
      const { wakeAt } = this.scheduler
      if (wakeAt === undefined || wakeAt > until) break
      this.now = instant(Math.max(wakeAt, this.now))
      this.step({ kind: 'woke' })
    }
    this.now = until
  }

  offers(...offers: readonly Offer[]): Ready {
    return this.step({ kind: 'offers', offers })
  }

  engine(event: EngineEvent): Ready {
    return this.step(event)
  }

  ask(request: Request): Outcome {
    return this.tell(request).outcome
  }

  tell(request: Request): { readonly outcome: Outcome; readonly ready: Ready } {
    const requestId = ++this.#requests
    const ready = this.step({ kind: 'request', requestId, request })
    return { outcome: ready.replies.find((reply) => reply.requestId === requestId)!.outcome, ready }
  }

  create(body: object): Outcome {
    return this.ask({ kind: 'create-app', body, force: false, origin })
  }

  update(id: string, body: object, force = false): Outcome {
    return this.ask({ kind: 'update-app', id, body, mode: 'partial', force, origin })
  }

  updateAll(body: readonly object[], mode: 'partial' | 'patch' | 'complete' = 'partial'): Outcome {
    return this.ask({ kind: 'update-apps', body, mode, force: false })
  }

  remove(id: string, force = false): Outcome {
    return this.ask({ kind: 'remove-app', id, force })
  }

  status(taskId: string, state: TaskState, more: Partial<TaskStatus> = {}): Ready {
    return this.step({ kind: 'status', status: { taskId, state, timestamp: this.now, ...more } })
  }

  /** Everything launched so far is told to be in this state. */
  tellAll(state: TaskState): Ready {
    const told = this.launched
    this.launched = []
    return this.step(
      ...told.map(({ taskId, agentId }): Event => {
        return { kind: 'status', status: { taskId, state, timestamp: this.now, agentId } }
      }),
    )
  }
}
