// The scenario language: readable commands, and as their expectation everything the server did. A file is a series of
// blocks: command lines, a line of dashes, the transcript, an empty line. docs/internals/simulator.md lists the
// commands. `<` goes into the core, `>` is an effect, `*` an event for listeners, `=` an answer, `w` a write.

import {
  describeEffect,
  describeEvent,
  describeInstance,
  describeNotice,
  describeOutcome,
  describeProbeEffect,
  describeWaitingOn,
  describeWrite,
  Names,
} from '../src/core/describe.ts'
import { taskId } from '../src/core/ids.ts'
import { checkInvariants, checkSettled } from '../src/core/invariants.ts'
import type { TaskState, TaskStatus } from '../src/core/mesos.ts'
import type { Request, TaskSelection } from '../src/core/requests.ts'
import { defaultSettings, type Settings } from '../src/core/settings.ts'
import { defaultFleet, type FleetOptions, fleet } from '../src/engine/sim/agents.ts'
import type { Loss } from '../src/engine/sim/parts.ts'
import { calmTiming } from '../src/engine/sim/timing.ts'
import { assert } from '../src/lib/assert.ts'
import { after, type Duration, type Instant, instant, seconds } from '../src/lib/instant.ts'
import { instantTiming, type Step, World } from './world.ts'

const start = instant(Date.UTC(2031, 3, 2, 9, 0, 0))
const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600 }

/** Noise unless a scenario asks for it: `show offers`, `show acknowledgements`, `show writes`, `show waking`. */
const kinds = ['offers', 'acknowledgements', 'writes', 'waking', 'statuses', 'probes'] as const
type Kind = (typeof kinds)[number]

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

interface Block {
  readonly comment: readonly string[]
  readonly commands: readonly string[]
}

function parseBlocks(text: string): Block[] {
  const blocks: Block[] = []
  let comment: string[] = []
  let commands: string[] = []
  let isOutput = false
  for (const line of text.split('\n')) {
    if (isOutput) {
      if (line.trim() === '') isOutput = false
    } else if (line === '----') {
      blocks.push({ comment, commands })
      comment = []
      commands = []
      isOutput = true
    } else if (line.startsWith('#') || (line.trim() === '' && comment.length > 0 && commands.length === 0)) {
      comment.push(line)
    } else if (line.trim() !== '') commands.push(line)
  }
  if (commands.length > 0) blocks.push({ comment, commands })
  return blocks
}

class Script {
  readonly #names = new Names()
  readonly #shown = new Set<Kind>()
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
    const [command = '', ...words] = line.trim().split(/\s+/)
    const rest = line.trim().slice(command.length).trim()
    this.#command(command, words, rest)
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

