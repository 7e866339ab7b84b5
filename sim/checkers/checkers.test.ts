// Every checker can fail: the core is broken in one way at a time, and the checker whose promise that breaks says so.

import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/core/events.ts'
import type { Instance } from '../../src/core/instances/instance.ts'
import { launchedTasks, type Resource } from '../../src/core/mesos.ts'
import type { EngineEffect, Ready } from '../../src/core/ready.ts'
import {
  createScheduler,
  type InspectableScheduler,
  type SchedulerOptions,
} from '../../src/core/scheduler.ts'
import { defaultSettings } from '../../src/core/settings.ts'
import type { Instant } from '../../src/lib/instant.ts'
import { faultKinds, noFaults } from '../faults.ts'
import { type RunOptions, runSeed } from '../swarm.ts'
import { instantTiming } from '../world-options.ts'

const base: RunOptions = {
  seed: 5,
  agents: 4,
  hours: 1,
  apps: 5,
  pods: 2,
  residents: { apps: 0, pods: 0 },
  ownRole: 0,
  mostInstances: 6,
  requestEvery: 20,
  crashing: 0,
  pace: 'often',
  holdsOffers: true,
  faults: noFaults,
  settings: defaultSettings,
  timing: instantTiming,
}

interface Breakage {
  /** Changes what the core gets to see. */
  readonly slice?: (slice: readonly Event[]) => readonly Event[]
  /** Changes what leaves it. */
  readonly ready?: (ready: Ready, inner: InspectableScheduler) => Ready
  /** Changes the state behind its back, after a step. */
  readonly after?: (inner: InspectableScheduler) => void
}

const broken =
  ({ slice, ready, after }: Breakage) =>
  (options: SchedulerOptions): InspectableScheduler => {
    const inner = createScheduler(options)
    return {
      core: inner.core,
      view: inner.view,
      get wakeAt() {
        return inner.wakeAt
      },
      step(events: readonly Event[], now: Instant) {
        inner.step(slice?.(events) ?? events, now)
        after?.(inner)
      },
      takeReady() {
        const taken = inner.takeReady()
        return ready?.(taken, inner) ?? taken
      },
    }
  }

const runBroken = (breakage: Breakage, options: Partial<RunOptions> = {}): void => {
  runSeed({ ...base, ...options, createScheduler: broken(breakage) })
}

test('with the real core nothing fails', () => {
  expect(() => runBroken({})).not.toThrow()
})

test('a launch sent twice is caught by the agents', () => {
  const twice = (ready: Ready): Ready => ({
    ...ready,
    effects: ready.effects.flatMap((effect): EngineEffect[] =>
      effect.kind === 'accept'
        ? [{ ...effect, operations: [...effect.operations, ...effect.operations] }]
        : [effect],
    ),
  })
  expect(() => runBroken({ ready: twice })).toThrow(/^placement: .* was launched twice/)
})

test('a launch on more than the agent has is caught by the agents', () => {
  const greedy = (ready: Ready): Ready => ({
    ...ready,
    effects: ready.effects.map((effect) =>
      effect.kind !== 'accept'
        ? effect
        : {
            ...effect,
            operations: effect.operations.map((operation) => ({
              type: 'LAUNCH',
              tasks: launchedTasks(operation).map((task) => ({
                ...task,
                resources: [{ name: 'cpus', scalar: 400, role: '*' }],
              })),
            })),
          },
    ),
  })
  expect(() => runBroken({ ready: greedy })).toThrow(/^placement: agent .* has too little cpus/)
})

test('a pod launched on more than the agent has for its executor is caught by the agents', () => {
  const greedy = (ready: Ready): Ready => ({
    ...ready,
    effects: ready.effects.map((effect) =>
      effect.kind !== 'accept'
        ? effect
        : {
            ...effect,
            operations: effect.operations.map((operation) =>
              operation.type === 'LAUNCH_GROUP'
                ? {
                    ...operation,
                    executor: { ...operation.executor, resources: [{ name: 'mem', scalar: 1e6, role: '*' }] },
                  }
                : operation,
            ),
          },
    ),
  })
  expect(() => runBroken({ ready: greedy }, { apps: 0 })).toThrow(/^placement: agent .* has too little mem/)
})

test('a pod that leaves with a container missing keeps a world from settling', () => {
  const lossy = (ready: Ready): Ready => ({
    ...ready,
    effects: ready.effects.map((effect) =>
      effect.kind !== 'accept'
        ? effect
        : {
            ...effect,
            operations: effect.operations.map((operation) =>
              operation.type === 'LAUNCH_GROUP' && operation.tasks.length > 1
                ? { ...operation, tasks: operation.tasks.slice(1) }
                : operation,
            ),
          },
    ),
  })
  expect(() => runBroken({ ready: lossy }, { apps: 0 })).toThrow(/^convergence: /)
})

test('a write that is told of and not made is a promise broken', () => {
  const forgetful = (ready: Ready): Ready => ({
    ...ready,
    writes: ready.writes.filter((write) => write.table !== 'run-spec-version' && write.table !== 'run-spec'),
  })
  expect(() => runBroken({ ready: forgetful })).toThrow(/^promises: /)
})

