// The checker of explanations sees what is wrong with one.

import { expect, test } from 'vitest'
import { type Cause, cause, type Explanation, type Subject } from '../../src/core/explain/cause.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import { HandCore } from '../../tests/support/hand-core.ts'
import type { Step } from '../observer.ts'
import { ExplanationChecker } from './explained.ts'

/** A step after which `/web`, which waits, is explained otherwise. */
function stepWith(change: (explanation: Explanation) => Explanation | undefined): Step {
  const core = new HandCore()
  core.create({ id: '/web', cmd: 'serve' })
  const { view } = core
  const changed = {
    runSpecs: () => view.runSpecs(),
    deployments: () => view.deployments(),
    explain: (subject: Subject) => change(view.explain(subject)!),
  }
  const ready = core.scheduler.takeReady()
  const scheduler = { view: changed } as unknown as InspectableScheduler
  return { now: core.now, slice: [], ready, scheduler, life: 1 }
}

const check = (change: (explanation: Explanation) => Explanation | undefined) => () =>
  new ExplanationChecker().stepped(stepWith(change))

const rootless = ({ fact }: Cause): Cause => cause(fact)

test.each<[string, (explanation: Explanation) => Explanation | undefined, RegExp | undefined]>([
  ['nothing, when all is right', (explanation) => explanation, undefined],
  ['an app of which nothing is said', () => undefined, /nothing is said/],
  ['one that is not well for no reason', (explanation) => ({ ...explanation, causes: [] }), /for no reason/],
  [
    'one that waits for launches for no reason',
    (explanation) => ({ ...explanation, causes: explanation.causes.map(rootless) }),
    /launches for no reason/,
  ],
  [
    'one that is said to be well and is not',
    (explanation) => ({ ...explanation, isWell: true }),
    /said to be well/,
  ],
])('finds %s', (_, change, message) => {
  if (message === undefined) expect(check(change)).not.toThrow()
  else expect(check(change)).toThrow(message)
})
