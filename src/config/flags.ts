// The command line of `marathon server`: one table of flags, read from arguments and from MARATHON_* variables
// (events-metrics-flags 3.1). docs/reference/flags.md lists the same table; a test holds them together.

import { parseArgs } from 'node:util'

export type FlagKind = 'text' | 'integer' | 'number' | 'toggle' | 'choice' | 'list'

export interface Flag {
  readonly name: string
  readonly kind: FlagKind
  /** As text, the way a user would write it; absent: none. Toggles: `on` or `off`. */
  readonly default?: string
  readonly choices?: readonly string[]
  readonly min?: number
  readonly max?: number
  readonly help: string
}

export const flags = [
  // What runs where
  {
    name: 'master',
    kind: 'text',
    default: 'local',
    help: 'What runs the tasks: `local` (this machine) or `sim` (a simulated cluster).',
  },
  {
    name: 'data_dir',
    kind: 'text',
    default: './data',
    help: 'Directory that holds everything the embedded mode writes.',
  },
  {
    name: 'hostname',
    kind: 'text',
    default: '127.0.0.1',
    help: 'Address under which this machine and its tasks are reached; part of the leader id.',
  },
  { name: 'framework_name', kind: 'text', default: 'marathon', help: 'Name shown by /v2/info.' },
  {
    name: 'local_agents',
    kind: 'text',
    default: '1',
    help: 'Number of virtual agents this machine is split into, or the path of a JSON file that lists them.',
  },
  {
    name: 'local_resources',
    kind: 'text',
    help: 'What the local engine offers, as `cpus:4;mem:8192;disk:10000;ports:[31000-32000]`; detected when absent.',
  },
  {
    name: 'local_attributes',
    kind: 'text',
    help: 'Attributes of the local agents, as `rack_id:rack-1;zone:a`.',
  },
  {
    name: 'sandbox_keep_days',
    kind: 'number',
    default: '7',
    min: 0,
    help: 'Days the sandbox of an ended task is kept.',
  },
  {
    name: 'sandbox_keep_mb',
    kind: 'integer',
    default: '1024',
    min: 0,
    help: 'MiB that sandboxes of ended tasks may take together before the oldest go.',
  },
  {
    name: 'sim_agents',
    kind: 'integer',
    default: '5',
    min: 1,
    max: 10_000,
    help: 'Agents of the simulated cluster (`--master sim`).',
  },
  // HTTP
  {
    name: 'http_address',
    kind: 'text',
    help: 'Address to listen on; 127.0.0.1 unless credentials are set, then all.',
  },
  {
    name: 'http_port',
    kind: 'integer',
    default: '8080',
    min: 0,
    max: 65_535,
    help: 'Port to listen on; 0 takes any free one.',
  },
  {
    name: 'http_credentials',
    kind: 'text',
    help: '`user:password` that every request must present (HTTP Basic).',
  },
  { name: 'http_realm', kind: 'text', default: 'Mesosphere', help: 'Realm of HTTP Basic authentication.' },
  {
    name: 'allow_unauthenticated',
    kind: 'toggle',
    default: 'off',
    help: 'Listen on addresses other than loopback without authentication. Whoever reaches the port can run programs here.',
  },
  { name: 'http_compression', kind: 'toggle', default: 'on', help: 'Compress responses.' },
  {
    name: 'http_max_concurrent_requests',
    kind: 'integer',
    min: 1,
    help: 'Requests served at one time; more are answered 503.',
  },
  { name: 'access_control_allow_origin', kind: 'list', help: 'Origins for the CORS header.' },
  {
    name: 'event_stream_max_outstanding_messages',
    kind: 'integer',
    default: '1024',
    min: 1,
    help: 'Events that may wait for a slow stream before it is closed.',
  },
  {
    name: 'event_subscriber',
    kind: 'choice',
    choices: ['http_callback'],
    help: 'Posts each event to the URLs of /v2/eventSubscriptions.',
  },
  {
    name: 'http_endpoints',
    kind: 'list',
    help: 'URLs subscribed to events from the start (`--event_subscriber http_callback`).',
  },
  {
    name: 'http_event_callback_slow_consumer_timeout',
    kind: 'integer',
    default: '10000',
    min: 1,
    help: 'Milliseconds a subscriber may take before it is left out for a while.',
  },
  {
    name: 'http_event_request_timeout',
    kind: 'integer',
    default: '10000',
    min: 1,
    help: 'Milliseconds a post of an event may take.',
  },
  {
    name: 'artifact_store',
    kind: 'text',
    help: 'Where artifacts are kept, as `file:///path`; /v2/artifacts and storeUrls need it.',
  },
  { name: 'webui_url', kind: 'text', help: 'URL of the web UI, when it is not this server.' },
  // Defaults of definitions
  { name: 'mesos_role', kind: 'text', default: '*', help: 'Default role of apps.' },
  {
    name: 'new_group_enforce_role',
    kind: 'choice',
    choices: ['off', 'top'],
    default: 'off',
    help: 'enforceRole of new top-level groups.',
  },
  {
    name: 'accepted_resource_roles_default_behavior',
    kind: 'choice',
    choices: ['any', 'unreserved', 'reserved'],
    default: 'any',
    help: 'Which resources an app without acceptedResourceRoles takes.',
  },
  { name: 'executor', kind: 'text', default: '//cmd', help: 'Default executor.' },
  { name: 'env_vars_prefix', kind: 'text', help: 'Prefix of the port variables a task gets.' },
  { name: 'default_network_name', kind: 'text', help: 'Name for container networks that have none.' },
  { name: 'mesos_bridge_name', kind: 'text', default: 'mesos-bridge', help: 'Name of the bridge network.' },
  {
    name: 'local_port_min',
    kind: 'integer',
    default: '10000',
    min: 0,
    max: 65_535,
    help: 'First automatic service port.',
  },
  {
    name: 'local_port_max',
    kind: 'integer',
    default: '20000',
    min: 0,
    max: 65_535,
    help: 'Last automatic service port.',
  },
  {
    name: 'max_running_deployments',
    kind: 'integer',
    default: '100',
    min: 1,
    help: 'Deployments under way at one time; more are answered 403.',
  },
  {
    name: 'enable_features',
    kind: 'list',
    help: 'Comma separated: vips, task_killing, external_volumes, secrets, gpu_resources.',
  },
  {
    name: 'gpu_scheduling_behavior',
    kind: 'choice',
    choices: ['restricted', 'unrestricted'],
    default: 'restricted',
    help: 'Whether apps without gpus may use agents that have some.',
  },
  // Scheduling
  {
    name: 'launch_tokens',
    kind: 'integer',
    default: '1000000',
    min: 1,
    help: 'Launches allowed between two refreshes.',
  },
  {
    name: 'launch_token_refresh_interval',
    kind: 'integer',
    default: '30000',
    min: 1,
    help: 'Milliseconds between refreshes of the launch tokens.',
  },
  {
    name: 'max_instances_per_offer',
    kind: 'integer',
    default: '1000',
    min: 1,
    help: 'Instances launched on one offer at most.',
  },
  {
    name: 'decline_offer_duration',
    kind: 'integer',
    default: '120000',
    min: 0,
    help: 'Milliseconds for which an unused offer is declined.',
  },
  {
    name: 'min_revive_offers_interval',
    kind: 'integer',
    default: '500',
    min: 0,
    help: 'Milliseconds between two requests for offers.',
  },
  { name: 'suppress_offers', kind: 'toggle', default: 'on', help: 'Ask for no offers while nothing waits.' },
  {
    name: 'task_launch_confirm_timeout',
    kind: 'integer',
    default: '300000',
    min: 1,
    help: 'Milliseconds a launch may go without a first status before it is killed.',
  },
  {
    name: 'task_launch_timeout',
    kind: 'integer',
    default: '300000',
    min: 1,
    help: 'Milliseconds a task may be staging or starting before it is killed.',
  },
  {
    name: 'kill_retry_timeout',
    kind: 'integer',
    default: '30000',
    min: 1,
    help: 'Milliseconds after which an unanswered kill is sent again.',
  },
  {
    name: 'kill_chunk_size',
    kind: 'integer',
    default: '10000',
    min: 1,
    help: 'Kills under way at one time.',
  },
  {
    name: 'reconciliation_initial_delay',
    kind: 'integer',
    default: '15000',
    min: 0,
    help: 'Milliseconds from connecting to the first periodic reconciliation.',
  },
  {
    name: 'reconciliation_interval',
    kind: 'integer',
    default: '600000',
    min: 1,
    help: 'Milliseconds between reconciliations.',
  },
  {
    name: 'scale_apps_initial_delay',
    kind: 'integer',
    default: '15000',
    min: 0,
    help: 'Milliseconds from the start to the first check of all apps.',
  },
  {
    name: 'scale_apps_interval',
    kind: 'integer',
    default: '300000',
    min: 1,
    help: 'Milliseconds between checks of all apps.',
  },
  {
    name: 'maintenance_mode',
    kind: 'toggle',
    default: 'on',
    help: 'Refuse offers of agents with planned maintenance.',
  },
  {
    name: 'draining_seconds',
    kind: 'integer',
    default: '0',
    min: 0,
    help: 'Seconds before maintenance from which on offers are refused.',
  },
  // Diagnostics
  {
    name: 'logging_level',
    kind: 'choice',
    choices: ['off', 'error', 'warn', 'info', 'debug', 'trace', 'all'],
    default: 'info',
    help: 'How much is logged.',
  },
  { name: 'metrics_name_prefix', kind: 'text', default: 'marathon', help: 'Prefix of metric names.' },
  { name: 'metrics_prometheus', kind: 'toggle', default: 'on', help: 'Serve /metrics/prometheus.' },
] as const satisfies readonly Flag[]

