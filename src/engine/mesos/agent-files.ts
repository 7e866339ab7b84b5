// What tasks wrote, read from the sandboxes on their agents (the operator API of Mesos: GET_AGENTS of the master,
// READ_FILE of an agent). Sandboxes are named by framework and executor under a path that does not tell where the
// agent keeps them. A task that runs is found by the agent its instance is on; of those that have ended lately, the
// agent is remembered from their last status.

import { appTaskName, executorId, parseTaskId } from '../../core/ids.ts'
import { conditionOf, conditions } from '../../core/instances/condition.ts'
import type { AgentId, TaskId, TaskStatus } from '../../core/mesos.ts'
import type { Instant } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { Clock } from '../../ports/clock.ts'
import { type LogChunk, type TaskLogs, UnreadableOutputError } from '../../ports/engine.ts'
import { mesosLimits } from './limits.ts'

/** One call of an operator API, answered with its JSON. */
export type OperatorCall = (url: string, call: object) => Promise<OperatorAnswer>

export type OperatorAnswer =
  | { readonly kind: 'ok'; readonly body: unknown }
  /** `status`: of HTTP, absent when there was no answer. */
  | { readonly kind: 'refused'; readonly status?: number; readonly message: string }

export interface AgentFilesParts {
  readonly clock: Pick<Clock, 'now'>
  readonly call: OperatorCall
  /** The leading master's base URL without a slash at its end; undefined while there is none. */
  readonly master: () => string | undefined
  readonly frameworkId: () => string | undefined
  /** `http` or `https`: agents speak what their master speaks. */
  readonly scheme: 'http' | 'https'
}

export class AgentFiles implements TaskLogs {
  readonly #parts: AgentFilesParts
  /** Where each agent answers, as the master said last. */
  readonly #agents = new Map<AgentId, string>()
  #toldAt: Instant | undefined
  #asking: Promise<void> | undefined
  readonly #ended = new Map<TaskId, AgentId>()

  constructor(parts: AgentFilesParts) {
    this.#parts = parts
  }

  /** Remembers where a task was, for those who read what it wrote afterwards. */
  seen(status: TaskStatus): void {
    const { taskId, agentId } = status
    if (agentId === undefined || !conditions[conditionOf(status)].isTerminal) return
    this.#ended.delete(taskId)
    this.#ended.set(taskId, agentId)
    if (this.#ended.size <= limits.endedTasksRemembered) return
    for (const oldest of this.#ended.keys()) {
      this.#ended.delete(oldest)
      return
    }
  }

  /** @throws UnreadableOutputError when the task is known and its agent cannot be asked */
  async read(
    taskId: TaskId,
    stream: 'stdout' | 'stderr',
    offset: number,
    limit: number,
    runsOn?: AgentId,
  ): Promise<LogChunk | undefined> {
    const agentId = runsOn ?? this.#ended.get(taskId)
    const frameworkId = this.#parts.frameworkId()
    if (agentId === undefined || frameworkId === undefined) return undefined
    const url = await this.#agentUrl(agentId)
    for (const sandbox of sandboxes(frameworkId, taskId)) {
      const chunk = await this.#readFile(url, agentId, { path: `${sandbox}/${stream}`, offset, limit })
      if (chunk !== undefined) return { ...chunk, isOpen: !this.#ended.has(taskId) }
    }
    return undefined
  }

  /** Agents give a few pages of memory at a time, whatever is asked for. */
  async #readFile(
    url: string,
    agentId: AgentId,
    { path, offset, limit }: { readonly path: string; readonly offset: number; readonly limit: number },
  ): Promise<Omit<LogChunk, 'isOpen'> | undefined> {
    const pieces: Uint8Array[] = []
    let { start, size } = { start: Math.max(0, offset), size: 0 }
    if (offset < 0) {
      const look = await this.#readPiece(url, agentId, { path, offset: 0, length: 0 })
      if (look === undefined) return undefined
      start = Math.max(0, look.size + offset)
    }
    let end = start
    while (end - start < limit) {
      const piece = await this.#readPiece(url, agentId, { path, offset: end, length: limit - (end - start) })
      if (piece === undefined && pieces.length === 0) return undefined
      // Gone while it was read: what was read is what there is.
      if (piece === undefined) break
      size = piece.size
      if (piece.bytes.length === 0) break
      pieces.push(piece.bytes)
      end += piece.bytes.length
    }
    // A file that is shorter than where reading was to begin: its end is where there is something to wait for.
    if (start > size) start = end = size
    return { bytes: Buffer.concat(pieces), start, end, size }
  }

  async #readPiece(
    url: string,
    agentId: AgentId,
    file: { readonly path: string; readonly offset: number; readonly length: number },
  ): Promise<{ readonly size: number; readonly bytes: Uint8Array } | undefined> {
    const answer = await this.#parts.call(url, { type: 'READ_FILE', read_file: file })
    if (answer.kind === 'refused') {
      // No such file, or no such sandbox any more.
      if (answer.status === 404) return undefined
      if (!this.#isFresh) this.#agents.delete(agentId)
      throw new UnreadableOutputError(
        `agent ${agentId} at ${url} was asked for ${file.path}: ${answer.message}`,
      )
    }
    const { read_file: read } = (answer.body ?? {}) as { read_file?: { size?: unknown; data?: unknown } }
    const size = Number(read?.size)
    if (!Number.isSafeInteger(size)) {
      throw new UnreadableOutputError(`agent ${agentId} at ${url} answered READ_FILE without a size`)
    }
    return { size, bytes: Buffer.from(typeof read?.data === 'string' ? read.data : '', 'base64') }
  }

  async #agentUrl(id: AgentId): Promise<string> {
    const known = this.#agents.get(id)
    if (known !== undefined) return known
    const master = this.#parts.master()
    if (master === undefined) throw new UnreadableOutputError('there is no connection to a Mesos master')
    if (!this.#isFresh) {
      this.#asking ??= this.#askFor(master).finally(() => (this.#asking = undefined))
      await this.#asking
    }
    const url = this.#agents.get(id)
    if (url === undefined) throw new UnreadableOutputError(`agent ${id} is not there any more`)
    return url
  }

