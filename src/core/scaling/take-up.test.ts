// Waiting instances given up for stopped ones, as a table.

import { expect, test } from 'vitest'
import type { Version } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import type { Instance, InstanceId } from '../instances/instance.ts'
import { decideTakeUp, type TakeUpView } from './take-up.ts'

const id = '/db' as PathId

/** Waiting ones by version, as `name` or, with something reserved for them, `name+`; and how many are stopped. */
const view = (waiting: Readonly<Record<string, readonly string[]>>, stopped: number): TakeUpView => ({
  scheduledOf: () =>
    new Map(
      Object.entries(waiting).map(([version, names]) => [
        version as Version,
        new Map(names.map((name) => [name as InstanceId, instanceOf(name)])),
      ]),
    ),
  reusableOf: (_id, count) => Array.from({ length: Math.min(stopped, count) }, () => instanceOf('stopped+')),
  runSpecVersion: (_id, version) => (version === 'gone' ? undefined : ({ id, version } as RunSpec)),
})

const instanceOf = (name: string): Instance =>
  ({ id: name, ...(name.endsWith('+') && { reservation: { id: name } }) }) as unknown as Instance

test.each<[string, Parameters<typeof view>, number, readonly string[]]>([
  ['nothing is stopped', [{ v1: ['a'] }, 0], 9, []],
  ['nothing waits', [{}, 2], 9, []],
  ['one waits, two are stopped', [{ v1: ['a'] }, 2], 9, ['a goes', '1 of v1']],
  ['two wait, one is stopped', [{ v1: ['a', 'b'] }, 1], 9, ['a goes', '1 of v1']],
  ['what something is reserved for stays', [{ v1: ['a+', 'b'] }, 2], 9, ['b goes', '1 of v1']],
  ['of two versions', [{ v1: ['a'], v2: ['b', 'c'] }, 2], 9, ['a goes', '1 of v1', 'b goes', '1 of v2']],
  ['no more than may be at once', [{ v1: ['a', 'b', 'c'] }, 3], 2, ['a goes', 'b goes', '2 of v1']],
  ['a version that is known no more is let be', [{ gone: ['a'], v2: ['b'] }, 2], 9, ['b goes', '1 of v2']],
])('%s', (_case, [waiting, stopped], most, expected) => {
  const actions = decideTakeUp(view(waiting, stopped), id, most).map((action) => {
    if (action.kind === 'schedule') return `${action.count} of ${action.runSpec.version}`
    if (action.kind === 'set-goal' && action.goal === 'Decommissioned') return `${action.instanceId} goes`
    return action.kind
  })
  expect(actions).toEqual(expected)
})
