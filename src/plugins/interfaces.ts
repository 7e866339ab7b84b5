// What a plugin may be (events-metrics-flags 5.2). Descriptors name interfaces as the original calls them, or by the
// last word. Those that are not loaded yet are known, so that they can be refused by name.

interface KnownInterface {
  /** In full; what people see. */
  readonly name: string
}

export interface LoadedInterface extends KnownInterface {
  readonly kind: 'run-spec-validator' | 'task-processor' | 'http-request-handler'
  /** What a class must have. */
  readonly methods: readonly string[]
}

interface LaterInterface extends KnownInterface {
  readonly kind: 'not-yet'
}

const interfaces: readonly (LoadedInterface | LaterInterface)[] = [
  {
    kind: 'run-spec-validator',
    name: 'mesosphere.marathon.plugin.validation.RunSpecValidator',
    methods: ['validate'],
  },
  {
    kind: 'http-request-handler',
    name: 'mesosphere.marathon.plugin.http.HttpRequestHandler',
    methods: ['serve'],
  },
  {
    kind: 'task-processor',
    name: 'mesosphere.marathon.plugin.task.RunSpecTaskProcessor',
    methods: ['taskInfo', 'taskGroup'],
  },
  { kind: 'not-yet', name: 'mesosphere.marathon.plugin.auth.Authenticator' },
  { kind: 'not-yet', name: 'mesosphere.marathon.plugin.auth.Authorizer' },
  { kind: 'not-yet', name: 'mesosphere.marathon.plugin.scheduler.SchedulerPlugin' },
]

const shortName = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

export const interfaceNamed = (name: string): LoadedInterface | LaterInterface | undefined =>
  interfaces.find((known) => known.name === name || shortName(known.name) === name)

/** Those that are loaded, for messages. */
export function describeInterfaces(): string {
  const names = interfaces.flatMap(({ kind, name }) => (kind === 'not-yet' ? [] : [shortName(name)]))
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}
