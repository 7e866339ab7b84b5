import { describe, expect, it } from 'vitest'
import { decideLaunch, type LaunchFacts } from './decide-launch.ts'
import type { Claim, ExitRecord } from './records.ts'

const who = { bootId: 'b', pid: 7, startTicks: 1 }
const record: ExitRecord = { child: who, exit: { kind: 'exit', status: 0 } }
const child: Claim = { kind: 'child', child: who, supervisor: who }
const nothing: LaunchFacts = {
  hasVerdict: false,
  record: undefined,
  claim: undefined,
  isOtherBoot: false,
  isTaskAlive: false,
  isSupervisorAlive: false,
  isCandidateAlive: false,
}

describe('what to do about a launch', () => {
  it.each<[string, Partial<LaunchFacts>, string]>([
    ['nobody claimed it', {}, 'fence'],
    ['nobody claimed it, although a child has announced itself', { isCandidateAlive: true }, 'fence'],
    ['it was fenced', { claim: { kind: 'fenced' } }, 'dropped'],
    ['a child died while it claimed', { claim: { kind: 'empty' } }, 'dropped'],
    ['a child is about to claim', { claim: { kind: 'empty' }, isCandidateAlive: true }, 'wait'],
    ['it runs under its supervisor', { claim: child, isTaskAlive: true, isSupervisorAlive: true }, 'running'],
    ['it has ended and its supervisor clears up', { claim: child, isSupervisorAlive: true }, 'wait'],
    ['it runs and its supervisor was killed', { claim: child, isTaskAlive: true }, 'adopt'],
    ['it ended unseen', { claim: child }, 'adopt'],
    ['the machine was restarted', { claim: child, isOtherBoot: true }, 'gone-with-boot'],
    ['it left a record', { claim: child, record }, 'ended'],
    [
      'it left a record before the machine was restarted',
      { claim: child, isOtherBoot: true, record },
      'ended',
    ],
    ['it left a record and something still lives', { claim: child, record, isTaskAlive: true }, 'ended'],
    ['its end was decided', { hasVerdict: true, record, claim: child, isTaskAlive: true }, 'keep-verdict'],
  ])('when %s', (_, facts, kind) => {
    expect(decideLaunch({ ...nothing, ...facts }).kind).toBe(kind)
  })

  it('never calls a launch lost that someone may still start: without a claim the answer is the fence', () => {
    for (let bits = 0; bits < 16; bits++) {
      const facts = {
        ...nothing,
        isOtherBoot: (bits & 1) > 0,
        isTaskAlive: (bits & 2) > 0,
        isSupervisorAlive: (bits & 4) > 0,
        isCandidateAlive: (bits & 8) > 0,
      }
      expect(decideLaunch(facts).kind).toBe('fence')
    }
  })
})
