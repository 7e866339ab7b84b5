// Launches in the hands of launcher and supervisors, from the request to the exit record: what files and /proc say of
// each, what that calls for (decided in decide-launch.ts), and kills, which the supervisors carry out. A task is in
// phase `requested` or `running` by this file alone; what its end means is told elsewhere.

import { assert } from '../../lib/assert.ts'
import type { Cgroups } from './cgroups.ts'
import { decideLaunch, type LaunchFacts } from './decide-launch.ts'
import { attempt, type OnProblem } from './failures.ts'
import type { Launcher } from './launcher.ts'
import { localLimits } from './limits.ts'
import type { LocalTask, Phase } from './local-task.ts'
import { isProcessAlive, signalProcess } from './processes.ts'
import type { Claim, ExitRecord } from './records.ts'
import { SliceQueue } from './slice-queue.ts'
import type { TaskFiles } from './task-files.ts'
import type { Verdict } from './verdicts.ts'
import * as verdicts from './verdicts.ts'

export interface SupervisionOptions {
  readonly files: TaskFiles
  readonly cgroups: Cgroups
  readonly launcher: Launcher
  readonly bootId: string
  /** A child has claimed the launch. */
  readonly onRunning: (task: LocalTask, given: Settling) => void
  /** It was launched and has ended. */
  readonly onExit: (task: LocalTask, record: ExitRecord) => void
  /** There is no exit record of it and never will be. */
  readonly onLost: (task: LocalTask, verdict: Verdict) => void
  readonly onProblem: OnProblem
}

interface Settling {
  /** An earlier run of the server has launched it. */
  readonly isRestoring: boolean
}