  #command(command: string, words: readonly string[], rest: string): void {
    switch (command) {
      case 'agents':
        this.#fleet = { ...this.#fleet, agents: Number(words[0]), ...numbers(words.slice(1)) }
        return
      case 'settings':
        this.#settings = { ...this.#settings, ...numbers(words) }
        return
      case 'shared':
        this.#holdsOffers = false
        return
      case 'show':
        for (const word of words) this.#shown.add(kinds.find((kind) => kind === word) ?? fail(`show ${word}`))
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
          requestOf(
            command,
            words,
            rest,
            (name) => this.#taskOf(name),
            (name) => this.#names.instanceNamed(name) ?? name,
            (name) => this.#names.deploymentNamed(name),
          ),
        )
    }
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
    const lines: string[] = []
    for (const event of slice) {
      const isNoise =
        (event.kind === 'offers' || event.kind === 'offer-rescinded') && !this.#shown.has('offers')
      if (isNoise || (event.kind === 'woke' && !this.#shown.has('waking'))) continue
      if (event.kind === 'probe-results' && !this.#shown.has('probes')) continue
      if (event.kind === 'status' && !this.#shown.has('statuses') && isNoNews(event.status)) continue
      for (const text of describeEvent(event, this.#names).split('\n')) lines.push(`< ${text}`)
    }
    if (this.#shown.has('writes'))
      for (const write of ready.writes) lines.push(`w ${describeWrite(write, this.#names)}`)
    for (const effect of ready.effects) {
      if (effect.kind === 'acknowledge' && !this.#shown.has('acknowledgements')) continue
      if (effect.kind === 'decline' && !this.#shown.has('offers')) continue
      lines.push(`> ${describeEffect(effect, this.#names)}`)
    }
    if (this.#shown.has('probes'))
      for (const effect of ready.probes) lines.push(`> ${describeProbeEffect(effect, this.#names)}`)
    for (const notice of ready.notices) {
      if (notice.type === 'status_update_event' && !this.#shown.has('statuses')) continue
      lines.push(`* ${describeNotice(notice, this.#names)}`)
    }
    lines.forEach((line, index) => {
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

const origin = { clientIp: '10.0.0.99', uri: '/v2/apps' }
const podOrigin = { clientIp: '10.0.0.99', uri: '/v2/pods' }

function requestOf(
  command: string,
  words: readonly string[],
  rest: string,
  taskOf: (name: string) => string,
  instanceOf: (name: string) => string,
  deploymentOf: (name: string) => string | undefined,
): Request {
  const id = words[0] ?? ''
  const force = words.includes('force')
  const body = (): unknown => JSON.parse(rest.slice(rest.indexOf('{'), rest.lastIndexOf('}') + 1))
  const selection = (): TaskSelection =>
    id.includes('#') || id.includes('.') ? { kind: 'tasks', taskIds: [taskOf(id)] } : { kind: 'app', id }
  switch (command) {
    case 'post':
      return { kind: 'create-app', body: body(), force, origin }
    case 'put':
      return { kind: 'update-app', id, body: body(), mode: 'partial', force, origin }
    case 'put-all':
      return {
        kind: 'update-apps',
        body: JSON.parse(rest.slice(0, rest.lastIndexOf(']') + 1)),
        mode: 'partial',
        force,
      }
    case 'delete':
      return { kind: 'remove-app', id, force }
    case 'restart':
      return { kind: 'restart-app', id, force }
    case 'post-pod':
      return { kind: 'create-pod', body: body(), force, origin: podOrigin }
    case 'put-pod':
      return { kind: 'update-pod', id, body: body(), force, origin: podOrigin }
    case 'delete-pod':
      return { kind: 'remove-pod', id, force, origin: podOrigin }
    case 'post-group':
      return { kind: 'create-group', id, body: body(), force }
    case 'put-group':
      return { kind: 'update-group', id, body: body(), force }
    case 'delete-group':
      return { kind: 'remove-group', id, force }
    case 'kill':
      return words.includes('scale')
        ? { kind: 'kill-and-scale', selection: selection(), force }
        : { kind: 'kill-tasks', selection: selection(), wipe: words.includes('wipe') }
    case 'kill-instance': {
      const selection = {
        kind: 'instances',
        runSpecId: id.split('#')[0]!,
        instanceIds: [instanceOf(id)],
      } as const
      return { kind: 'kill-tasks', selection, wipe: words.includes('wipe') }
    }
    case 'reset-delay':
      return { kind: 'reset-delay', id }
    case 'cancel':
      return { kind: 'cancel-deployment', id: deploymentOf(id) ?? id, force }
    case 'pause':
      return { kind: 'pause-deployment', id: deploymentOf(id) ?? id }
    case 'resume':
      return { kind: 'resume-deployment', id: deploymentOf(id) ?? id }
    case 'promote':
      return { kind: 'promote-deployment', id: deploymentOf(id) ?? id, all: words.includes('all') }
    default:
      return fail(`${command} ${rest}`)
  }
}

/** `cpus=4 mem=128`, as properties. */
function numbers(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    words.map((word) => {
      const [name = '', value] = word.split('=')
      return [name, /s$|m$|h$/.test(value ?? '') ? durationOf(value) : Number(value)]
    }),
  )
}

function durationOf(text: string | undefined): Duration {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text ?? '')
  if (match === null) return fail(`a duration like 5s, 10m or 1h is expected, not ${text}`)
  return seconds(Number(match[1]) * unitSeconds[match[2]!]!)
}

/** Every reconciliation is answered for every task; those that run as before are left out. */
const isNoNews = ({ reason, state }: TaskStatus): boolean =>
  reason === 'REASON_RECONCILIATION' && state === 'TASK_RUNNING'

function fail(text: string): never {
  throw new Error(`no such command in a scenario: ${text}`)
}
