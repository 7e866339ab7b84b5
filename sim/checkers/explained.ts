// Whatever is not as it shall be can be explained, at any moment: with a cause, down to why nothing is launched. What
// is said to help has agents that it helps on.

import type { Cause, Explanation } from '../../src/core/explain/cause.ts'
import { millis } from '../../src/lib/instant.ts'
import { isPod } from '../../src/spec/run-spec.ts'
import type { Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'

/** Between two looks at everything: what is asked costs more than a step. */
const lookEvery = millis(300_000)

export class ExplanationChecker implements Checker {
  #nextLook = 0

  stepped({ now, scheduler: { view } }: Step): void {
    if (now < this.#nextLook) return
    this.#nextLook = now + lookEvery
    for (const runSpec of view.runSpecs()) {
      const { id } = runSpec
      check(id, view.explain({ kind: isPod(runSpec) ? 'pod' : 'app', id }))
    }
    for (const { id } of view.deployments()) check(id, view.explain({ kind: 'deployment', id }))
  }
}

function check(id: string, explanation: Explanation | undefined): void {
  if (explanation === undefined) throw new Violation('explained', `${id} is there, and nothing is said of it`)
  const { isWell, standing, causes } = explanation
  if (!isWell && causes.length === 0)
    throw new Violation('explained', `${id} is not well for no reason: ${JSON.stringify(standing)}`)
  if (isWell && standing.kind === 'instances' && standing.healthy !== standing.wanted)
    throw new Violation('explained', `${id} is said to be well: ${JSON.stringify(standing)}`)
  for (const cause of causes) checkCause(id, cause)
}

function checkCause(id: string, { fact, causes }: Cause): void {
  if (fact.kind === 'launch' && causes.length === 0)
    throw new Violation('explained', `${id} waits for ${fact.count} launches for no reason`)
  if (fact.kind === 'if' && fact.agents === 0)
    throw new Violation('explained', `${id}: ${JSON.stringify(fact.changes)} helps nowhere`)
  for (const cause of causes) checkCause(id, cause)
}
