// How many instances the core looks at to launch ten more of an app that has ever more of them already: counted at the
// records themselves, through everything that happens between the request and the launches.

import { expect, test } from 'vitest'
import { HandCore, offerOf } from '../../../tests/support/hand-core.ts'
import { instant } from '../../lib/instant.ts'
import type { Constraint } from '../../spec/app.ts'
import type { Instance } from '../instances/instance.ts'
import type { StoredRecord } from '../records.ts'
import { createScheduler } from '../scheduler.ts'
import { defaultSettings } from '../settings.ts'

const more = 10

/** The ids of the instances whose record was read since this was emptied. */
const looked = new Set<string>()

const watched = (instance: Instance): Instance =>
  new Proxy(instance, {
    get(target, key) {
      looked.add(target.id)
      return Reflect.get(target, key)
    },
  })

/** What a store holds of an app with one running instance for each of `count` hosts. */
function recordsOf(count: number, constraints: readonly Constraint[]): StoredRecord[] {
  const core = new HandCore()
  core.create({ id: '/web', cmd: 'serve', instances: 1, cpus: 1, constraints })
  core.offers(offerOf('node-0'))
  core.tellAll('TASK_RUNNING')
  core.update('/web', { instances: count + more })
  const [running] = core.view.instancesOf('/web').filter(({ condition }) => condition === 'Running')
  const kept = core.records.filter(({ table }) => !['instance', 'deployment', 'event-log'].includes(table))
  const instances = Array.from({ length: count }, (_, n): StoredRecord => {
    const id = `${running!.id.slice(0, -6)}${String(n).padStart(6, '0')}`
    const agent = { ...running!.agent!, agentId: `node-${n}`, hostname: `node-${n}` }
    const tasks = running!.tasks.map((task) => ({ ...task, id: `${id}._app.1` }))
    return { table: 'instance', key: id, value: watched({ ...running!, id, agent, tasks }) }
  })
  return [...kept, ...instances]
}

function lookedAtBeside(count: number, constraints: readonly Constraint[]): number {
  const now = instant(Date.UTC(2031, 5, 1))
  const records = recordsOf(count, constraints)
  const scheduler = createScheduler({ settings: defaultSettings, seed: 1, records, now, quarantines: false })
  let launched = 0
  const step = (...events: Parameters<typeof scheduler.step>[0]): void => {
    scheduler.step(events, now)
    for (const effect of scheduler.takeReady().effects) if (effect.kind === 'accept') launched++
  }
  step({ kind: 'engine-connected', frameworkId: 'f', master: 'm', holdsOffers: true })
  const fresh = Array.from({ length: more }, (_, n) => offerOf(`new-${n}`, {}, 1))
  // Where the others are is looked at once for each configuration; from the first launch on it is kept.
  step({ kind: 'offers', offers: fresh.slice(0, 1) })
  looked.clear()
  step({ kind: 'offers', offers: fresh.slice(1) })
  expect(launched).toBe(more)
  return looked.size
}

test.each<[string, Constraint[]]>([
  ['UNIQUE', [['hostname', 'UNIQUE']]],
  ['MAX_PER', [['hostname', 'MAX_PER', '1']]],
  ['GROUP_BY', [['hostname', 'GROUP_BY']]],
  ['UNLIKE', [['hostname', 'UNLIKE', 'old-.*']]],
])('launching ten more with %s looks at none of those that are placed', (_name, constraints) => {
  expect([100, 1_000, 10_000].map((count) => lookedAtBeside(count, constraints))).toEqual([0, 0, 0])
})
