// A resident app from its first launch to its end, through the whole core: what is stopped, kept, taken up again and
// given back, and what people and listeners see of it.

import { describe, expect, test } from 'vitest'
import { HandCore } from '../../tests/support/hand-core.ts'
import { residentApp, residentPod, runningApp, runningPod } from '../../tests/support/resident-core.ts'
import type { Instance } from './instances/instance.ts'
import type { Notice } from './notices/notice.ts'
import type { Ready } from './ready.ts'
import type { TaskSelection } from './requests.ts'

const all = (core: HandCore, id = '/db'): readonly Instance[] => core.view.instancesOf(id)
const ids = (core: HandCore, id?: string): string[] => all(core, id).map((instance) => instance.id)
const taskIdOf = (instance: Instance): string => instance.tasks[0]!.id

const states = (core: HandCore, id?: string): string[] =>
  all(core, id).map(({ condition, goal, reservation }) => `${condition} ${goal} ${reservation?.state ?? '-'}`)

/** Instance events and those of deployments, in the words of worked-examples 10. */
const told = ({ notices }: Pick<Ready, 'notices'>): string[] =>
  notices.flatMap(({ type, body }: Notice) => {
    const { condition, taskStatus } = body as { condition?: string; taskStatus?: string }
    if (type === 'instance_changed_event') return [`instance ${condition}`]
    if (type === 'status_update_event') return [`status ${taskStatus}`]
    return /deployment_(success|failed)|app_terminated|unknown_instance/.test(type) ? [type] : []
  })

const kills = (core: HandCore): string[] =>
  core.effects.flatMap((effect) => (effect.kind === 'kill' ? [effect.taskId] : []))

/** Everything that was told to end has ended. */
const endAll = (core: HandCore, id = '/db'): Ready =>
  core.step(
    ...all(core, id)
      .filter(({ kill }) => kill !== undefined)
      .flatMap(({ tasks }) => tasks)
      .map((task) => ({
        kind: 'status' as const,
        status: { taskId: task.id, state: 'TASK_KILLED' as const, timestamp: core.now },
      })),
  )

const kill = (core: HandCore, selection: TaskSelection, wipe = false) =>
  core.tell({ kind: 'kill-tasks', selection, wipe })

describe('scaled to nothing', () => {
  test('its tasks end, and what they wrote stays where it is', () => {
    const core = runningApp({ instances: 2 })
    const before = all(core)
    core.update('/db', { instances: 0 })
    expect(kills(core).sort()).toEqual(before.map(taskIdOf).sort())
    expect(told(endAll(core))).toEqual([
      'status TASK_KILLED',
      'instance Killed',
      'status TASK_KILLED',
      'instance Killed',
      'deployment_success',
    ])
    expect(states(core)).toEqual(['Killed Stopped suspended', 'Killed Stopped suspended'])
    expect(all(core).map(({ agent }) => agent)).toEqual(before.map(({ agent }) => agent))
  })

  test('and up again, it takes up what it has before it makes new ones', () => {
    const core = runningApp({ instances: 2 })
    const before = ids(core)
    core.update('/db', { instances: 0 })
    endAll(core)
    const { ready } = core.tell({
      kind: 'update-app',
      id: '/db',
      body: { instances: 3 },
      mode: 'partial',
      force: false,
      origin: { clientIp: '10.0.0.99', uri: '/v2/apps' },
    })
    expect(told(ready)).toEqual(['instance Scheduled', 'instance Scheduled', 'instance Scheduled'])
    expect(ids(core)).toHaveLength(3)
    const { version } = core.view.app('/db')!
    expect(states(core)).toEqual([
      'Scheduled Running suspended',
      'Scheduled Running suspended',
      'Scheduled Running -',
    ])
    expect(ids(core).slice(0, 2)).toEqual(before)
    expect(all(core).map(({ runSpecVersion, attempt }) => [runSpecVersion, attempt])).toEqual([
      [version, 1],
      [version, 1],
      [version, 0],
    ])
  })

  test('half-way, as many are stopped as are too many, and no others are made for them', () => {
    const core = runningApp({ instances: 3 })
    core.update('/db', { instances: 1 })
    core.update('/db', { instances: 2 }, true)
    // One of the two that end will be taken up again: a new one would have nothing of what they wrote.
    expect(states(core).filter((state) => state === 'Running Stopped launched')).toHaveLength(2)
    expect(all(core)).toHaveLength(3)
    endAll(core)
    expect(states(core).toSorted()).toEqual([
      'Killed Stopped suspended',
      'Running Running launched',
      'Scheduled Running suspended',
    ])
  })

  test('while one waits for a volume that is not there yet, that one is forgotten: nothing was written', () => {
    const core = runningApp({ instances: 1 })
    core.update('/db', { instances: 2 })
    expect(states(core)).toEqual(['Running Running launched', 'Scheduled Running -'])
    core.update('/db', { instances: 0 }, true)
    endAll(core)
    expect(states(core)).toEqual(['Killed Stopped suspended'])
  })
})