export type FlagValues = {
  readonly [F in (typeof flags)[number] as F['name']]: ValueOf<F>
}
type ValueOf<F extends Flag> =
  | (F['kind'] extends 'integer' | 'number'
      ? number
      : F['kind'] extends 'toggle'
        ? boolean
        : F['kind'] extends 'list'
          ? readonly string[]
          : F extends { choices: readonly (infer C)[] }
            ? C
            : string)
  | (F extends { default: string } ? never : F['kind'] extends 'list' ? never : undefined)

/** A flag that is unknown or has a value it cannot have. The server exits with 112 (InvalidCommandLineFlag). */
export class FlagError extends Error {
  override readonly name = 'FlagError'
}

/**
 * Reads flags from the arguments of `server` and from MARATHON_* variables.
 * @throws FlagError naming the flag, what was given and what is expected.
 */
export function parseFlags(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): FlagValues {
  const given = new Map<string, string>()
  for (const [name, value] of fromEnvironment(env)) given.set(name, value)
  for (const [name, value] of fromArguments(argv)) {
    if (given.has(name))
      throw new FlagError(
        `--${name} is given both as an argument and as MARATHON_${name.toUpperCase()}; remove one of them.`,
      )
    given.set(name, value)
  }
  const values: Record<string, unknown> = {}
  for (const flag of flags as readonly Flag[])
    values[flag.name] = convert(flag, given.get(flag.name) ?? flag.default)
  return values as unknown as FlagValues
}

