// The classes of bugs that schedulers of this kind have had, each put back in one place of ours. What finds none of
// them finds nothing: mutations.test.ts sees that every one is caught, and that the code as it is is not.

import { defaultSettings } from '../../src/core/settings.ts'
import { noFaults } from '../faults.ts'
import { type Misfortune, noMisfortune } from '../misfortune.ts'
import type { Mutation } from './mutation.ts'

/** Most of what is asked for keeps data, on a cluster where that is possible. */
const keepsData: Mutation['world'] = {
  apps: 2,
  pods: 1,
  residents: { apps: 3, pods: 1 },
  requestEvery: 20,
  settings: { ...defaultSettings, mesosRole: 'main', mesosPrincipal: 'marathon' },
}
const lossy: Misfortune = { ...noMisfortune, statusLost: 0.3, statusDelayed: 0.3 }

export const mutations: readonly Mutation[] = [
  {
    name: 'overscale',
    bug: 'what was told to end and still runs does not count, so a restart runs more than it may',
    edits: [
      {
        file: 'src/core/deployments/replace.ts',
        find: 'const occupied = occupiedBy(sets) +',
        replace: 'const occupied = occupiedBy(sets) - sets.ending.size +',
      },
    ],
    caughtBy: ['capacity'],
  },
  {
    name: 'kill-while-scaling-up',
    bug: 'healthy tasks are killed when an app is scaled up: the difference is taken without its sign',
    edits: [
      {
        file: 'src/core/scaling/decide-scale.ts',
        find: 'if (tally.counted <= target && selected === undefined)',
        replace: 'if (tally.counted === target && selected === undefined)',
      },
      {
        file: 'src/core/scaling/kill-order.ts',
        find: 'Math.max(counted.length - question.target, selected.length)',
        replace: 'Math.max(Math.abs(counted.length - question.target), selected.length)',
      },
    ],
    caughtBy: ['capacity'],
  },
  {
    name: 'rollback-to-nothing',
    bug: 'a deployment that is taken back leaves the former definition with no instances',
    edits: [
      {
        file: 'src/core/deployments/revert.ts',
        find: 'restored.push(runSpec)',
        replace: 'restored.push({ ...runSpec, instances: 0 })',
      },
    ],
    caughtBy: ['rollback'],
  },
  {
    name: 'scaling-resets-delay',
    bug: 'a change of the number of instances ends the wait of an app that fails',
    edits: [
      {
        file: 'src/core/run-deployments.ts',
        find: "if (workOf(action) === 'restart') {",
        replace: "if (workOf(action) === 'restart' || workOf(action) === 'scale') {",
      },
    ],
    caughtBy: ['backoff'],
    world: { crashing: 0.5, requestEvery: 20, faults: { ...noFaults, taskFailure: 20 } },
  },
  {
    name: 'lost-status-after-reconnect',
    bug: 'what happened while the engine was away is never asked about, so dead tasks are held to be running',
    edits: [
      {
        file: 'src/core/absorb.ts',
        find: `  reconcile(core, after(state.now, millis(1)))
  core.timetable.set('reconcile', after(state.now, settings.reconciliationInitialDelay))`,
        replace: '',
      },
    ],
    caughtBy: ['agreement', 'convergence'],
    world: { faults: { ...noFaults, disconnect: 120, agentLoss: 60, agentAway: 20 } },
  },
  {
    name: 'offer-used-twice',
    bug: 'an offer that is told of twice is launched on twice',
    edits: [
      {
        file: 'src/core/launching/offer-pool.ts',
        find: 'if (this.#void.has(offer.id)) return',
        replace: '',
      },
    ],
    caughtBy: ['placement'],
    world: { faults: { ...noFaults, misfortune: { ...noMisfortune, offersRepeated: 0.5 } } },
  },
  {
    name: 'deployment-outlives-app',
    bug: 'a deployment goes on for ever after its app was deleted',
    edits: [
      {
        file: 'src/core/tree/root-change.ts',
        find: "for (const conflict of conflicts) cancelDeployment(core, conflict, 'The upgrade has been cancelled')",
        replace: `const isRemoval = [...proposal.targets.values()].every((target) => target === undefined)
  if (!isRemoval)
    for (const conflict of conflicts) cancelDeployment(core, conflict, 'The upgrade has been cancelled')`,
      },
    ],
    caughtBy: ['deployments', 'convergence'],
  },
  {
    name: 'port-given-twice',
    bug: 'a port taken from the middle of an offered range stays in it',
    edits: [
      {
        file: 'src/core/placement/remaining.ts',
        find: 'ports.splice(at + 1, 0, { begin: port + 1, end: span.end, source: span.source })',
        replace: 'ports.splice(at + 1, 0, { begin: port, end: span.end, source: span.source })',
      },
    ],
    caughtBy: ['ports', 'placement'],
  },
  {
    name: 'unique-beside-dying',
    bug: 'an instance that is being killed does not count for constraints, so another is placed beside it',
    edits: [
      {
        file: 'src/core/placement/constraint-index.ts',
        find: 'instance.agent !== undefined &&\n  !conditions',
        replace: 'instance.agent !== undefined &&\n  instance.kill === undefined &&\n  !conditions',
      },
    ],
    caughtBy: ['placement'],
  },
  {
    name: 'event-before-stream',
    bug: 'the newest event is kept from who comes between it and the next one, after a list or with a number',
    edits: [
      {
        file: 'src/core/event-log/event-log.ts',
        find: 'if (after >= this.#last) return',
        replace: 'if (after + 1 >= this.#last) return',
      },
    ],
    caughtBy: ['events'],
    world: { settings: defaultSettings },
  },
  {
    name: 'poisoned-app',
    bug: 'a definition that cannot be decided about ends the server, and every one that is started after it',
    edits: [
      {
        file: 'src/core/quarantine.ts',
        find: 'this.#faults.set(id, error instanceof Error ? (error.stack ?? error.message) : String(error))',
        replace: 'throw error',
      },
    ],
    caughtBy: ['start'],
    world: { spoils: true, faults: { ...noFaults, crash: 300 } },
  },
  {
    name: 'kill-of-next-incarnation',
    bug: 'a kill that was not answered is sent again to the task that has been launched since',
    edits: [
      {
        file: 'src/core/apply.ts',
        find: 'if (next.kill === undefined || isTerminalForWaiting(next)) core.kills.done(next.id)',
        replace: 'if (next.kill === undefined && !core.kills.has(next.id)) core.kills.done(next.id)',
      },
      {
        file: 'src/core/instances/kill.ts',
        find: '  if (instance.kill === undefined && !isTerminalGoal(instance.goal)) return []\n',
        replace: '',
      },
    ],
    caughtBy: ['incarnation'],
  },
  {
    name: 'volume-of-unreachable',
    bug: 'what an agent keeps for an instance that cannot be reached is destroyed once the agent is back',
    edits: [
      {
        file: 'src/core/reservations/decide-offered.ts',
        find: "if (instance === undefined || awaitsCleanup(instance)) return 'take-back'",
        replace: `if (instance === undefined || awaitsCleanup(instance) || instance.condition === 'Unreachable')
    return 'take-back'`,
      },
    ],
    caughtBy: ['volumes'],
    world: {
      ...keepsData,
      faults: { ...noFaults, volumeLoss: 300, agentLoss: 30, agentAway: 60, misfortune: lossy },
    },
  },
  {
    name: 'end-nobody-tells-of',
    bug: 'tasks that run are not asked about, so one whose end was never told is held to be running for ever',
    edits: [
      {
        file: 'src/core/reconciliation/decide-reconcile.ts',
        find: 'if (hasEnded(task)) continue',
        replace: "if (hasEnded(task) || task.condition === 'Running') continue",
      },
    ],
    caughtBy: ['agreement', 'convergence'],
    world: { faults: { ...noFaults, forgottenEnd: 300 } },
  },
  {
    name: 'reservation-left-behind',
    bug: 'what is reserved for an instance that nobody knows any more, as after a wipe, is kept for ever',
    edits: [
      {
        file: 'src/core/reservations/decide-offered.ts',
        find: "if (instance === undefined || awaitsCleanup(instance)) return 'take-back'",
        replace: `if (instance === undefined) return 'keep'
  if (awaitsCleanup(instance)) return 'take-back'`,
      },
    ],
    caughtBy: ['leftovers'],
    world: { ...keepsData, faults: { ...noFaults, disconnect: 300 } },
  },
]
