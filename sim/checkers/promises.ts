// No acknowledged write is lost: what a user was told is on the disk when he is told, and still there (or replaced by
// something later) after every restart. Requests that were never answered may have happened or not.

import type { Request } from '../../src/core/requests.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { Version } from '../../src/lib/instant.ts'
import type { PathId } from '../../src/lib/path-id.ts'
import type { PodContainer } from '../../src/spec/pod.ts'
import { isPod, type RunSpec } from '../../src/spec/run-spec.ts'
import type { Disk } from '../disk.ts'
import type { Answer, Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'

interface Promised {
  /** The root version of the change we were told of. */
  readonly version: Version
  /** The definition that was in force then; undefined: removed. */
  readonly inForce: Version | undefined
}

interface ShownPlan {
  readonly steps: readonly { readonly actions: readonly { readonly app?: PathId; readonly pod?: PathId }[] }[]
}

export class PromiseChecker implements Checker {
  readonly #disk: () => Disk
  readonly #promised = new Map<PathId, Promised>()
  /** What unanswered requests may have removed or taken back; `all`: anything. */
  readonly #uncertain = new Set<PathId | 'all'>()
  /** Changes acknowledged so far. */
  acknowledged = 0

  constructor(disk: () => Disk) {
    this.#disk = disk
  }

  told(request: Request, answer: Answer): void {
    const id = subjectOf(request)
    if (answer.kind === 'lost') {
      this.#uncertain.add(id ?? 'all')
      return
    }
    if (answer.kind !== 'deployed') return
    this.acknowledged++
    const root = this.#disk().get<{ version: Version }>('meta', 'root')?.version ?? ''
    if (root < answer.version)
      throw new Violation('promises', `told of version ${answer.version}, the disk is at ${root}`)
    if (id === undefined) {
      // A change of several: what it made of each is as the disk says, unless something came after it.
      for (const known of this.#promised.keys()) this.#promise(known, root)
      return
    }
    if (root === answer.version) this.#checkContent(request, id)
    this.#promise(id, root)
    this.#uncertain.delete(id)
  }

  /** A deployment that failed may be taken back by removing what it brought, and be over in the same step. */
  stepped({ ready }: Pick<Step, 'ready'>): void {
    for (const { type, body } of ready.notices) {
      if (type !== 'deployment_step_failure') continue
      for (const { actions } of (body['plan'] as ShownPlan).steps)
        for (const { app, pod } of actions) this.#uncertain.add((app ?? pod)!)
    }
  }

  started({ core }: InspectableScheduler): void {
    for (const [id, { version, inForce }] of this.#promised) {
      if (this.#uncertain.has('all') || this.#uncertain.has(id)) continue
      const now = core.state.runSpec(id)?.version
      if (inForce !== undefined && (now === undefined || now < inForce))
        throw new Violation('promises', `${id} was ${inForce} at ${version} and is ${now} after a restart`)
      if (inForce === undefined && now !== undefined && now <= version)
        throw new Violation('promises', `${id} was removed at ${version} and is there again after a restart`)
    }
    for (const id of this.#promised.keys()) this.#promise(id, core.state.rootVersion)
    this.#uncertain.clear()
  }

  #promise(id: PathId, version: Version): void {
    this.#promised.set(id, { version, inForce: this.#stored(id)?.version })
  }

  #stored(id: PathId): RunSpec | undefined {
    const disk = this.#disk()
    const current = disk.get<{ version: Version }>('run-spec', id)
    return current === undefined
      ? undefined
      : disk.get<RunSpec>('run-spec-version', `${id}@${current.version}`)
  }

  #checkContent(request: Request, id: PathId): void {
    const stored = this.#stored(id)
    const exists = request.kind !== 'remove-app' && request.kind !== 'remove-pod'
    if (exists !== (stored !== undefined))
      throw new Violation(
        'promises',
        `${id} ${exists ? 'was put in force' : 'was removed'}, and the disk says otherwise`,
      )
    const wanted = wantedBy(request)
    if (wanted.instances !== undefined && stored?.instances !== wanted.instances)
      throw new Violation(
        'promises',
        `${id}: ${wanted.instances} instances acknowledged, ${stored?.instances} on the disk`,
      )
    const cmd = stored === undefined ? undefined : commandsOf(stored)
    if (wanted.cmd !== undefined && cmd !== wanted.cmd)
      throw new Violation('promises', `${id}: ${wanted.cmd} acknowledged, ${cmd} on the disk`)
  }
}

/** What a definition says that is easily compared: of a pod all its commands together. */
interface Wanted {
  readonly instances?: number
  readonly cmd?: string
}

function wantedBy(request: Request): Wanted {
  if (request.kind === 'create-app' || request.kind === 'update-app') return request.body as Wanted
  if (request.kind !== 'create-pod' && request.kind !== 'update-pod') return {}
  const { scaling, containers } = request.body as PodBody
  return {
    ...scaling,
    cmd: containers.map(({ exec }) => exec.command.shell).join('; '),
  }
}

interface PodBody {
  readonly scaling: { readonly instances: number }
  readonly containers: readonly { readonly exec: { readonly command: { readonly shell: string } } }[]
}

const commandsOf = (runSpec: RunSpec): string | undefined =>
  isPod(runSpec) ? runSpec.containers.map(shellOf).join('; ') : runSpec.cmd

const shellOf = ({ exec }: PodContainer): string =>
  exec !== undefined && 'shell' in exec.command ? exec.command.shell : ''

function subjectOf(request: Request): PathId | undefined {
  switch (request.kind) {
    case 'create-app':
    case 'create-pod':
      return (request.body as { readonly id: PathId }).id
    case 'update-app':
    case 'remove-app':
    case 'restart-app':
    case 'update-pod':
    case 'remove-pod':
      return request.id
    default:
      return undefined
  }
}
