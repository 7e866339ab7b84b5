// What is said about small clusters, word for word: times without their day, random ids as <id>.

import { describe, expect, test } from 'vitest'
import { HandCore, type HandCoreOptions, offerOf } from '../../../tests/support/hand-core.ts'
import type { Subject } from '../../core/explain/cause.ts'
import { probeIdOf } from '../../core/health/probe-id.ts'
import type { Instance } from '../../core/instances/instance.ts'
import type { Offer } from '../../core/mesos.ts'
import { instant, millis } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import { explanationText } from './explanation.ts'

const said = (core: HandCore, id: string, kind: Subject['kind'] = 'app'): string =>
  explanationText(core.view.explain({ kind, id })!)
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replaceAll('2031-04-02T', '')

/** Without what the deployment adds: it starts an app for the first time, and waits for no more than the app does. */
const ofApp = (core: HandCore, id = '/web'): string =>
  said(core, id)
    .split('\n')
    .filter((line) => !line.startsWith('- Deployment <id> is changing it'))
    .join('\n')

const resources = (mem: number, role = '*'): Offer['resources'] => [
  { name: 'cpus', scalar: 4, role },
  { name: 'mem', scalar: mem, role },
  { name: 'disk', scalar: 1_000, role },
  { name: 'ports', ranges: [{ begin: 31_000, end: 31_099 }], role },
]

/** An agent with so much memory left, and attributes by name. */
const agent = (
  name: string,
  mem = 4_096,
  attributes: Readonly<Record<string, string>> = {},
  more: Partial<Offer> = {},
): Offer =>
  offerOf(name, {
    resources: resources(mem),
    attributes: Object.entries(attributes).map(([key, text]) => ({ name: key, text })),
    ...more,
  })

const web = { id: '/web', cmd: 'serve', cpus: 0.1, mem: 32 }

/** A cluster with these agents, and an app that differs from a small one. */
function cluster(app: object, offers: readonly Offer[], options: HandCoreOptions = {}): HandCore {
  const core = new HandCore(options)
  core.offers(...offers)
  expect(core.create({ ...web, ...app })).toMatchObject({ kind: 'deployed' })
  return core
}

/** The agents offer again what is left, under new ids. */
function offerAgain(core: HandCore, ...offers: readonly Offer[]): void {
  core.offers(...offers.map((offer) => ({ ...offer, id: `${offer.id} at ${core.now}` })))
}

const withVolume = {
  container: {
    type: 'MESOS',
    volumes: [{ containerPath: 'data', mode: 'RW', persistent: { size: 100 } }],
  },
}
const inOurName = { mesosRole: 'dev', mesosPrincipal: 'marathon' }

describe('an app whose volumes are on an agent', () => {
  const reserved = (options: HandCoreOptions = {}) => {
    const core = cluster(withVolume, [agent('n1')], { settings: inOurName, ...options })
    const kept = core.effects.flatMap((effect) =>
      effect.kind !== 'accept'
        ? []
        : effect.operations.flatMap((operation) =>
            operation.type === 'RESERVE'
              ? operation.resources.filter(({ name }) => name !== 'disk')
              : operation.type === 'CREATE'
                ? operation.volumes
                : [],
          ),
    )
    return { core, kept }
  }

  test('waits for it to offer what was reserved', () => {
    expect(ofApp(reserved().core)).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - 1 instance of /web is to be launched where its volumes are.
          - web.instance-<id>: what is reserved for it on n1 has not been offered yet; it is given up at 09:00:20.000Z.
      "
    `)
  })

  test('waits for it to make offers again', () => {
    const { core, kept } = reserved()
    offerAgain(core, offerOf('n1', { resources: kept }))
    core.run(60_000)
    core.tellAll('TASK_RUNNING')
    const [{ tasks }] = [...core.view.instances()] as [Instance]
    core.status(tasks[0]!.id, 'TASK_FAILED')
    core.run(5_000)
    expect(ofApp(core)).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:01:00.000Z.
        - 1 instance of /web is to be launched where its volumes are.
          - web.instance-<id>: its volumes are on n1, which makes no offers.
      "
    `)
    offerAgain(core, offerOf('n1', { resources: [...resources(100)] }))
    expect(ofApp(core).split('\n').at(-2)).toMatchInlineSnapshot(
      `"    - web.instance-<id>: its volumes are on n1, whose offers do not hold them."`,
    )
    const little = kept.map((each) => (each.name === 'mem' ? { ...each, scalar: 1 } : each))
    offerAgain(core, offerOf('n1', { id: 'little', resources: little }))
    expect(ofApp(core).split('\n').at(-2)).toMatchInlineSnapshot(
      `"    - web.instance-<id>: its volumes are on n1, where it does not fit: InsufficientMemory."`,
    )
  })
})