test('a version of the tree that is another after a restart is caught', () => {
  const forgetful = (ready: Ready): Ready => ({
    ...ready,
    writes: ready.writes.map((write) =>
      write.table === 'root-version' && write.kind === 'put'
        ? { ...write, value: { ...write.value, runSpecs: [] } }
        : write,
    ),
  })
  const options = { faults: { ...noFaults, crash: 600 } }
  expect(() => runBroken({ ready: forgetful }, options)).toThrow(/^tree: version .* was/)
})

test('a change that no revision tells of is caught', () => {
  const silent = ({ core }: InspectableScheduler): void => {
    core.state.changes.touch = () => undefined
  }
  expect(() => runBroken({ after: silent })).toThrow(/^revision: /)
})

test('a plan that is carried out is caught', () => {
  const eager = (slice: readonly Event[]): readonly Event[] =>
    slice.map((event) =>
      event.kind === 'request' && event.request.kind === 'update-group'
        ? { ...event, request: { ...event.request, isDryRun: false } }
        : event,
    )
  expect(() => runBroken({ slice: eager }, { hours: 4 })).toThrow(/^tree: a plan was asked for/)
})

test('a kill for a reason that nobody recorded is caught', () => {
  const murderous = (ready: Ready, { core }: InspectableScheduler): Ready => {
    const [victim] = core.state.instances()
    const task = victim?.condition === 'Running' ? victim.tasks[0] : undefined
    return task === undefined
      ? ready
      : { ...ready, effects: [...ready.effects, { kind: 'kill', taskId: task.id, cause: 'unhealthy' }] }
  }
  expect(() => runBroken({ ready: murderous })).toThrow(/^(incarnation|kills): .* is killed for unhealthy/)
})

test('a kill for being unhealthy after fewer bad answers than are allowed is caught', () => {
  const strict = ({ core }: InspectableScheduler): void => {
    for (const instance of core.state.instances()) {
      const app = core.state.app(instance.runSpecId)
      const isOurs = app?.healthChecks.some(({ protocol }) => protocol === 'HTTP' || protocol === 'TCP')
      if (!isOurs || instance.condition !== 'Running' || instance.kill !== undefined) continue
      const killed = { ...instance, kill: { cause: 'unhealthy', requestedAt: core.state.now } } as const
      core.state.putInstance(killed)
      core.batch.put('instance', killed.id, killed)
      core.kills.enqueue(killed.id)
    }
  }
  expect(() => runBroken({ after: strict }, { hours: 4 })).toThrow(
    /^health: .* after no bad answers in a row/,
  )
})

test('an event that is told of and not written down is caught', () => {
  const forgetful = (ready: Ready): Ready => ({
    ...ready,
    writes: ready.writes.filter(({ table }) => table !== 'event-log'),
  })
  const options = { faults: { ...noFaults, crash: 600 } }
  expect(() => runBroken({ ready: forgetful }, options)).toThrow(/^events: /)
})

test('an index that does not agree with the table is caught', () => {
  const confused = ({ core }: InspectableScheduler): void => {
    for (const instance of core.state.instances()) core.state.launching.add(instance.id)
  }
  expect(() => runBroken({ after: confused })).toThrow(/^structure: .*launching/)
})

test('kills that never leave keep a world from settling', () => {
  const merciful = (ready: Ready): Ready => ({
    ...ready,
    effects: ready.effects.filter(({ kind }) => kind !== 'kill'),
  })
  expect(() => runBroken({ ready: merciful })).toThrow(/^convergence: /)
})

test('statuses that are overlooked keep a world from settling', () => {
  const deaf = (slice: readonly Event[]): readonly Event[] =>
    slice.filter((event) => !(event.kind === 'status' && event.status.state === 'TASK_FAILED'))
  const options = { faults: faultKinds['tasks']!(noFaults), settings: { ...defaultSettings } }
  expect(() => runBroken({ slice: deaf }, options)).toThrow(/^(agreement|convergence|placement|idle): /)
})

test('writing when nothing happens is caught', () => {
  const restless = (ready: Ready): Ready => ({
    ...ready,
    writes: [...ready.writes, { kind: 'put', table: 'meta', key: 'restless', value: {} }],
  })
  expect(() => runBroken({ ready: restless })).toThrow(/^idle: /)
})

test('more instances than wanted are caught where they are created', () => {
  const generous = ({ core }: InspectableScheduler): void => {
    for (const runSpec of core.state.runSpecs()) {
      const [model] = core.state.instancesOf(runSpec.id)
      if (model?.condition !== 'Scheduled' && model?.condition !== 'Running') continue
      const { agent: _agent, activeSince: _activeSince, kill: _kill, ...rest } = model
      const extra = {
        ...rest,
        id: core.ids.instanceId(runSpec.id, core.state.now),
        condition: 'Scheduled',
        goal: 'Running',
        attempt: 0,
        tasks: [],
      } as const
      core.state.putInstance(extra)
      core.batch.put('instance', extra.id, extra)
    }
  }
  expect(() => runBroken({ after: generous })).toThrow(/^capacity: /)
})