function* fromEnvironment(env: Readonly<Record<string, string | undefined>>): Generator<[string, string]> {
  for (const [key, value] of Object.entries(env)) {
    if (!key.startsWith('MARATHON_') || key.startsWith('MARATHON_APP_') || value === undefined) continue
    const name = key.slice('MARATHON_'.length).toLowerCase()
    // Variables of the client share the prefix; they are no flags of the server.
    if (clientVariables.has(name)) continue
    const { flag, isNegated } = find(name, `environment variable ${key}`)
    yield [flag.name, flag.kind === 'toggle' ? toggleText(value, isNegated) : value]
  }
}

const clientVariables = new Set(['url', 'credentials', 'heap_mb'])

function toggleText(value: string, isNegated: boolean): string {
  const isOn = value === '' || value === 'true' || value === 'on' || value === '1'
  return isOn !== isNegated ? 'on' : 'off'
}

function* fromArguments(argv: readonly string[]): Generator<[string, string]> {
  const options: Record<string, { type: 'string' | 'boolean' }> = {}
  for (const flag of flags as readonly Flag[]) {
    if (flag.kind === 'toggle') {
      options[flag.name] = { type: 'boolean' }
      options[`disable_${flag.name}`] = { type: 'boolean' }
    } else {
      options[flag.name] = { type: 'string' }
    }
  }
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  const seen = new Set<string>()
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new FlagError(`unexpected argument '${token.value}'; flags look like --name value. ${seeHelp}`)
    if (token.kind !== 'option') continue
    const { flag, isNegated } = find(token.name, token.rawName)
    if (seen.has(flag.name)) throw new FlagError(`--${flag.name} is given twice.`)
    seen.add(flag.name)
    if (flag.kind === 'toggle') {
      yield [flag.name, isNegated ? 'off' : 'on']
    } else if (token.value === undefined) {
      throw new FlagError(`--${flag.name} needs a value: ${flag.help}`)
    } else {
      yield [flag.name, token.value]
    }
  }
}

