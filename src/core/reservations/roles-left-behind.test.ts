// What is kept in a role that no instance has any more.

import { expect, test } from 'vitest'
import { HandCore } from '../../../tests/support/hand-core.ts'
import { KeepingAgents } from '../../../tests/support/keeping-agents.ts'
import { residentApp } from '../../../tests/support/resident-core.ts'

const settings = { mesosRole: 'services', mesosPrincipal: 'marathon' }
const week = 7 * 24 * 3_600_000

/** The last instance in the role `db` is wiped while its agent is away, and its app is removed. */
function wiped() {
  const core = new HandCore({ holdsOffers: false, settings })
  const agents = new KeepingAgents(core, ['a'])
  expect(core.create(residentApp({ id: '/db/store' }))).toMatchObject({ kind: 'deployed' })
  agents.offer()
  const [{ taskId }] = core.launched as [{ taskId: string; agentId: string }]
  agents.runAll()
  core.update('/db/store', { instances: 0 })
  agents.withdrawAll()
  agents.tell(taskId, 'TASK_KILLED')
  core.ask({ kind: 'kill-tasks', selection: { kind: 'app', id: '/db/store' }, wipe: true })
  core.remove('/db/store')
  expect([...core.view.instances()]).toEqual([])
  return { core, agents }
}

/** The roles we are in, and whether the last word about `db` was that we want offers of it. */
function roles(core: HandCore): readonly string[] {
  return core.effects.flatMap((each) => (each.kind === 'update-framework' ? [each.roles] : [])).at(-1)!
}
const isRevived = (core: HandCore, from: number): boolean =>
  core.effects.slice(from).some((each) => each.kind === 'revive' && each.roles.includes('db'))

test('is found with the next reconciliation, in a role we stayed in for it', () => {
  const { core, agents } = wiped()
  core.run(60_000)
  expect(roles(core)).toEqual(['db', 'services'])
  const before = core.effects.length
  core.run(600_000)
  expect(isRevived(core, before)).toBe(true)
  agents.offer()
  expect(agents.isBlank('a')).toBe(true)
})

test('is looked for by the next process, too', () => {
  const { core } = wiped()
  const next = new HandCore({ holdsOffers: false, settings, records: core.records, now: core.now, seed: 2 })
  expect(next.scheduler.core.offersWanted.told.roles).toEqual(['db', 'services'])
})

test('is not looked for for ever', () => {
  const { core } = wiped()
  core.run(week - 3_600_000)
  expect(roles(core)).toEqual(['db', 'services'])
  core.run(2 * 3_600_000)
  expect(roles(core)).toEqual(['services'])
  expect(core.records.filter(({ key }) => key === 'roles-left-behind')).toEqual([])
})
