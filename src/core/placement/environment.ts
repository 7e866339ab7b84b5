// The environment of an app's task (runtime 6.1). What does not change from launch to launch is worked out once per
// version; a launch adds its id, its host and its ports.

import { assert } from '../../lib/assert.ts'
import type { Rng } from '../../lib/rng.ts'
import type { App, EnvValue } from '../../spec/app.ts'
import type { SecretVariable, TaskId } from '../mesos.ts'
import type { Settings } from '../settings.ts'
import { doubleText } from './fixed-point.ts'
import { portsOfApp } from './ports.ts'

export interface Variable {
  readonly name: string
  readonly value: string
}

export interface EnvironmentPlan {
  /** Variables every task of this version has, in the order they are sent. */
  readonly context: readonly Variable[]
  readonly prefix: string
  /** One per port definition or mapping. */
  readonly ports: readonly PortNaming[]
  /** What the app sets itself; wins over everything. */
  readonly own: readonly Variable[]
  /** Those of its own that the engine looks up: they are sent apart. */
  readonly secrets: readonly SecretVariable[]
}

interface PortNaming {
  /** The container port with mappings, else the service port; 0 takes the effective one. */
  readonly requested: number
  /** The container port when there are mappings: what the task listens on without a host port. */
  readonly containerPort: number | undefined
  readonly name: string | undefined
}

/** What only the launch knows. */
export interface LaunchContext {
  readonly taskId: TaskId
  /** Where tasks on the agent are reached. */
  readonly host: string
  /** The host port of each definition or mapping; undefined for mappings without one. */
  readonly hostPorts: readonly (number | undefined)[]
  /** Whether the top-level group enforces its role. */
  readonly enforceGroupRole: boolean
  readonly rng: Rng
}

// Linux and Mesos agents bound a variable at 512 characters; the original drops labels beyond it (runtime 6.1).
const labelKeyChars = 492
const labelValueChars = 511
const firstFreePort = 1025
const lastPort = 65_535

/** The launch-independent part. */
export function planEnvironment(runSpec: App, settings: Settings): EnvironmentPlan {
  return {
    context: contextVariables(runSpec),
    prefix: settings.envVarsPrefix ?? '',
    ports: portNamings(runSpec),
    own: plainVariables(runSpec.env),
    secrets: secretVariables(runSpec.env, runSpec.secrets),
  }
}

/**
 * All variables of one task, each name once: context, then ports and HOST, then the app's own, the later ones
 * winning.
 */
export function environmentOf(plan: EnvironmentPlan, launch: LaunchContext): Variable[] {
  const variables = new Map<string, string>()
  variables.set('MESOS_TASK_ID', launch.taskId)
  for (const { name, value } of plan.context) variables.set(name, value)
  variables.set('MARATHON_APP_ENFORCE_GROUP_ROLE', launch.enforceGroupRole ? 'TRUE' : 'FALSE')
  variables.set(`${plan.prefix}HOST`, launch.host)
  if (plan.ports.length > 0) addPortVariables(variables, plan, launch)
  for (const { name, value } of plan.own) variables.set(name, value)
  for (const { name } of plan.secrets) variables.delete(name)
  const out: Variable[] = []
  for (const [name, value] of variables) out.push({ name, value })
  return out
}

function contextVariables(runSpec: App): Variable[] {
  const variables: Variable[] = [
    { name: 'MARATHON_APP_ID', value: runSpec.id },
    { name: 'MARATHON_APP_VERSION', value: runSpec.version },
  ]
  if (runSpec.container?.type === 'DOCKER' && runSpec.container.docker !== undefined) {
    variables.push({ name: 'MARATHON_APP_DOCKER_IMAGE', value: runSpec.container.docker.image })
  }
  variables.push(
    { name: 'MARATHON_APP_RESOURCE_CPUS', value: doubleText(runSpec.cpus) },
    { name: 'MARATHON_APP_RESOURCE_MEM', value: doubleText(runSpec.mem) },
    { name: 'MARATHON_APP_RESOURCE_DISK', value: doubleText(runSpec.disk) },
    { name: 'MARATHON_APP_RESOURCE_GPUS', value: String(runSpec.gpus) },
  )
  variables.push(...labelVariables(runSpec.labels))
  return variables
}

