// The virtual agents of this machine: from flags or a file to a list of agents with label, attributes and resources.
// Pure but for detectMachine, which asks the operating system.

import fs from 'node:fs'
import os from 'node:os'
import type { AgentId, Attribute } from '../../core/mesos.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import { localLimits } from './limits.ts'
import {
  attributeOf,
  defaultPorts,
  type MachineResources,
  parseAttributes,
  parseResources,
  portsIn,
  splitResources,
} from './resources.ts'

/** One virtual agent. Its id is its label; constraints on `hostname` see the label too. */
export interface AgentConfig {
  readonly id: AgentId
  readonly attributes: readonly Attribute[]
  readonly resources: MachineResources
}

export interface AgentFlags {
  /** --local_agents: a number, or the name of a file. */
  readonly agents?: string
  /** --local_resources */
  readonly resources?: string
  /** --local_attributes; with several agents they hold for each. */
  readonly attributes?: string
}

/** What this machine has. Disk is what the file system of `folder` has free. */
export function detectMachine(folder: string): MachineResources {
  let disk = 0
  try {
    const stats = fs.statfsSync(folder)
    disk = Math.floor((stats.bavail * stats.bsize) / (1024 * 1024))
  } catch {
    // A folder that cannot be looked at offers no disk; launching there says why.
  }
  return {
    cpus: os.availableParallelism(),
    mem: Math.floor(os.totalmem() / (1024 * 1024)),
    disk,
    gpus: 0,
    ports: defaultPorts,
  }
}

/**
 * The agents that the flags ask for.
 * @param readFile gives the text of the file that --local_agents names
 * @returns a message that names the flag or the entry that cannot be read
 */
export function configureAgents(
  flags: AgentFlags,
  machine: MachineResources,
  readFile: (name: string) => string,
): Result<readonly AgentConfig[], string> {
  const total = parseResources(flags.resources ?? '', machine)
  if (!total.ok) return refused(`--local_resources: ${total.error}`)
  const attributes = parseAttributes(flags.attributes ?? '')
  if (!attributes.ok) return refused(`--local_attributes: ${attributes.error}`)

  const wanted = (flags.agents ?? '1').trim()
  if (/^\d+$/.test(wanted)) {
    const count = Number(wanted)
    if (count < 1 || count > localLimits.virtualAgents) {
      return refused(
        `--local_agents: ${count} agents are asked for, expected 1 to ${localLimits.virtualAgents}`,
      )
    }
    const shares = splitResources(total.value, count)
    return ok(
      shares.map((resources, i) => ({ id: `agent-${i + 1}`, attributes: attributes.value, resources })),
    )
  }
  let text: string
  try {
    text = readFile(wanted)
  } catch (error) {
    return refused(
      `--local_agents: "${wanted}" is neither a number nor a file that can be read: ${(error as Error).message}`,
    )
  }
  const agents = parseAgentsFile(text, total.value, attributes.value)
  return agents.ok ? agents : refused(`--local_agents: ${wanted}: ${agents.error}`)
}

/**
 * A JSON list of `{"id"|"label", "attributes": {name: value}, "resources": "cpus:2;mem:1024" | {"cpus": 2, …}}`. What
 * an agent does not name it gets as its share of the machine; ports that several name are refused.
 */
export function parseAgentsFile(
  text: string,
  machine: MachineResources,
  shared: readonly Attribute[],
): Result<readonly AgentConfig[], string> {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch (error) {
    return refused(`not JSON: ${(error as Error).message}`)
  }
  if (!Array.isArray(list) || list.length === 0)
    return refused('expected a JSON list with at least one agent')
  if (list.length > localLimits.virtualAgents)
    return refused(`${list.length} agents, expected at most ${localLimits.virtualAgents}`)
  const shares = splitResources(machine, list.length)
  const agents: AgentConfig[] = []
  for (const [index, entry] of list.entries()) {
    const agent = parseAgent(entry, index, shares[index]!, shared)
    if (!agent.ok) return refused(`entry ${index}: ${agent.error}`)
    agents.push(agent.value)
  }
  const ids = new Set(agents.map((agent) => agent.id))
  if (ids.size < agents.length) return refused('two agents have the same id')
  const ports = agents.flatMap((agent) => portsIn(agent.resources.ports))
  if (new Set(ports).size < ports.length) {
    return refused('two agents have the same port: the ports of one machine must be disjoint')
  }
  return ok(agents)
}

function parseAgent(
  entry: unknown,
  index: number,
  share: MachineResources,
  shared: readonly Attribute[],
): Result<AgentConfig, string> {
  if (!isRecord(entry)) return refused('expected an object')
  const id = entry['id'] ?? entry['label'] ?? `agent-${index + 1}`
  if (typeof id !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(id)) {
    return refused(
      `"id" is ${JSON.stringify(id)}, expected letters, digits, dots, dashes and underscores, at most 63`,
    )
  }
  const given = entry['attributes'] ?? {}
  if (!isRecord(given)) return refused('"attributes" is expected to be an object')
  const own: Attribute[] = []
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string' && typeof value !== 'number') {
      return refused(`"attributes.${name}" is expected to be text or a number`)
    }
    own.push(attributeOf(name, String(value)))
  }
  const names = new Set(own.map((attribute) => attribute.name))
  const attributes = [...shared.filter((attribute) => !names.has(attribute.name)), ...own]
  const resources = parseResources(resourcesText(entry['resources']), share)
  return resources.ok
    ? ok({ id, attributes, resources: resources.value })
    : refused(`"resources": ${resources.error}`)
}

function resourcesText(given: unknown): string {
  if (given === undefined) return ''
  if (typeof given === 'string') return given
  if (!isRecord(given)) return JSON.stringify(given)
  return Object.entries(given)
    .map(([name, value]) => `${name}:${value}`)
    .join(';')
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
