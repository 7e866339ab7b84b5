// Agents that come back with what they keep, after we were told that nothing of it is there, or before we are told that
// nothing of it runs.

import { describe, expect, test } from 'vitest'
import { HandCore } from '../../../tests/support/hand-core.ts'
import { KeepingAgents } from '../../../tests/support/keeping-agents.ts'
import { residentApp } from '../../../tests/support/resident-core.ts'

const settings = { mesosRole: 'db', mesosPrincipal: 'marathon' }

/** The app runs on agent a. */
function running() {
  const core = new HandCore({ holdsOffers: false, settings })
  const agents = new KeepingAgents(core, ['a', 'b'])
  core.create(residentApp())
  agents.offer(['a'])
  const { taskId } = core.launched[0]!
  agents.runAll()
  return { core, agents, taskId }
}

const only = (core: HandCore) => core.view.instancesOf('/db')[0]!
const questions = (core: HandCore, from: number) =>
  core.effects.slice(from).flatMap((effect) => (effect.kind === 'reconcile' ? [effect.tasks] : []))

describe('volumes of a task that cannot be reached, offered', () => {
  test('are in no use: the task is asked about, and launched again on them when it is gone', () => {
    const { core, agents, taskId } = running()
    core.status(taskId, 'TASK_UNREACHABLE')
    agents.endUntold(taskId)
    const before = core.effects.length
    agents.offer()
    expect(questions(core, before)).toEqual([[{ taskId, agentId: 'a' }]])
    core.status(taskId, 'TASK_GONE')
    agents.withdrawAll()
    core.run(2_000)
    agents.offer()
    expect(core.launched.map((launch) => launch.agentId)).toEqual(['a'])
    expect(only(core).reservation!.volumes.map(({ persistenceId }) => persistenceId)).toEqual(
      agents.volumesOn('a'),
    )
  })

  test('say nothing of a launch that nothing was heard of', () => {
    const core = new HandCore({ holdsOffers: false, settings })
    const agents = new KeepingAgents(core, ['a'])
    core.create(residentApp())
    agents.offer()
    agents.endUntold(core.launched[0]!.taskId)
    const before = core.effects.length
    agents.offer()
    expect(questions(core, before)).toEqual([])
  })
})

describe('an agent that was called gone and is back', () => {
  test('gives back what an instance had there, once that has lost it', () => {
    const { core, agents, taskId } = running()
    core.status(taskId, 'TASK_GONE_BY_OPERATOR')
    agents.endUntold(taskId)
    agents.offerOnce(['a'])
    expect(agents.isBlank('a')).toBe(true)
    expect(only(core)).toMatchObject({ condition: 'Scheduled', goal: 'Running' })
  })

  test('and what it has elsewhere stays', () => {
    const { core, agents, taskId } = running()
    const { id } = only(core)
    core.status(taskId, 'TASK_GONE_BY_OPERATOR')
    core.run(2_000)
    agents.offer(['b'])
    agents.runAll()
    agents.endUntold(taskId)
    agents.offer(['a'])
    expect(agents.isBlank('a')).toBe(true)
    expect(agents.volumesOn('b')).toHaveLength(1)
    expect(only(core)).toMatchObject({ id, condition: 'Running', reservation: { state: 'launched' } })
  })

  test('keeps what it has there by now', () => {
    const { core, agents, taskId } = running()
    const [old] = agents.volumesOn('a')
    core.status(taskId, 'TASK_GONE_BY_OPERATOR')
    core.run(2_000)
    // The new agent is the old machine, which still has the old volume.
    agents.offer(['a'])
    agents.runAll()
    agents.endUntold(taskId)
    agents.offer(['a'])
    agents.runAll()
    const [own] = only(core).reservation!.volumes
    expect(own!.persistenceId).not.toBe(old)
    expect(agents.volumesOn('a')).toEqual([own!.persistenceId])
    expect(only(core).condition).toBe('Running')
  })
})
