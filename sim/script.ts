// The scenario language: readable commands, and as their expectation everything the server did. A file is a series of
// blocks: command lines, a line of dashes, the transcript, an empty line. docs/internals/simulator.md lists the
// commands. `<` goes into the core, `>` is an effect, `*` an event for listeners, `=` an answer, `w` a write.

import { describeInstance, describeOutcome, describeWaitingOn, Names } from '../src/core/describe.ts'
import { taskId } from '../src/core/ids.ts'
import { checkInvariants, checkSettled } from '../src/core/invariants.ts'
import type { TaskState } from '../src/core/mesos.ts'
import type { Request } from '../src/core/requests.ts'
import { defaultSettings, type Settings } from '../src/core/settings.ts'
import { defaultFleet, type FleetOptions, fleet } from '../src/engine/sim/agents.ts'
import type { Loss } from '../src/engine/sim/parts.ts'
import { calmTiming } from '../src/engine/sim/timing.ts'
import { assert } from '../src/lib/assert.ts'
import { after, type Duration, type Instant, instant } from '../src/lib/instant.ts'
import type { Step } from './observer.ts'
import {
  durationOf,
  noSuchCommand,
  numbers,
  parseBlocks,
  parseLine,
  type ScriptLine,
  values,
} from './script-line.ts'
import { requestOf } from './script-requests.ts'
import { type NoiseKind, noiseKinds, transcriptOf } from './transcript.ts'
import { World } from './world.ts'
import { instantTiming } from './world-options.ts'

const start = instant(Date.UTC(2031, 3, 2, 9, 0, 0))

/** Runs the whole text and returns it with the transcripts of today. Throws when a truth of the state is broken. */
export function runScript(text: string): string {
  const script = new Script()
  const blocks = parseBlocks(text)
  const out = blocks.map(({ comment, commands }) => {
    const lines = commands.flatMap((command) => script.run(command))
    return [...comment, ...commands, '----', ...(lines.length === 0 ? ['ok'] : lines)].join('\n')
  })
  script.finish()
  return `${out.join('\n\n')}\n`
}