describe('an app that no agent takes', () => {
  test('for want of memory: what fits on most agents, and what fits for as many as wait', () => {
    const offers = [agent('n1', 896), agent('n2', 512), agent('n3', 128), agent('n4', 896)]
    expect(ofApp(cluster({ mem: 1_024, instances: 3 }, offers))).toMatchInlineSnapshot(`
      "0 of 3 instances of /web run.
      - 3 of 3 instances of /web wait for a launch since 09:00:00.000Z.
        - None of 4 agents takes an instance: too little mem (4).
          - It fits on 3 of 4 agents if mem <= 512 (it asks for 1024).
          - It fits on 2 of 4 agents if mem <= 896 (it asks for 1024).
          - n1: mem 896 of 1024.
          - n4: mem 896 of 1024.
          - n2: mem 512 of 1024.
          - n3: mem 128 of 1024.
      "
    `)
  })

  test('because none has the attribute', () => {
    const offers = [agent('n1'), agent('n2')]
    expect(ofApp(cluster({ constraints: [['rack_id', 'UNIQUE']] }, offers))).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - None of 2 agents takes an instance: [rack_id, UNIQUE] not met (2).
          - Constraint [rack_id, UNIQUE]: no agent has rack_id.
          - It fits on 2 of 2 agents without [rack_id, UNIQUE].
          - n1: no rack_id.
          - n2: no rack_id.
      "
    `)
  })

  test('because each rack has its instance already', () => {
    const racks = [agent('n1', 900, { rack_id: 'a' }), agent('n2', 900, { rack_id: 'b' }), agent('n3', 900)]
    const core = cluster({ constraints: [['rack_id', 'UNIQUE']], instances: 3 }, racks)
    core.tellAll('TASK_RUNNING')
    offerAgain(core, ...racks.slice(0, 2), agent('n4', 900, { rack_id: 'b' }))
    expect(ofApp(core)).toMatchInlineSnapshot(`
      "2 of 3 instances of /web run.
      - 1 of 3 instances of /web waits for a launch since 09:00:00.000Z.
        - None of 4 agents takes an instance: [rack_id, UNIQUE] not met (4).
          - Constraint [rack_id, UNIQUE] refuses 4 of 4 agents: rack_id is b (1 instance there) or a (1 instance there), 1 without rack_id.
          - It fits on 4 of 4 agents without [rack_id, UNIQUE].
          - n3: no rack_id.
          - n1: rack_id is a, not met [rack_id, UNIQUE].
          - n2: rack_id is b, not met [rack_id, UNIQUE].
          - n4: rack_id is b, not met [rack_id, UNIQUE].
      "
    `)
  })

  test('because no value matches: the values there are', () => {
    const offers = ['a', 'b', 'b', 'c'].map((rack, at) => agent(`n${at + 1}`, 900, { rack_id: rack }))
    expect(ofApp(cluster({ constraints: [['rack_id', 'LIKE', 'z.*']] }, offers))).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - None of 4 agents takes an instance: [rack_id, LIKE, z.*] not met (4).
          - Constraint [rack_id, LIKE, z.*] refuses 4 of 4 agents: rack_id is b on 2, a on 1 or c on 1.
          - It fits on 4 of 4 agents without [rack_id, LIKE, z.*].
          - n1: rack_id is a, not met [rack_id, LIKE, z.*].
          - n2: rack_id is b, not met [rack_id, LIKE, z.*].
          - n3: rack_id is b, not met [rack_id, LIKE, z.*].
          - n4: rack_id is c, not met [rack_id, LIKE, z.*].
      "
    `)
  })

  test('for two reasons at once: the fewest changes that help together', () => {
    const offers = [agent('n1', 896, { rack_id: 'a' }), agent('n2', 512, { rack_id: 'b' }), agent('n3', 128)]
    const app = { mem: 1_024, constraints: [['rack_id', 'IS', 'c']] }
    expect(ofApp(cluster(app, offers))).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - None of 3 agents takes an instance: too little mem (3), [rack_id, IS, c] not met (3).
          - Constraint [rack_id, IS, c] refuses 3 of 3 agents: rack_id is a on 1 or b on 1, 1 without rack_id.
          - It fits on 1 of 3 agents without [rack_id, IS, c] and if mem <= 896 (it asks for 1024).
          - n1: mem 896 of 1024; rack_id is a, not met [rack_id, IS, c].
          - n2: mem 512 of 1024; rack_id is b, not met [rack_id, IS, c].
          - n3: mem 128 of 1024; no rack_id.
      "
    `)
  })

  test('for a different reason on each: every change that helps somewhere by itself', () => {
    const offers = [agent('n1', 896, { rack_id: 'a' }), agent('n2', 2_048), agent('n3', 512)]
    const app = { mem: 1_024, constraints: [['rack_id', 'LIKE', 'a']] }
    expect(ofApp(cluster(app, offers))).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - None of 3 agents takes an instance: too little mem (2), [rack_id, LIKE, a] not met (2).
          - Constraint [rack_id, LIKE, a] refuses 2 of 3 agents: 2 without rack_id.
          - It fits on 1 of 3 agents if mem <= 896 (it asks for 1024).
          - It fits on 1 of 3 agents without [rack_id, LIKE, a].
          - n2: no rack_id.
          - n1: mem 896 of 1024.
      "
    `)
  })

  test('because a port is taken', () => {
    const app = { requirePorts: true, portDefinitions: [{ port: 80 }, { port: 31_001 }] }
    expect(ofApp(cluster(app, [agent('n1'), agent('n2')]))).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - None of 2 agents takes an instance: port 80 not free (2).
          - It fits on 2 of 2 agents without port 80.
          - n1: port 80 not free.
          - n2: port 80 not free.
      "
    `)
  })

  test('because there are too few ports', () => {
    const few = {
      resources: [
        ...resources(900).slice(0, 3),
        { name: 'ports', ranges: [{ begin: 1, end: 2 }], role: '*' },
      ],
    }
    const app = { ports: [0, 0, 0] }
    expect(ofApp(cluster(app, [agent('n1', 900, {}, few)]))).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - None of 1 agent takes an instance: fewer than 3 ports free (1).
          - It fits on 1 of 1 agent without host ports.
          - n1: 2 of 3 ports free.
      "
    `)
  })

  test('because all is reserved for another role', () => {
    const offers = [agent('n1', 900, {}, { resources: resources(900, 'prod') }), agent('n2', 16)]
    expect(ofApp(cluster({}, offers))).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - None of 2 agents takes an instance: only resources of roles that are not accepted (1), too little mem (1).
          - It fits on 1 of 2 agents if it accepts resources of role prod.
          - It fits on 1 of 2 agents if mem <= 16 (it asks for 32).
          - n1: offers resources of prod.
          - n2: mem 16 of 32.
      "
    `)
  })

  test('because it is in another region', () => {
    expect(ofApp(cluster({}, [agent('n1', 900, {}, { region: 'far' })]))).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - None of 1 agent takes an instance: another region than the home region (1).
          - It fits on 1 of 1 agent if it may leave the home region (by a constraint on @region).
          - n1: in region far.
      "
    `)
  })

  test('because of maintenance', () => {
    const unavailability = { start: instant(0), duration: millis(Date.UTC(2031, 3, 2, 12)) }
    expect(ofApp(cluster({}, [agent('n1', 900, {}, { unavailability })]))).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - None of 1 agent takes an instance: maintenance announced (1).
          - It fits on 1 of 1 agent when maintenance is over.
          - n1: maintenance until 12:00:00.000Z.
      "
    `)
  })

  test('because gpus are kept for those who ask for them', () => {
    const withGpus = { resources: [...resources(900), { name: 'gpus', scalar: 2, role: '*' }] }
    expect(ofApp(cluster({}, [agent('n1', 900, {}, withGpus)]))).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - None of 1 agent takes an instance: gpus, which are kept for apps that ask for them (1).
          - It fits on 1 of 1 agent if it may use agents with gpus (label GPU_SCHEDULING_BEHAVIOR: unrestricted).
          - n1: has gpus.
      "
    `)
  })

  test('because its volumes have no reservation', () => {
    expect(
      ofApp(cluster(withVolume, [agent('n1')], { settings: { mesosRole: 'dev' } })),
    ).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - Nothing can be reserved for its volumes: what runs the tasks here keeps none.
        - None of 1 agent takes an instance: no reservation for its volumes (1).
          - It fits on 1 of 1 agent without persistent volumes.
          - n1: no reservation for its volumes.
      "
    `)
  })

  test('because nobody says in whose name volumes are reserved', () => {
    const core = cluster(withVolume, [agent('n1')], { settings: { mesosRole: 'dev' }, reserves: true })
    expect(ofApp(core)).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - No principal set. Set --mesos_authentication_principal to enable using local volumes in Marathon.
        - None of 1 agent takes an instance: no reservation for its volumes (1).
          - It fits on 1 of 1 agent without persistent volumes.
          - n1: no reservation for its volumes.
      "
    `)
  })

  test('because no disk has room for its volumes', () => {
    const container = {
      type: 'MESOS',
      volumes: [{ containerPath: 'data', mode: 'RW', persistent: { size: 2_000 } }],
    }
    expect(
      ofApp(cluster({ ...withVolume, container }, [agent('n1')], { settings: inOurName })),
    ).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - None of 1 agent takes an instance: no disks for its volumes (1).
          - It fits on 1 of 1 agent without persistent volumes.
          - n1: no disks for its volumes.
      "
    `)
  })

  test('and on a shared cluster: the offers it could not use lately', () => {
    const core = cluster({ mem: 1_024 }, [], { holdsOffers: false })
    core.offers(agent('n1', 896), agent('n2', 512))
    core.run(30_000)
    expect(ofApp(core)).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - None of 2 agents takes an instance: too little mem (2). Nothing is offered now; this is of offers refused since 09:00:00.000Z.
          - It fits on 1 of 2 agents if mem <= 896 (it asks for 1024).
          - n1: mem 896 of 1024.
          - n2: mem 512 of 1024.
      "
    `)
  })
})