describe('a task that fails', () => {
  test('waits for its agent, with the same id and the next attempt', () => {
    const core = runningApp()
    const [before] = all(core)
    expect(told(core.status(taskIdOf(before!), 'TASK_FAILED'))).toEqual([
      'status TASK_FAILED',
      'instance Failed',
    ])
    expect(all(core)).toEqual([
      {
        ...before,
        condition: 'Failed',
        since: core.now,
        scheduledAt: core.now,
        reservation: { ...before!.reservation, state: 'suspended' },
        tasks: [{ ...before!.tasks[0], condition: 'Failed', state: 'TASK_FAILED' }],
      },
    ])
  })

  test('or cannot be reached is waited for, for ever', () => {
    const core = runningApp()
    expect(core.view.app('/db')!.unreachableStrategy).toBe('disabled')
    core.status(taskIdOf(all(core)[0]!), 'TASK_UNREACHABLE')
    core.run(30 * 24 * 3_600_000)
    expect(states(core)).toEqual(['Unreachable Running launched'])
    core.status(taskIdOf(all(core)[0]!), 'TASK_RUNNING')
    expect(states(core)).toEqual(['Running Running launched'])
  })

  test('with its agent, gone for good, is launched anew on any other', () => {
    const core = runningApp()
    const [before] = all(core)
    const gone = core.status(taskIdOf(before!), 'TASK_GONE_BY_OPERATOR', { agentId: 'n1' })
    expect(told(gone)).toEqual(['status TASK_GONE', 'instance Gone'])
    expect(states(core)).toEqual(['Scheduled Running -'])
    expect(all(core)[0]).toMatchObject({ id: before!.id, attempt: 1 })
    // The same is heard again when the engine is asked about everything.
    expect(told(core.status(taskIdOf(before!), 'TASK_GONE_BY_OPERATOR', { agentId: 'n1' }))).toEqual([])
    expect(new HandCore({ records: core.records }).view.instancesOf('/db')).toEqual(all(core))
  })
})