/** What a definition sets itself, without the secrets. */
export const plainVariables = (env: Readonly<Record<string, EnvValue>>): Variable[] =>
  Object.entries(env).flatMap(([name, value]) => (typeof value === 'string' ? [{ name, value }] : []))

/** The secrets among them, each with the source its definition gives. */
export const secretVariables = (
  env: Readonly<Record<string, EnvValue>>,
  secrets: Readonly<Record<string, { readonly source: string }>>,
): SecretVariable[] =>
  Object.entries(env).flatMap(([name, value]) =>
    typeof value === 'string' ? [] : [{ name, secret: sourceOf(value.secret, secrets) }],
  )

/** Where the engine finds a secret that a definition names. */
export function sourceOf(
  name: string,
  secrets: Readonly<Record<string, { readonly source: string }>>,
): string {
  const secret = secrets[name]
  assert(secret !== undefined, `the secret ${name} is defined where it is used, which validation sees to`)
  return secret.source
}

/** MARATHON_APP_LABELS, which is there and empty without labels, and one for each label (runtime 6.1). */
export function labelVariables(labels: Readonly<Record<string, string>>): Variable[] {
  const escaped = new Map<string, string>()
  for (const [key, value] of Object.entries(labels)) {
    if (key.length > labelKeyChars || value.length > labelValueChars) continue
    escaped.set(key.replace(/[^A-Za-z0-9_]+/g, '_').toUpperCase(), value)
  }
  return [
    { name: 'MARATHON_APP_LABELS', value: [...escaped.keys()].join(' ') },
    ...Array.from(escaped, ([key, value]) => ({ name: `MARATHON_APP_LABEL_${key}`, value })),
  ]
}

function portNamings(runSpec: App): PortNaming[] {
  const { mappings, definitions } = portsOfApp(runSpec)
  if (mappings !== undefined) {
    return mappings.map(({ containerPort, name }) => ({ requested: containerPort, containerPort, name }))
  }
  return definitions.map(({ port, name }) => ({ requested: port, containerPort: undefined, name }))
}

function addPortVariables(
  variables: Map<string, string>,
  { prefix, ports }: EnvironmentPlan,
  { hostPorts, rng }: LaunchContext,
): void {
  const { effective, generated } = effectivePorts(ports, hostPorts, rng)
  const listed = [...hostPorts.filter((port) => port !== undefined), ...generated]
  if (listed.length > 0) variables.set(`${prefix}PORT`, String(listed[0]))
  variables.set(`${prefix}PORTS`, listed.join(','))
  for (let i = 0; i < ports.length; i++) {
    const { requested, name } = ports[i]!
    const value = String(effective[i])
    variables.set(`${prefix}PORT${i}`, value)
    variables.set(`${prefix}PORT_${requested === 0 ? value : requested}`, value)
    if (name !== undefined) variables.set(`${prefix}PORT_${name.toUpperCase()}`, value)
  }
}

/**
 * The port each definition means to the task: its host port, without one its container port, without either a random
 * one nobody else of this task uses.
 */
function effectivePorts(
  ports: readonly PortNaming[],
  hostPorts: readonly (number | undefined)[],
  rng: Rng,
): { readonly effective: readonly number[]; readonly generated: readonly number[] } {
  const effective = ports.map(({ containerPort }, i) => hostPorts[i] ?? containerPort ?? 0)
  const generated: number[] = []
  for (let i = 0; i < effective.length; i++) {
    if (effective[i] !== 0) continue
    let port: number
    do port = firstFreePort + rng.int(lastPort - firstFreePort + 1)
    while (effective.includes(port))
    effective[i] = port
    generated.push(port)
  }
  return { effective, generated }
}