test('running instances given up for a deployment below its minimum are caught', () => {
  const hasty = ({ core }: InspectableScheduler): void => {
    for (const deployment of core.state.deployments()) {
      const step = deployment.steps[deployment.currentStep]!
      for (const { kind, runSpecId } of step.actions) {
        if (kind !== 'RestartApplication') continue
        for (const instance of core.state.instancesOf(runSpecId)) {
          if (instance.condition !== 'Running' || instance.goal !== 'Running') continue
          const given = {
            ...instance,
            goal: 'Decommissioned',
            kill: { cause: 'deployment', requestedAt: core.state.now },
          } as const
          core.state.putInstance(given)
          core.batch.put('instance', given.id, given)
          core.kills.enqueue(given.id)
        }
      }
    }
  }
  expect(() => runBroken({ after: hasty })).toThrow(/^capacity: .* a deployment left/)
})

test('a constraint that is not kept is caught', () => {
  const crowding = ({ core }: InspectableScheduler): void => {
    for (const instance of core.state.instances()) {
      if (instance.condition !== 'Provisioned' || instance.agent === undefined) continue
      const crowded = { ...instance, agent: { ...instance.agent, hostname: 'agent-1.example' } }
      core.state.putInstance(crowded)
      core.batch.put('instance', crowded.id, crowded)
    }
  }
  expect(() => runBroken({ after: crowding })).toThrow(/^placement: .* hostname (UNIQUE|MAX_PER)/)
})

describe('of data', () => {
  const keeping: Partial<RunOptions> = {
    apps: 1,
    pods: 0,
    residents: { apps: 3, pods: 1 },
    settings: { ...defaultSettings, mesosRole: 'main', mesosPrincipal: 'marathon' },
  }
  const written = ({ core }: InspectableScheduler): Instance | undefined =>
    [...core.state.instances()].find(
      ({ reservation, condition, goal }) =>
        reservation !== undefined && condition === 'Running' && goal === 'Running',
    )

  test('with the real core nothing fails', () => {
    expect(() => runBroken({}, keeping)).not.toThrow()
  })

  test('a volume that is destroyed although its instance is kept is caught', () => {
    const careless = (ready: Ready, inner: InspectableScheduler): Ready => {
      const { reservation, agent } = written(inner) ?? {}
      if (reservation === undefined || agent === undefined) return ready
      const volumes = reservation.volumes.map(({ persistenceId: id }) => ({
        name: 'disk',
        scalar: 16,
        role: 'main',
        disk: { persistence: { id } },
      }))
      const effect: EngineEffect = {
        kind: 'accept',
        offerIds: ['none'],
        agentId: agent.agentId,
        operations: [{ type: 'DESTROY', volumes }],
      }
      return { ...ready, effects: [...ready.effects, effect] }
    }
    expect(() => runBroken({ ready: careless }, keeping)).toThrow(/^volumes: .* is destroyed, and .* has it/)
  })

  test('an instance that is launched without its volume is caught', () => {
    const bare = (ready: Ready): Ready => ({
      ...ready,
      effects: ready.effects.map((effect) =>
        effect.kind !== 'accept'
          ? effect
          : {
              ...effect,
              operations: effect.operations.map((operation) =>
                operation.type !== 'LAUNCH'
                  ? operation
                  : {
                      ...operation,
                      tasks: operation.tasks.map((task) => ({
                        ...task,
                        resources: task.resources.filter(({ disk }) => disk?.persistence === undefined),
                      })),
                    },
              ),
            },
      ),
    })
    expect(() => runBroken({ ready: bare }, { ...keeping, residents: { apps: 3, pods: 0 } })).toThrow(
      /^volumes: .* is launched on no volume/,
    )
  })

  test('an instance that is given up with its data, and nobody has asked for it, is caught', () => {
    const hasty = (inner: InspectableScheduler): void => {
      const instance = written(inner)
      if (instance === undefined) return
      const kill = { cause: 'api-request', requestedAt: inner.core.state.now } as const
      const given = { ...instance, goal: 'Decommissioned', kill } as const
      inner.core.state.putInstance(given)
      inner.core.batch.put('instance', given.id, given)
      inner.core.kills.enqueue(given.id)
    }
    expect(() => runBroken({ after: hasty }, keeping)).toThrow(/^volumes: .* is given up/)
  })

  test('what is kept for nobody, and overlooked, is caught', () => {
    let state: InspectableScheduler['core']['state'] | undefined
    const isSomebodys = ({ reservations = [] }: Resource): boolean => {
      const id = reservations.at(-1)?.labels['marathon_task_id']
      return id === undefined || state?.instance(id) !== undefined
    }
    const blind = (slice: readonly Event[]): readonly Event[] =>
      slice.map((event) =>
        event.kind !== 'offers'
          ? event
          : {
              ...event,
              offers: event.offers.map((offer) => ({
                ...offer,
                resources: offer.resources.filter(isSomebodys),
              })),
            },
      )
    const after = ({ core }: InspectableScheduler): void => {
      state = core.state
    }
    expect(() => runBroken({ slice: blind, after }, keeping)).toThrow(/^leftovers: .* keeps something for/)
  })
})