test('of very many offers some stand for all, and it says so', () => {
  const offers = Array.from({ length: limits.explainedOffers + 1_000 }, (_, n) =>
    agent(`n${n}`, n < 5_999 ? 64 : 128),
  )
  const lines = ofApp(cluster({ mem: 1_024 }, offers)).split('\n')
  expect(lines[2]).toBe('  - None of 5000 agents, of 6000 offers, takes an instance: too little mem (5000).')
  expect(lines).toHaveLength(3 + 1 + limits.explainedAgents + 1)
})

test('the many actions of a deployment share the offers that are looked at', () => {
  const core = new HandCore()
  core.offers(...Array.from({ length: 2_000 }, (_, n) => agent(`n${n}`, 64)))
  const apps = Array.from({ length: 10 }, (_, n) => ({ ...web, id: `/shop/a${n}`, mem: 1_024 }))
  core.ask({ kind: 'create-group', id: '/', body: { id: '/shop', apps }, force: false })
  const text = said(core, core.view.deployments()[0]!.id, 'deployment')
  const looks = text.match(/None of \d+ agents, of 2000 offers/g)
  expect(looks).toEqual(Array(limits.explainedNames).fill('None of 625 agents, of 2000 offers'))
  expect(text).toContain('2 more actions are not done.')
})