class Script {
  readonly #names = new Names()
  readonly #shown = new Set<NoiseKind>()
  #settings: Settings = defaultSettings
  #fleet: FleetOptions = {
    ...defaultFleet,
    agents: 3,
    agentsPerRack: 1,
    cpus: 4,
    mem: 4_096,
    ports: [31_000, 31_009],
  }
  #holdsOffers = true
  #world: World | undefined
  #lines: string[] = []

  run(line: string): readonly string[] {
    this.#lines = []
    this.#command(parseLine(line))
    return this.#lines
  }

  /** Invariants hold, and another round without news is empty. */
  finish(): void {
    const scheduler = this.#world?.scheduler
    if (scheduler === undefined) return
    const broken = [...checkInvariants(scheduler.core), ...checkSettled(scheduler.core)]
    assert(broken.length === 0, `the scenario ends with a sound state: ${broken.join('; ')}`)
    scheduler.step([{ kind: 'woke' }], this.#world!.now)
    const { writes, effects, probes, notices, replies } = scheduler.takeReady()
    const count = writes.length + effects.length + probes.length + notices.length + replies.length
    assert(
      count === 0,
      `another round without news is empty, not ${JSON.stringify({ writes, effects, probes, notices })}`,
    )
  }

  #command(line: ScriptLine): void {
    const { command, words } = line
    switch (command) {
      case 'agents':
        this.#fleet = { ...this.#fleet, agents: Number(words[0]), ...numbers(words.slice(1)) }
        return
      case 'settings':
        this.#settings = { ...this.#settings, ...values(words) }
        return
      case 'shared':
        this.#holdsOffers = false
        return
      case 'show':
        for (const word of words)
          this.#shown.add(noiseKinds.find((kind) => kind === word) ?? noSuchCommand(`show ${word}`))
        return
      case 'run':
        this.#let(durationOf(words[0]))
        return
      case 'crash':
        this.#now.crashServer('killed')
        this.#say('the server crashes')
        this.#let(0 as Duration)
        return
      case 'crash-at-commit':
        this.#now.misfortune.crashAtCommit = 1
        return
      case 'disconnect':
        this.#now.disconnect()
        this.#let(0 as Duration)
        return
      case 'lose':
        this.#touch((world) =>
          world.touch((cluster, now) => cluster.loseAgent(words[0]!, (words[1] ?? 'partition') as Loss, now)),
        )
        return
      case 'return':
        this.#touch((world) => world.touch((cluster, now) => cluster.returnAgent(words[0]!, now)))
        return
      case 'fail':
        this.#touch((world) => world.touch((cluster, now) => cluster.failTask(this.#taskOf(words[0]!), now)))
        return
      case 'fail-over':
        this.#touch((world) => world.failOverMaster())
        return
      case 'forget':
        this.#touch((world) =>
          world.touch((cluster, now) => cluster.forgetTask(this.#taskOf(words[0]!), now)),
        )
        return
      case 'fail-executor':
        this.#touch((world) =>
          world.touch((cluster, now) => cluster.failExecutor(this.#taskOf(words[0]!), now)),
        )
        return
      case 'destroy-volumes':
        this.#destroyVolumes(words[0] ?? '')
        return
      case 'maintain':
        this.#maintain(words)
        return
      case 'make-healthy':
      case 'make-unhealthy': {
        const isHealthy = command === 'make-healthy'
        this.#touch((world) =>
          world.touch((cluster, now) => cluster.setHealth(this.#taskOf(words[0]!), isHealthy, now)),
        )
        return
      }
      case 'status':
        this.#touch((world) =>
          world.inject({
            kind: 'status',
            status: {
              taskId: this.#taskOf(words[0]!),
              state: words[1] as TaskState,
              timestamp: world.now,
              agentId: words[2] ?? 'agent-1',
              uuid: 'injected',
            },
          }),
        )
        return
      case 'instances':
        this.#showInstances(words[0])
        return
      case 'queue':
        this.#showQueue()
        return
      case 'deployments':
        this.#showDeployments()
        return
      case 'running':
        this.#showRunning()
        return
      default:
        this.#ask(
          requestOf(line, {
            taskOf: (name) => this.#taskOf(name),
            instanceOf: (name) => this.#names.instanceNamed(name) ?? name,
            deploymentOf: (name) => this.#names.deploymentNamed(name) ?? name,
          }),
        )
    }
  }

  /** As an operator does, who finds that nobody uses them. */
  #destroyVolumes(name: string): void {
    const id = this.#names.instanceNamed(name)
    const { agent, reservation } = this.#now.scheduler?.view.instance(id ?? '') ?? {}
    const agentId = agent?.agentId ?? noSuchCommand(`destroy-volumes ${name}: there is no such instance`)
    this.#touch((world) =>
      world.touch((cluster, now) => {
        for (const { persistenceId } of reservation?.volumes ?? []) {
          const isDone = cluster.tidyUp(agentId, { kind: 'destroy', persistenceId }, now)
          this.#say(isDone ? 'an operator destroys a volume' : 'a volume is in use')
        }
      }),
    )
  }

  /** `maintain agent-1 in 5m for 10m`, `maintain agent-1 not` */
  #maintain([agentId = '', when, notice, , duration]: readonly string[]): void {
    this.#touch((world) => {
      const plan =
        when === 'in'
          ? { start: after(world.now, durationOf(notice)), duration: durationOf(duration) }
          : undefined
      world.touch((cluster, now) => cluster.plan(agentId, plan, now))
    })
  }

  get #now(): World {
    if (this.#world === undefined) {
      this.#world = new World({
        seed: 1,
        start,
        agents: fleet(this.#fleet),
        holdsOffers: this.#holdsOffers,
        settings: this.#settings,
        clusterTiming: calmTiming,
        timing: instantTiming,
        observer: {
          stepped: (step) => this.#tell(step),
          started: (_, life) => {
            if (life > 1) this.#say(`server ${life} starts`)
          },
          crashed: (reason) => {
            this.#world!.misfortune.crashAtCommit = 0
            if (reason !== 'killed') this.#say(`the server stops: ${reason}`)
          },
        },
      })
      this.#world.startServer()
      this.#world.runUntil(start)
      this.#lines = []
    }
    return this.#world
  }

  #touch(act: (world: World) => void): void {
    act(this.#now)
    this.#let(0 as Duration)
  }

  #let(duration: Duration): void {
    this.#now.runUntil(after(this.#now.now, duration))
  }

  #ask(request: Request): void {
    this.#now.request(request, (answer) => {
      const text =
        answer.kind === 'lost' || answer.kind === 'down'
          ? `no answer: ${answer.kind}`
          : describeOutcome(answer, this.#names)
      this.#lines.push(`${' '.repeat(this.#clock(this.#now.now).length)} = ${text}`)
    })
    this.#let(0 as Duration)
  }

  #say(text: string): void {
    this.#lines.push(`${this.#clock(this.#world?.now ?? start)} ${text}`)
  }

  #clock(now: Instant): string {
    return `+${((now - start) / 1000).toFixed(3)}`
  }

  #tell({ now, slice, ready }: Step): void {
    transcriptOf({ slice, ready }, this.#names, this.#shown).forEach((line, index) => {
      const clock = this.#clock(now)
      this.#lines.push(`${index === 0 ? clock : ' '.repeat(clock.length)} ${line}`)
    })
  }

  #showInstances(id: string | undefined): void {
    const { view } = this.#now.scheduler!
    for (const instance of id === undefined ? view.instances() : view.instancesOf(id)) {
      this.#lines.push(describeInstance(instance, this.#names))
    }
    if (this.#lines.length === 0) this.#lines.push('none')
  }

  #showQueue(): void {
    const { view } = this.#now.scheduler!
    for (const { runSpec, count, delayUntil, waitingOn } of view.queue()) {
      const isDelayed = delayUntil !== undefined && delayUntil > this.#now.now
      const delay = isDelayed ? `, delayed for ${(delayUntil - this.#now.now) / 1000} s` : ''
      const reasons = waitingOn.map((waiting) => describeWaitingOn(waiting, this.#names)).join('; ')
      this.#lines.push(`${runSpec.id}: ${count}${delay}; ${reasons}`)
    }
    if (this.#lines.length === 0) this.#lines.push('empty')
  }

  #showDeployments(): void {
    const { view } = this.#now.scheduler!
    for (const deployment of view.deployments()) {
      const waiting = view
        .deploymentWaitingOn(deployment.id)
        .map((each) => describeWaitingOn(each, this.#names))
      this.#lines.push(
        `${this.#names.deployment(deployment.id)} step ${deployment.currentStep + 1} of ${deployment.steps.length}: ${[...new Set(waiting)].join('; ')}`,
      )
    }
    if (this.#lines.length === 0) this.#lines.push('none')
  }

  /** What really runs, as the cluster knows. */
  #showRunning(): void {
    const perAgent = new Map<string, string[]>()
    for (const task of this.#now.cluster.tasks.values()) {
      if (task.hasEnded) continue
      const { id } = task.agent.config
      perAgent.set(id, [...(perAgent.get(id) ?? []), this.#names.task(task.id)])
    }
    for (const [agent, tasks] of [...perAgent].sort(([a], [b]) => (a < b ? -1 : 1)))
      this.#lines.push(`${agent}: ${tasks.sort().join(', ')}`)
    if (this.#lines.length === 0) this.#lines.push('nothing')
  }

  /** `/web#1`, of a pod `/pair#1.front`: its task of today; anything else is a task id already. */
  #taskOf(name: string): string {
    const [, instanceName = name, container = ''] = /^([^#]+#\d+)(?:\.(.+))?$/.exec(name) ?? []
    const id = this.#names.instanceNamed(instanceName)
    if (id === undefined) return name
    const tasks = this.#now.scheduler?.view.instance(id)?.tasks ?? []
    const task = container === '' ? tasks[0] : tasks.find((each) => each.name === container)
    return task?.id ?? taskId(id, 1)
  }
}