const seeHelp = 'See `marathon server --help`.'

function find(name: string, shown: string): { flag: Flag; isNegated: boolean } {
  const all: readonly Flag[] = flags
  const flag = all.find((candidate) => candidate.name === name)
  if (flag !== undefined) return { flag, isNegated: false }
  const negated = all.find((candidate) => candidate.kind === 'toggle' && `disable_${candidate.name}` === name)
  if (negated !== undefined) return { flag: negated, isNegated: true }
  throw new FlagError(`unknown flag ${shown}. ${seeHelp}`)
}

function convert(flag: Flag, text: string | undefined): unknown {
  if (flag.kind === 'list')
    return text === undefined || text === '' ? [] : text.split(',').map((item) => item.trim())
  if (text === undefined) return undefined
  switch (flag.kind) {
    case 'toggle':
      return text === 'on'
    case 'integer':
    case 'number':
      return numberOf(flag, text)
    case 'choice':
      if (!flag.choices!.includes(text))
        throw new FlagError(`--${flag.name} is '${text}'; expected one of ${flag.choices!.join(', ')}.`)
      return text
    case 'text':
      return text
  }
}

function numberOf(flag: Flag, text: string): number {
  const value = Number(text)
  const isWrongKind =
    text.trim() === '' || !Number.isFinite(value) || (flag.kind === 'integer' && !Number.isInteger(value))
  const noun = flag.kind === 'integer' ? 'a whole number' : 'a number'
  if (isWrongKind) throw new FlagError(`--${flag.name} is '${text}'; expected ${noun}.`)
  if (flag.min !== undefined && value < flag.min)
    throw new FlagError(`--${flag.name} is ${text}; expected ${flag.min} or more.`)
  if (flag.max !== undefined && value > flag.max)
    throw new FlagError(`--${flag.name} is ${text}; expected ${flag.max} or less.`)
  return value
}

/** The text of `marathon server --help`. */
export function describeFlags(): string {
  const lines = [
    'Usage: marathon server [--flag value …]',
    '',
    'Every flag can also be set as MARATHON_<FLAG> in the environment.',
    '',
  ]
  for (const flag of flags as readonly Flag[]) {
    const name = flag.kind === 'toggle' ? `--[disable_]${flag.name}` : `--${flag.name}`
    const shown = flag.default === undefined ? '' : ` (${flag.default})`
    lines.push(`  ${name}${shown}`, `      ${flag.help}`)
  }
  return `${lines.join('\n')}\n`
}