describe('a new configuration', () => {
  test('stops one after the other, never one more than may be missing, and uses their volumes', () => {
    const core = runningApp({ instances: 2 })
    const before = ids(core)
    core.update('/db', { cmd: 'serve --new' })
    const { version } = core.view.app('/db')!
    expect(states(core).toSorted()).toEqual(['Running Running launched', 'Running Stopped launched'])
    expect(told(endAll(core))).toEqual(['status TASK_KILLED', 'instance Killed', 'instance Scheduled'])
    const taken = all(core).find(({ condition }) => condition === 'Scheduled')!
    expect(taken).toMatchObject({
      runSpecVersion: version,
      goal: 'Running',
      reservation: { state: 'suspended' },
    })
    expect(ids(core)).toEqual(before)
  })

  test('takes one that has failed at once', () => {
    const core = runningApp({ instances: 2 })
    const [first] = all(core)
    core.status(taskIdOf(first!), 'TASK_FAILED')
    core.update('/db', { cmd: 'serve --new' })
    const { version } = core.view.app('/db')!
    expect(core.view.instancesOf('/db').find(({ id }) => id === first!.id)).toMatchObject({
      condition: 'Scheduled',
      runSpecVersion: version,
      goal: 'Running',
    })
    expect(kills(core)).toEqual([])
  })

  test('taken back half-way, gives the volumes back to the old one', () => {
    const core = runningApp({ instances: 2 })
    const old = core.view.app('/db')!.version
    core.update('/db', { cmd: 'serve --new' })
    endAll(core)
    const before = ids(core)
    const [deployment] = core.view.deployments()
    core.ask({ kind: 'cancel-deployment', id: deployment!.id, force: false })
    expect(core.view.app('/db')).toMatchObject({ cmd: 'serve' })
    expect(ids(core)).toEqual(before)
    expect(states(core).toSorted()).toEqual(['Running Running launched', 'Scheduled Running suspended'])
    const versions = all(core).map(({ runSpecVersion }) => runSpecVersion)
    expect(versions.every((version) => version === old || version === core.view.app('/db')!.version)).toBe(
      true,
    )
  })

  test('while an agent is away, goes on with its volume when it comes back before there is another', () => {
    const core = runningApp({ instances: 2, constraints: [['hostname', 'UNIQUE']] })
    const before = ids(core)
    const [first] = all(core)
    core.status(taskIdOf(first!), 'TASK_UNREACHABLE')
    core.update('/db', { cmd: 'serve --new' })
    const { version } = core.view.app('/db')!
    expect(states(core).toSorted()).toEqual([
      'Running Running launched',
      'Scheduled Running -',
      'Unreachable Stopped launched',
    ])
    core.status(taskIdOf(first!), 'TASK_KILLED')
    expect(ids(core).toSorted()).toEqual(before.toSorted())
    expect(all(core).find(({ id }) => id === first!.id)).toMatchObject({
      condition: 'Scheduled',
      goal: 'Running',
      runSpecVersion: version,
      reservation: { state: 'suspended' },
    })
  })

  test('is tried on the volume of one of several first, and stays there', () => {
    const upgradeStrategy = {
      minimumHealthCapacity: 0.5,
      maximumOverCapacity: 0,
      canarySteps: [{ instances: 1 }],
    }
    const core = runningApp({ instances: 3, upgradeStrategy })
    const before = ids(core)
    core.update('/db', { cmd: 'serve --new' })
    endAll(core)
    const { version } = core.view.app('/db')!
    expect(ids(core)).toEqual(before)
    expect(all(core).filter(({ runSpecVersion }) => runSpecVersion === version)).toHaveLength(1)
    expect(states(core).toSorted()).toEqual([
      'Running Running launched',
      'Running Running launched',
      'Scheduled Running suspended',
    ])
  })

  test('while an agent is away, starts on an empty volume elsewhere; the old one is kept, stopped', () => {
    const core = runningApp()
    const [before] = all(core)
    core.status(taskIdOf(before!), 'TASK_UNREACHABLE')
    core.update('/db', { cmd: 'serve --new' })
    expect(states(core)).toEqual(['Unreachable Stopped launched', 'Scheduled Running -'])
    core.run(24 * 3_600_000)
    expect(ids(core)[0]).toBe(before!.id)
    expect(all(core)[0]!.reservation).toEqual(before!.reservation)
  })

  test('in another role leaves what is reserved in the old one', () => {
    const core = runningApp({ id: '/dev/db' })
    const change = { role: 'dev', acceptedResourceRoles: ['*'] }
    expect(core.update('/dev/db', change)).toMatchObject({ kind: 'refused' })
    core.update('/dev/db', change, true)
    endAll(core, '/dev/db')
    core.update('/dev/db', { instances: 2 }, true)
    const { version } = core.view.app('/dev/db')!
    expect(all(core, '/dev/db')).toMatchObject([
      { role: 'db', condition: 'Scheduled', goal: 'Running' },
      { role: 'dev', condition: 'Scheduled', runSpecVersion: version },
    ])
  })
})

describe('a pause', () => {
  test('takes back what waits for its launch, and what it keeps stays', () => {
    const core = runningApp({ instances: 2 })
    const before = ids(core)
    core.update('/db', { cmd: 'serve --new' })
    endAll(core)
    const [deployment] = core.view.deployments()
    core.ask({ kind: 'pause-deployment', id: deployment!.id })
    expect(states(core).toSorted()).toEqual(['Running Running launched', 'Scheduled Stopped suspended'])
    core.ask({ kind: 'resume-deployment', id: deployment!.id })
    expect(states(core).toSorted()).toEqual(['Running Running launched', 'Scheduled Running suspended'])
    expect(ids(core)).toEqual(before)
  })
})