describe('an app that waits for something else', () => {
  test('for anybody to offer something', () => {
    expect(ofApp(cluster({}, []))).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - 1 instance of /web waits for an agent to offer resources; none is at hand.
      "
    `)
  })

  test('for the engine', () => {
    const core = cluster({}, [])
    core.engine({ kind: 'engine-disconnected' })
    expect(ofApp(core)).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - The engine that runs tasks is not connected.
      "
    `)
  })

  test('for the end of its backoff, with how it failed', () => {
    const core = cluster({ backoffFactor: 2 }, [agent('n1')])
    const fail = (message: string): void => {
      const { taskId } = core.launched.shift()!
      core.status(taskId, 'TASK_FAILED', { message })
      core.run(500)
    }
    fail('Command terminated with signal Killed')
    const saidFirst = ofApp(core)
    for (let time = 0; time < 3; time++) {
      core.run(10_000)
      offerAgain(core, agent('n1'))
      fail('Command exited with status 1')
    }
    expect(saidFirst).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
        - Launches wait until 09:00:01.000Z by backoff (factor 2, now 1 s) after a failure: Command terminated with signal Killed (at 09:00:00.000Z on n1). DELETE /v2/queue/web/delay launches at once.
      "
    `)
    expect(ofApp(core)).toMatchInlineSnapshot(`
      "0 of 1 instance of /web run.
      - 1 of 1 instance of /web waits for a launch since 09:00:31.500Z.
        - Launches wait until 09:00:39.500Z by backoff (factor 2, now 8 s) after 4 failures, the last 3 of them: Command exited with status 1 (at 09:00:31.500Z on n1). DELETE /v2/queue/web/delay launches at once.
      "
    `)
  })

  test('in lines that stay lines, whatever a task has said of itself', () => {
    const core = cluster({}, [agent('n1')])
    const message = 'gone\n- All is well\u001b[2J\u009b31m'
    core.status(core.launched.shift()!.taskId, 'TASK_FAILED', { message })
    core.run(500)
    expect(ofApp(core)).toContain(' after a failure: gone - All is well [2J 31m (at ')
  })

  test('for launch tokens', () => {
    const settings = { launchTokens: 1, launchTokenRefreshInterval: millis(30_000) }
    expect(ofApp(cluster({ instances: 2 }, [agent('n1')], { settings }))).toMatchInlineSnapshot(`
      "0 of 2 instances of /web run.
      - 1 of 2 instances of /web waits for a launch since 09:00:00.000Z.
        - /web waits because enough tasks are being launched already; more are allowed at 09:00:30.000Z.
      - 1 instance of /web is launched and not running yet; one that does not run by 09:05:00.000Z is launched anew.
        - web.instance-<id>._app.1 on n1: Provisioned since 09:00:00.000Z.
      "
    `)
  })

  test('for tasks that do not come up, are cut off, or do not end', () => {
    const offers = [agent('n1'), agent('n2'), agent('n3')]
    const app = { instances: 3, taskKillGracePeriodSeconds: 20, constraints: [['hostname', 'UNIQUE']] }
    const core = cluster(
      { ...app, unreachableStrategy: { inactiveAfterSeconds: 60, expungeAfterSeconds: 600 } },
      offers,
    )
    const [first, second] = core.launched
    core.status(first!.taskId, 'TASK_RUNNING')
    core.status(second!.taskId, 'TASK_RUNNING')
    core.run(1_000)
    core.status(first!.taskId, 'TASK_UNREACHABLE', { unreachableSince: core.now })
    const selection = { kind: 'tasks', taskIds: [second!.taskId] } as const
    core.ask({ kind: 'kill-tasks', selection, wipe: false })
    expect(ofApp(core)).toMatchInlineSnapshot(`
      "0 of 3 instances of /web run.
      - 1 instance of /web is launched and not running yet; one that does not run by 09:05:00.000Z is launched anew.
        - web.instance-<id>._app.1 on n3: Provisioned since 09:00:00.000Z.
      - 1 instance of /web is on an agent that cannot be reached; the next is replaced at 09:01:01.000Z.
        - web.instance-<id>._app.1 on n1: Unreachable since 09:00:01.000Z.
      - 1 instance of /web is told to end and not ended yet. The first was told at 09:00:01.000Z: somebody killed it. Its grace period ends at 09:00:21.000Z.
        - web.instance-<id>._app.1 on n2: Running since 09:00:00.000Z.
      "
    `)
  })
})

describe('an app whose health checks', () => {
  const check = {
    protocol: 'HTTP',
    path: '/up',
    gracePeriodSeconds: 30,
    intervalSeconds: 10,
    maxConsecutiveFailures: 3,
  }

  function checked(): HandCore {
    const app = { healthChecks: [check], portDefinitions: [{ port: 0 }] }
    const core = cluster(app, [agent('n1')])
    core.status(core.launched[0]!.taskId, 'TASK_RUNNING')
    return core
  }

  function answer(core: HandCore, status: number, statusText: string): void {
    const id = probeIdOf({ kind: 'health', taskId: core.launched[0]!.taskId, index: 0 })
    core.step({ kind: 'probe-results', results: [{ id, outcome: { kind: 'answered', status, statusText } }] })
    core.run(10_000)
  }

  test('have not answered yet', () => {
    expect(ofApp(checked())).toMatchInlineSnapshot(`
      "1 of 1 instance of /web runs, 0 are healthy.
      - 1 instance of /web is running and not known to be healthy yet.
        - web.instance-<id>._app.1 on n1: Running since 09:00:00.000Z.
          - Health check 0 (HTTP /up) has not succeeded yet; failures count from 09:00:30.000Z.
      "
    `)
  })

  test('fail: why, and when that has consequences', () => {
    const core = checked()
    answer(core, 200, 'OK')
    expect(said(core, '/web')).toMatchInlineSnapshot(`
      "1 of 1 instance of /web runs and is healthy since 09:00:00.000Z.
      "
    `)
    answer(core, 503, 'Service Unavailable')
    answer(core, 503, 'Service Unavailable')
    expect(said(core, '/web')).toMatchInlineSnapshot(`
      "1 of 1 instance of /web runs, 0 are healthy.
      - 1 instance of /web fails its health checks.
        - web.instance-<id>._app.1 on n1: Running since 09:00:00.000Z.
          - Health check 0 (HTTP /up) failed 2 times in a row, last at 09:00:20.000Z: 503 Service Unavailable. It is killed at about 09:00:40.000Z if that goes on (maxConsecutiveFailures is 3).
      "
    `)
  })
})

test('a run spec that is set aside', () => {
  const core = cluster({}, [], { quarantines: true })
  core.scheduler.core.quarantine.guard('/web', () => {
    throw new Error('no such thing')
  })
  expect(ofApp(core)).toMatchInlineSnapshot(`
    "0 of 1 instance of /web run.
    - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
      - A decision about /web failed, so it is left alone until it is changed; the server's log has the text.
    "
  `)
})

test('an app whose turn has not come, since another one is in line', () => {
  const core = cluster({ id: '/db' }, [])
  core.create({ ...web, dependencies: ['/db'] })
  core.ask({
    kind: 'update-group',
    id: '/',
    body: {
      apps: [
        { ...web, id: '/db', cmd: 'other' },
        { ...web, cmd: 'other', dependencies: ['/db'] },
      ],
    },
    force: true,
  })
  expect(said(core, '/web')).toMatchInlineSnapshot(`
    "0 of 1 instance of /web run.
    - 1 of 1 instance of /web waits for a launch since 09:00:00.000Z.
      - 1 instance of /web waits for an agent to offer resources; none is at hand.
    - Deployment <id> changes it in step 2 of 2, and is in step 1.
      - RestartApplication of /db is not done.
        - 1 of 1 instance of /db waits for a launch since 09:00:00.000Z.
          - 1 instance of /db waits for an agent to offer resources; none is at hand.
    "
  `)
  expect(said(core, core.view.deploymentsOf('/web')[0]!.id, 'deployment')).toMatchInlineSnapshot(`
    "Deployment <id>, begun at 09:00:00.000Z, is in step 1 of 2.
    - RestartApplication of /db is not done.
      - 1 of 1 instance of /db waits for a launch since 09:00:00.000Z.
        - 1 instance of /db waits for an agent to offer resources; none is at hand.
    - After it comes step 2: RestartApplication of /web.
    "
  `)
})

test('an upgrade that must not go below its capacity', () => {
  const core = cluster({ instances: 2 }, [agent('n1')])
  core.tellAll('TASK_RUNNING')
  core.update('/web', {
    cmd: 'serve better',
    upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 0.5 },
  })
  expect(said(core, '/web')).toMatchInlineSnapshot(`
    "2 of 2 instances of /web run, 2 with an older configuration.
    - 1 of 2 instances of /web waits for a launch since 09:00:00.000Z.
      - 1 instance of /web waits for an agent to offer resources; none is at hand.
    - Deployment <id> is changing it, in step 1 of 1.
      - /web keeps at least 2 healthy and at most 3 instances during the upgrade; no more can be started or stopped for the moment.
    "
  `)
  expect(said(core, core.view.deployments()[0]!.id, 'deployment')).toMatchInlineSnapshot(`
    "Deployment <id>, begun at 09:00:00.000Z, is in step 1 of 1.
    - RestartApplication of /web is not done.
      - 1 of 2 instances of /web waits for a launch since 09:00:00.000Z.
        - 1 instance of /web waits for an agent to offer resources; none is at hand.
      - /web keeps at least 2 healthy and at most 3 instances during the upgrade; no more can be started or stopped for the moment.
    "
  `)
})

test('an app that is as it shall be', () => {
  const core = cluster({ instances: 2 }, [agent('n1')])
  core.tellAll('TASK_RUNNING')
  expect(said(core, '/web')).toBe('2 of 2 instances of /web run since 09:00:00.000Z.\n')
  core.update('/web', { instances: 0 })
  core.launched = []
  expect(said(core, '/web')).toMatchInlineSnapshot(`
    "No instance of /web is wanted, and none runs.
    - 2 instances of /web are told to end and not ended yet. The first was told at 09:00:00.000Z: fewer are wanted.
      - web.instance-<id>._app.1 on n1: Running since 09:00:00.000Z.
      - web.instance-<id>._app.1 on n1: Running since 09:00:00.000Z.
    - Deployment <id> is changing it, in step 1 of 1.
    "
  `)
})

test('an app is not a pod, and nothing is said of what is not there', () => {
  const core = cluster({}, [])
  expect(core.view.explain({ kind: 'pod', id: '/web' })).toBeUndefined()
  expect(core.view.explain({ kind: 'app', id: '/none' })).toBeUndefined()
  expect(core.view.explain({ kind: 'deployment', id: 'none' })).toBeUndefined()
})

describe('a deployment that does not get on', () => {
  const upgradeStrategy = { minimumHealthCapacity: 1, maximumOverCapacity: 1, progressDeadlineSeconds: 30 }

  function upgrading(change: object, app: object = {}): HandCore {
    const core = cluster({ instances: 2, upgradeStrategy, ...app }, [agent('n1')])
    core.tellAll('TASK_RUNNING')
    core.update('/web', change)
    return core
  }
  const ofDeployment = (core: HandCore): string => said(core, core.view.deployments()[0]!.id, 'deployment')

  test('says when it is given up, and then what it is taken back for', () => {
    const core = upgrading({ cmd: 'broken' })
    expect(ofDeployment(core)).toMatchInlineSnapshot(`
      "Deployment <id>, begun at 09:00:00.000Z, is in step 1 of 1.
      - RestartApplication of /web is not done.
        - 2 of 2 instances of /web wait for a launch since 09:00:00.000Z.
          - 2 instances of /web wait for an agent to offer resources; none is at hand.
        - /web keeps at least 2 healthy and at most 4 instances during the upgrade; no more can be started or stopped for the moment.
        - No instance of the new version of /web has been up since 09:00:00.000Z; without progress the deployment is taken back at 09:00:30.000Z.
      "
    `)
    offerAgain(core, agent('n2'))
    core.run(31_000)
    expect(ofDeployment(core)).toMatchInlineSnapshot(`
      "Deployment <id>, begun at 09:00:30.000Z, is in step 1 of 1.
      - It takes back deployment <id>: /web made no progress for 30 s: 0 of 2 instances of version 09:00:00.001Z were up at most; 2 of /web are launched and do not run yet; /web keeps at least 2 healthy and at most 4 in all.
      - RestartApplication of /web is not done.
        - 2 instances of /web are told to end and not ended yet. The first was told at 09:00:30.000Z: a deployment replaces it.
          - web.instance-<id>._app.1 on n2: Provisioned since 09:00:00.000Z.
          - web.instance-<id>._app.1 on n2: Provisioned since 09:00:00.000Z.
      "
    `)
  })

  test('because somebody has paused it', () => {
    const core = upgrading({ cmd: 'better' })
    core.ask({ kind: 'pause-deployment', id: core.view.deployments()[0]!.id })
    expect(ofDeployment(core)).toMatchInlineSnapshot(`
      "Deployment <id>, begun at 09:00:00.000Z, is in step 1 of 1.
      - Deployment <id> is paused since 09:00:00.000Z. POST /v2/deployments/<id>/resume goes on, DELETE rolls back.
      - RestartApplication of /web is not done.
      "
    `)
  })

  test('because a canary waits to be promoted', () => {
    const core = upgrading({
      cmd: 'better',
      upgradeStrategy: { ...upgradeStrategy, canarySteps: [{ instances: 1 }] },
    })
    offerAgain(core, agent('n2'))
    core.tellAll('TASK_RUNNING')
    for (const effect of core.effects) if (effect.kind === 'kill') core.status(effect.taskId, 'TASK_KILLED')
    expect(ofDeployment(core)).toMatchInlineSnapshot(`
      "Deployment <id>, begun at 09:00:00.000Z, is in step 1 of 1.
      - RestartApplication of /web is not done.
        - Canary step 1 of 1: 1 instance of /web runs the new version. POST /v2/deployments/<id>/promote goes on, DELETE rolls back.
      "
    `)
  })

  test('because what it launched is not ready', () => {
    const readinessChecks = [
      {
        name: 'warm',
        portName: 'http',
        path: '/ready',
        intervalSeconds: 5,
        timeoutSeconds: 2,
        preserveLastResponse: true,
      },
    ]
    const portDefinitions = [{ port: 0, name: 'http' }]
    const core = cluster({ readinessChecks, portDefinitions }, [agent('n1')])
    const { taskId } = core.launched[0]!
    core.status(taskId, 'TASK_RUNNING')
    const id = probeIdOf({ kind: 'readiness', taskId })
    const outcome = { kind: 'answered', status: 503, statusText: 'Service Unavailable' } as const
    core.step({ kind: 'probe-results', results: [{ id, outcome }] })
    expect(ofDeployment(core)).toMatchInlineSnapshot(`
      "Deployment <id>, begun at 09:00:00.000Z, is in step 2 of 2.
      - ScaleApplication of /web is not done.
        - 1 instance of /web has not been found ready by the readiness check yet.
          - web.instance-<id>._app.1 on n1: Running since 09:00:00.000Z.
            - Readiness check warm answered 503.
      "
    `)
  })
})