  /** All agents are megabytes: they are not read often, however many follow the output of one that is gone. */
  get #isFresh(): boolean {
    return this.#toldAt !== undefined && this.#parts.clock.now() - this.#toldAt < mesosLimits.agentsLookMs
  }

  async #askFor(master: string): Promise<void> {
    const answer = await this.#parts.call(`${master}/api/v1`, { type: 'GET_AGENTS' })
    if (answer.kind === 'refused') {
      throw new UnreadableOutputError(`the master at ${master} was asked for its agents: ${answer.message}`)
    }
    this.#agents.clear()
    for (const [agentId, pid] of agentsOf(answer.body)) {
      const url = urlOf(this.#parts.scheme, pid)
      if (url !== undefined) this.#agents.set(agentId, url)
    }
    this.#toldAt = this.#parts.clock.now()
  }
}

/**
 * Where the task's output may be: of an app its executor is the command executor, which has the id of the task, or one
 * of its own; the tasks of a pod have folders in that of their executor (runtime 2).
 */
function sandboxes(frameworkId: string, taskId: TaskId): readonly string[] {
  const latest = (executor: string): string => `/frameworks/${frameworkId}/executors/${executor}/runs/latest`
  const parsed = parseTaskId(taskId)
  if (parsed !== undefined && parsed.name !== appTaskName && parsed.name !== undefined) {
    return [`${latest(executorId(parsed.instanceId))}/tasks/${taskId}`]
  }
  return [latest(taskId), latest(`marathon-${taskId}`)]
}

function* agentsOf(body: unknown): Generator<readonly [AgentId, string]> {
  const { get_agents: found } = (body ?? {}) as {
    get_agents?: { agents?: readonly { agent_info?: { id?: { value?: string } }; pid?: string }[] }
  }
  for (const { agent_info: info, pid } of found?.agents ?? []) {
    if (info?.id?.value !== undefined && pid !== undefined) yield [info.id.value, pid]
  }
}

/** Of a process id like `slave(1)@10.0.0.1:5051`, also with an IPv6 address in brackets. */
function urlOf(scheme: string, pid: string): string | undefined {
  const at = pid.lastIndexOf('@')
  return at <= 0 ? undefined : `${scheme}://${pid.slice(at + 1)}/${pid.slice(0, at)}/api/v1`
}