describe('asked to kill a task', () => {
  const whole: TaskSelection = { kind: 'app', id: '/db' }

  test('launches it again on its volume', () => {
    const core = runningApp()
    kill(core, whole)
    endAll(core)
    expect(states(core)).toEqual(['Killed Running suspended'])
  })

  test('and to have one less, stops it', () => {
    const core = runningApp({ instances: 2 })
    const taskId = taskIdOf(all(core)[1]!)
    core.ask({ kind: 'kill-and-scale', selection: { kind: 'task', appId: '/db', taskId }, force: false })
    endAll(core)
    expect(states(core)).toEqual(['Running Running launched', 'Killed Stopped suspended'])
    expect(core.view.app('/db')!.instances).toBe(1)
  })

  test('that cannot hear of it, does nothing', () => {
    const core = runningApp()
    core.status(taskIdOf(all(core)[0]!), 'TASK_UNREACHABLE')
    kill(core, whole)
    expect(states(core)).toEqual(['Unreachable Running launched'])
  })

  test('and to forget what it wrote, makes another instance, which has nothing of it', () => {
    const core = runningApp()
    const [before] = all(core)
    const { ready } = kill(core, whole, true)
    expect(told(ready)).toEqual(['instance Running', 'instance Killed', 'instance Scheduled'])
    expect(kills(core)).toEqual([taskIdOf(before!)])
    expect(states(core)).toEqual(['Scheduled Running -'])
    expect(ids(core)).not.toContain(before!.id)
    expect(told(core.status(taskIdOf(before!), 'TASK_KILLED'))).toEqual(['unknown_instance_terminated_event'])
  })

  test('and to forget what it wrote while its agent is away, ends it when that is back', () => {
    const core = runningApp()
    const [before] = all(core)
    core.status(taskIdOf(before!), 'TASK_UNREACHABLE')
    kill(core, whole, true)
    expect(states(core)).toEqual(['Scheduled Running -'])
    core.status(taskIdOf(before!), 'TASK_RUNNING')
    expect(kills(core)).toEqual([taskIdOf(before!)])
    expect(told(core.status(taskIdOf(before!), 'TASK_KILLED'))).toEqual(['unknown_instance_terminated_event'])
  })

  test('and to forget what one wrote that is stopped, leaves nothing of it', () => {
    const core = runningApp()
    core.update('/db', { instances: 0 })
    endAll(core)
    kill(core, whole, true)
    expect(all(core)).toEqual([])
  })
})

describe('removed', () => {
  test('it is over when its tasks have ended; what is reserved waits to be given back', () => {
    const core = runningApp({ instances: 2 })
    core.remove('/db')
    expect(told(endAll(core)).slice(-4)).toEqual([
      'app_terminated_event',
      'instance Killed',
      'instance Killed',
      'deployment_success',
    ])
    expect(core.view.app('/db')).toBeUndefined()
    expect(states(core)).toEqual(['Killed Decommissioned suspended', 'Killed Decommissioned suspended'])
  })

  test('while it is stopped, it is over at once', () => {
    const core = runningApp()
    core.update('/db', { instances: 0 })
    endAll(core)
    core.remove('/db')
    expect(core.view.deployments()).toEqual([])
    expect(states(core)).toEqual(['Killed Decommissioned suspended'])
  })

  test('and made again under its name, it has nothing of the former one', () => {
    const core = runningApp()
    core.remove('/db')
    endAll(core)
    core.create(residentApp())
    expect(states(core)).toEqual(['Killed Decommissioned suspended', 'Scheduled Running -'])
  })

  test('is remembered by a new process, which gives back what is reserved', () => {
    const core = runningApp()
    core.remove('/db')
    endAll(core)
    core.run(700_000)
    const next = new HandCore({ records: core.records })
    next.run(700_000)
    expect(states(next)).toEqual(['Killed Decommissioned suspended'])
  })
})

describe('a pod', () => {
  test('whose containers end waits for its agent, when all of them have', () => {
    const core = runningPod()
    const [before] = all(core, '/pods/db')
    core.status(before!.tasks[0]!.id, 'TASK_FAILED')
    expect(states(core, '/pods/db')).toEqual(['Failed Running launched'])
    core.status(before!.tasks[1]!.id, 'TASK_KILLED')
    expect(states(core, '/pods/db')).toEqual(['Failed Running suspended'])
    expect(ids(core, '/pods/db')).toEqual([before!.id])
  })

  test('is stopped, taken up again with another definition, and wiped by its instance', () => {
    const core = runningPod()
    const [before] = all(core, '/pods/db')
    const scaled = (instances: number) =>
      core.ask({
        kind: 'update-pod',
        id: '/pods/db',
        body: residentPod({ scaling: { kind: 'fixed', instances }, labels: { now: String(instances) } }),
        force: false,
        origin: { clientIp: '10.0.0.99', uri: '/v2/pods' },
      })
    scaled(0)
    endAll(core, '/pods/db')
    expect(states(core, '/pods/db')).toEqual(['Killed Stopped suspended'])
    scaled(1)
    expect(all(core, '/pods/db')).toMatchObject([{ id: before!.id, condition: 'Scheduled', goal: 'Running' }])
    kill(core, { kind: 'instances', runSpecId: '/pods/db', instanceIds: [before!.id] }, true)
    expect(ids(core, '/pods/db')).not.toContain(before!.id)
    expect(states(core, '/pods/db')).toEqual(['Scheduled Running -'])
  })
})
