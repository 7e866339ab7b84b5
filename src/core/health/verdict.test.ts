import { expect, test } from 'vitest'
import { at } from '../../../tests/support/in-condition.ts'
import { emptyRecord, failedOnce, succeeded } from './record.ts'
import { type CheckResult, verdictOf } from './verdict.ts'

const alive = succeeded(emptyRecord, at(1))
const sick = failedOnce(alive, 'x', at(2))

test.each<readonly [string, readonly CheckResult[], boolean | undefined, boolean | undefined]>([
  ['no result', [undefined], undefined, undefined],
  ['alive', [alive], undefined, true],
  ['not alive', [sick], undefined, false],
  ['a result with nothing in it', [emptyRecord], undefined, false],
  ['all alive', [alive, alive, alive], undefined, true],
  ['one not alive', [alive, sick, alive], undefined, false],
  ['one without a result', [alive, undefined], undefined, undefined],
  ['one without a result, another not alive', [undefined, sick], undefined, undefined],
  ['after a restart: as before', [undefined, undefined], true, true],
  ['… not well: as before', [undefined, undefined], false, false],
  ['… one alive', [alive, undefined], true, true],
  ['… one not alive any more', [sick, undefined], true, false],
  ['… one alive, another unknown, and not all were', [alive, undefined], false, false],
  ['… all alive', [alive, alive], false, true],
])('%s', (_, results, assumed, verdict) => {
  expect(verdictOf(results, assumed)).toBe(verdict)
})
