// Apps with volumes in several roles (runtime 13): what is reserved is in the role of its instance, which keeps it.

import { expect, test } from 'vitest'
import { HandCore } from '../../../tests/support/hand-core.ts'
import { KeepingAgents } from '../../../tests/support/keeping-agents.ts'
import { residentApp } from '../../../tests/support/resident-core.ts'

function cluster(): { core: HandCore; agents: KeepingAgents; offer: () => void } {
  const core = new HandCore({
    settings: { mesosRole: 'foo', mesosPrincipal: 'marathon' },
    holdsOffers: false,
  })
  const agents = new KeepingAgents(core, ['a', 'b', 'c'])
  return {
    core,
    agents,
    offer: () => {
      for (const role of ['foo', 'dev']) {
        agents.withdrawAll()
        agents.offer(['a', 'b', 'c'], role)
      }
      agents.runAll()
    },
  }
}

const running = (core: HandCore): string[] =>
  [...core.view.instances()].flatMap(({ condition, role }) => (condition === 'Running' ? [role] : []))

const rolesReserved = (core: HandCore): string[] => [
  ...new Set(
    core.effects.flatMap((effect) =>
      effect.kind === 'accept'
        ? effect.operations.flatMap((operation) =>
            operation.type === 'RESERVE' ? operation.resources.map(({ role }) => role) : [],
          )
        : [],
    ),
  ),
]

test.each(['foo', 'dev'])('an app with a volume in role %s gets it there, and runs', (role) => {
  const { core, offer } = cluster()
  core.create(residentApp({ id: '/dev/db', role }))
  offer()
  expect(running(core)).toEqual([role])
  expect(rolesReserved(core)).toEqual([role])
})

test('an instance with a volume keeps its role when the app gets another, and new ones have the new one', () => {
  const { core, agents, offer } = cluster()
  core.create(residentApp({ id: '/dev/db', role: 'foo' }))
  offer()
  const [first] = [...core.view.instances()]
  const update = { role: 'dev', acceptedResourceRoles: ['*'] }
  expect(core.update('/dev/db', update, true)).toMatchObject({ kind: 'deployed' })
  agents.tell(first!.tasks[0]!.id, 'TASK_KILLED')
  core.run(1_000)
  offer()
  core.run(1_000)
  expect(running(core)).toEqual(['foo'])
  expect(core.view.deployments()).toEqual([])
  expect([...core.view.instances()].map(({ id }) => id)).toEqual([first!.id])
  expect(core.update('/dev/db', { ...update, instances: 2 })).toMatchObject({ kind: 'deployed' })
  core.run(1_000)
  offer()
  expect(running(core)).toEqual(['foo', 'dev'])
  expect(core.view.registration().roles).toEqual(['dev', 'foo'])
})
