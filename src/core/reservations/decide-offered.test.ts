import { expect, test } from 'vitest'
import { buildOffer, placedInstance, scalar } from '../../../tests/support/build-placement.ts'
import { buildTask } from '../../../tests/support/in-condition.ts'
import type { Condition, Goal, Instance, InstanceReservation } from '../instances/instance.ts'
import { withoutReservation } from '../instances/resident.ts'
import { decideOffered, type OfferedDecision } from './decide-offered.ts'
import { reservationLabels } from './labels.ts'
import { findReservations } from './offered.ts'

const id = 'shop_cart.instance-6c1e5d0a-0b1f-11ec-9a03-0242ac110002'
const reservations = [{ type: 'DYNAMIC', role: 'db', labels: reservationLabels('ours', id) }] as const
const [offered] = findReservations(
  buildOffer({
    resources: [
      scalar('cpus', 1, { role: 'db', reservations }),
      scalar('disk', 10, { role: 'db', reservations, disk: { persistence: { id: 'volume' } } }),
    ],
  }),
  new Set(['ours']),
)

const ended: readonly Condition[] = ['Failed', 'Killed', 'Finished', 'Gone']

function instanceOf(condition: Condition, goal: Goal, change: Partial<InstanceReservation> = {}): Instance {
  const state = condition === 'Scheduled' ? 'new' : ended.includes(condition) ? 'suspended' : 'launched'
  const volumes = [{ name: 'data', persistenceId: 'volume' }]
  return placedInstance(
    {},
    {
      id,
      condition,
      goal,
      reservation: { id, volumes, state, ...change },
      tasks: condition === 'Scheduled' ? [] : [buildTask(condition)],
    },
  )
}

const gone: Instance = (() => {
  const instance = instanceOf('Gone', 'Running')
  return { ...instance, tasks: [{ ...instance.tasks[0]!, state: 'TASK_GONE_BY_OPERATOR' }] }
})()

const elsewhere = { volumes: [{ name: 'data', persistenceId: 'another volume' }] }

test.each<[string, Instance | undefined, boolean, OfferedDecision]>([
  ['of an instance nobody knows, and no app either', undefined, false, 'take-back'],
  ['of an instance nobody knows', undefined, true, 'take-back'],
  ['of an app that is gone', instanceOf('Failed', 'Running'), false, 'take-back'],
  ['of an app that is gone, its volumes in no use', instanceOf('Unreachable', 'Running'), false, 'take-back'],
  [
    'of an app that is gone, some of it still running',
    instanceOf('Running', 'Decommissioned', elsewhere),
    false,
    'keep',
  ],
  ['of one that waits', instanceOf('Scheduled', 'Running'), true, 'launch'],
  ['of one that failed', instanceOf('Failed', 'Running'), true, 'launch'],
  ['of one that has other volumes', instanceOf('Failed', 'Running', elsewhere), true, 'leftover'],
  ['of one that has other volumes and runs', instanceOf('Running', 'Running', elsewhere), true, 'leftover'],
  [
    'of one that other volumes are asked for',
    instanceOf('Scheduled', 'Running', { ...elsewhere, state: 'new' }),
    true,
    'keep',
  ],
  ['of one that has lost everything with its agent', withoutReservation(gone, gone.since), true, 'leftover'],
  [
    'of one that has nothing yet',
    withoutReservation(instanceOf('Failed', 'Running'), gone.since),
    true,
    'keep',
  ],
  [
    'of one that waits for another reservation',
    instanceOf('Failed', 'Running', { id: 'other' }),
    true,
    'keep',
  ],
  ['of one that is thought to run', instanceOf('Running', 'Running'), true, 'ask'],
  ['of one that cannot be reached', instanceOf('Unreachable', 'Running'), true, 'ask'],
  ['of one that is stopped', instanceOf('Killed', 'Stopped'), true, 'keep'],
  ['of one that is not wanted and has ended', instanceOf('Killed', 'Decommissioned'), true, 'take-back'],
  ['of one that is not wanted and never ran', instanceOf('Scheduled', 'Decommissioned'), true, 'take-back'],
  ['of one that is not wanted and may run', instanceOf('Running', 'Decommissioned'), true, 'ask'],
  [
    'of one that is not wanted and cannot be reached',
    instanceOf('Unreachable', 'Decommissioned'),
    true,
    'ask',
  ],
])('what an offer holds %s', (_name, instance, hasRunSpec, decision) => {
  expect(decideOffered(offered!, instance, hasRunSpec)).toBe(decision)
})