export class Supervision {
  readonly #options: SupervisionOptions
  readonly #kills = new SliceQueue<LocalTask>(
    (task) => this.#deliverRequestedKill(task),
    localLimits.taskSliceMs,
  )

  constructor(options: SupervisionOptions) {
    this.#options = options
  }

  /** The point of no return: from here on a process may exist, and only claim and fence decide. */
  request(task: LocalTask): void {
    const { launcher } = this.#options
    const now = Date.now()
    launcher.launch(task.id)
    task.phase = { kind: 'requested', since: now, askedAt: now, generation: launcher.generation }
  }

  /** Goes on with a launch of an earlier run, or fences it. */
  resume(task: LocalTask): void {
    const now = Date.now()
    const { generation } = this.#options.launcher
    task.phase = { kind: 'requested', since: now, askedAt: now, generation }
    this.settle(task, { isRestoring: true })
  }

  /** Has the supervisor stop a task that runs; `killBy` says by when. */
  kill(task: LocalTask): void {
    this.#kills.push(task)
  }

  /** Kills what may run of a task that counts as ended; `phase` is the one it was in until then. */
  killAtOnce(task: LocalTask, phase: Phase): void {
    const { files, cgroups, onProblem } = this.#options
    if (phase.kind === 'requested' && !attempt(onProblem, 'fencing', () => files.fence(task.id))) {
      const claim = files.readClaim(task.id)
      if (claim?.kind === 'child') this.#deliverKill(task, 0, { ...claim, kind: 'running' })
    }
    if (phase.kind === 'running') this.#deliverKill(task, 0, phase)
    cgroups.kill(task.id)
  }

  /** Repeats what was lost on the way. */
  sweep(task: LocalTask, now: number): void {
    if (task.phase.kind === 'requested') this.#sweepRequested(task, task.phase, now)
    else if (task.phase.kind === 'running') this.#sweepRunning(task, task.phase, now)
  }

  /** Looks at everything there is to know about a launch and does what it calls for. */
  settle(task: LocalTask, given: Settling = { isRestoring: false }): void {
    const { onExit, onLost } = this.#options
    const facts = this.#gatherFacts(task)
    const decision = decideLaunch(facts)
    switch (decision.kind) {
      case 'keep-verdict':
      case 'wait':
        return
      case 'ended':
        onExit(task, decision.record)
        return
      case 'fence':
        this.#fence(task, given)
        return
      case 'dropped':
        onLost(task, verdicts.fenced)
        return
      case 'gone-with-boot':
        onLost(task, verdicts.goneWithBoot)
        return
      case 'running':
        this.#follow(task, facts.claim, given)
        return
      case 'adopt':
        this.#follow(task, facts.claim, given)
        this.#askForAdoption(task)
    }
  }

  /** What was asked for is carried out by the supervisors, once they know. */
  close(): void {
    this.#kills.drain()
  }

  #sweepRequested(task: LocalTask, phase: Extract<Phase, { kind: 'requested' }>, now: number): void {
    const { launcher } = this.#options
    if (now - phase.askedAt < localLimits.adoptionResendMs) return
    const isOverdue = now - phase.since > localLimits.launchTimeoutMs
    if (isOverdue || task.killBy !== undefined || this.#options.files.readClaim(task.id)) {
      this.settle(task)
      return
    }
    const isOfDeadLauncher = phase.generation !== launcher.generation
    if (!isOfDeadLauncher && now - phase.askedAt < localLimits.launchResendMs) return
    launcher.launch(task.id)
    task.phase = { ...phase, askedAt: now, generation: launcher.generation }
  }

  #sweepRunning(task: LocalTask, phase: Extract<Phase, { kind: 'running' }>, now: number): void {
    const { bootId, cgroups } = this.#options
    if (!isProcessAlive(phase.supervisor, bootId)) this.settle(task)
    // Whoever was to count the grace period is gone.
    else if (task.killBy !== undefined && now > task.killBy + localLimits.killOverdueMs)
      this.#deliverKill(task, 0)
    // The kernel kills one process; a task that lost one to its limit is not what was asked for, so the rest goes too.
    else if (task.killBy === undefined && cgroups.memoryKills(task.id) > 0) cgroups.kill(task.id)
  }

  #gatherFacts(task: LocalTask): LaunchFacts {
    const { files, bootId } = this.#options
    const claim = files.readClaim(task.id)
    const isChild = claim?.kind === 'child'
    const supervisor = isChild ? (files.readAdopter(task.id) ?? claim.supervisor) : undefined
    const facts = {
      hasVerdict: task.phase.kind === 'ended',
      claim,
      isOtherBoot: isChild && claim.child.bootId !== bootId,
      isTaskAlive: isChild && isProcessAlive(claim.child, bootId),
      isSupervisorAlive: supervisor !== undefined && isProcessAlive(supervisor, bootId),
      isCandidateAlive: files.readIntents(task.id).some((one) => isProcessAlive(one, bootId)),
    }
    // Last: a supervisor leaves the record before it is gone, so one that is gone has left it by now.
    return { ...facts, record: files.readExit(task.id) }
  }

  /** Nobody has claimed the launch: ends it where it has waited long enough, or is not wanted any more. */
  #fence(task: LocalTask, { isRestoring }: Settling): void {
    const { files, onLost, onProblem } = this.#options
    const isOverdue =
      task.phase.kind === 'requested' && Date.now() - task.phase.since > localLimits.launchTimeoutMs
    const isKilled = task.killBy !== undefined
    if (!isRestoring && !isOverdue && !isKilled) return
    if (!attempt(onProblem, 'fencing', () => files.fence(task.id))) return
    if (isKilled) onLost(task, verdicts.killedBeforeStart)
    else onLost(task, isRestoring ? verdicts.fenced : verdicts.notStartedInTime)
  }

  /** A child has claimed the launch: it, or what its supervisor clears up after it, is the task. */
  #follow(task: LocalTask, claim: Claim | undefined, given: Settling): void {
    assert(claim?.kind === 'child', 'what runs has a claim')
    const { files, bootId, onRunning } = this.#options
    const supervisor = files.readAdopter(task.id) ?? claim.supervisor
    const isNew = task.phase.kind !== 'running'
    task.phase = { kind: 'running', child: claim.child, supervisor }
    if (!isNew) return
    onRunning(task, given)
    if (task.killBy === undefined) return
    // After a restart the request is on disk; whether the signal was sent nobody knows.
    if (given.isRestoring) signalProcess(supervisor, bootId, 'SIGUSR1')
    else this.#deliverRequestedKill(task)
  }

  #askForAdoption(task: LocalTask): void {
    if (Date.now() - task.adoptionAskedAt <= localLimits.adoptionResendMs) return
    task.adoptionAskedAt = Date.now()
    this.#options.launcher.adopt(task.id)
  }

  #deliverRequestedKill(task: LocalTask): void {
    if (task.killBy !== undefined) this.#deliverKill(task, Math.max(0, task.killBy - Date.now()))
  }

  #deliverKill(task: LocalTask, graceMs: number, phase: Phase = task.phase): void {
    if (phase.kind !== 'running') return
    const { files, bootId, onProblem } = this.#options
    // On disk first: a supervisor that adopts the task, or a server that starts, finds the request there.
    attempt(onProblem, 'writing down a kill', () =>
      files.writeKill(task.id, { graceMs, isUnhealthy: task.isUnhealthy }),
    )
    signalProcess(files.readAdopter(task.id) ?? phase.supervisor, bootId, 'SIGUSR1')
  }
}
