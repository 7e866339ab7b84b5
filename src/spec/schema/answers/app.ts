// Apps as answers show them (app-definition 2, examples 1): what users send, without the forms of old versions,
// complete where it is shown at all (rest-api 11), and what is known of its tasks.

import * as Type from 'typebox'
import { App } from '../app.ts'
import { Container, DockerContainer } from '../container.ts'
import { PortMapping } from '../network.ts'
import { NonEmpty } from '../primitives.ts'
import { CsiVolumeInfo, DvdiVolumeInfo, PersistentVolumeInfo, ReadMode } from '../volume.ts'
import { Count, Time } from './primitives.ts'
import { Task, TaskFailure } from './task.ts'

const ShownMapping = Type.Object(
  {
    ...Type.Omit(PortMapping, ['networkNames']).properties,
    networkNames: Type.Optional(PortMapping.properties.networkNames),
  },
  { 'x-name': 'PortMapping' },
)

const ShownDvdi = Type.Object(
  {
    ...Type.Omit(DvdiVolumeInfo, ['options']).properties,
    options: Type.Optional(DvdiVolumeInfo.properties.options),
  },
  { 'x-name': 'DvdiVolume' },
)

const ShownVolume = Type.Union(
  [
    Type.Object({ containerPath: NonEmpty, persistent: PersistentVolumeInfo, mode: ReadMode }),
    Type.Object({
      containerPath: NonEmpty,
      external: Type.Union([ShownDvdi, CsiVolumeInfo]),
      mode: ReadMode,
    }),
    Type.Object({ containerPath: NonEmpty, secret: NonEmpty }),
    Type.Object({ containerPath: NonEmpty, hostPath: NonEmpty, mode: ReadMode }),
  ],
  { 'x-name': 'Volume' },
)

const ShownContainer = Type.Object(
  {
    ...Type.Omit(Container, ['image', 'options', 'docker', 'volumes', 'portMappings']).properties,
    docker: Type.Optional(
      Type.Omit(DockerContainer, ['credential', 'network', 'portMappings'], { 'x-name': 'Docker' }),
    ),
    volumes: Type.Array(ShownVolume),
    portMappings: Type.Optional(Type.Array(ShownMapping)),
  },
  { 'x-name': 'Container' },
)

/** The fields of an app that are always there, left out when empty, or only there when they were given. */
const shownFields = {
  ...Type.Omit(App, ['ports', 'uris', 'storeUrls', 'ipAddress']).properties,
  ...Type.Partial(
    Type.Pick(App, [
      'acceptedResourceRoles',
      'args',
      'constraints',
      'dependencies',
      'env',
      'fetch',
      'healthChecks',
      'readinessChecks',
      'secrets',
    ]),
  ).properties,
  ...Type.Required(Type.Pick(App, ['upgradeStrategy', 'unreachableStrategy', 'role'])).properties,
  container: Type.Optional(ShownContainer),
  version: Time,
  /** Not in the answer to the creation of an app. */
  versionInfo: Type.Optional(Type.Object({ lastScalingAt: Time, lastConfigChangeAt: Time })),
}

export const ShownApp = Type.Object(shownFields, { 'x-name': 'App', description: 'An app as it is kept' })

const StatsOfTasks = Type.Object(
  {
    stats: Type.Object({
      counts: Type.Object({ staged: Count, running: Count, healthy: Count, unhealthy: Count }),
      lifeTime: Type.Optional(Type.Object({ averageSeconds: Type.Number(), medianSeconds: Type.Number() })),
    }),
  },
  { 'x-name': 'StatsOfTasks' },
)

/** Whether an instance is ready to serve, by a check of its app (rest-api 6). */
export const ReadinessCheckResult = Type.Object(
  {
    name: Type.String(),
    taskId: Type.String(),
    ready: Type.Boolean(),
    lastResponse: Type.Optional(
      Type.Object({ status: Type.Integer(), contentType: Type.String(), body: Type.String() }),
    ),
  },
  { 'x-name': 'ReadinessCheckResult' },
)

const TaskStats = Type.Object(
  {
    startedAfterLastScaling: Type.Optional(StatsOfTasks),
    withLatestConfig: Type.Optional(StatsOfTasks),
    withOutdatedConfig: Type.Optional(StatsOfTasks),
    totalSummary: Type.Optional(StatsOfTasks),
  },
  { 'x-name': 'TaskStats', description: 'By the version the tasks run' },
)

/** What `embed` adds, where it was asked for or is always shown. */
const embedded = {
  tasksStaged: Type.Optional(Count),
  tasksRunning: Type.Optional(Count),
  tasksHealthy: Type.Optional(Count),
  tasksUnhealthy: Type.Optional(Count),
  deployments: Type.Optional(Type.Array(Type.Object({ id: Type.String({ format: 'uuid' }) }))),
  readinessCheckResults: Type.Optional(Type.Array(ReadinessCheckResult)),
  tasks: Type.Optional(Type.Array(Task)),
  lastTaskFailure: Type.Optional(TaskFailure),
  tasksStats: Type.Optional(TaskStats),
  taskStats: Type.Optional(TaskStats),
}

export const AppInfo = Type.Object(
  { ...shownFields, ...embedded },
  { 'x-name': 'AppInfo', description: 'An app with what is known of its tasks, as far as it was asked for' },
)

export const AppAnswer = Type.Object({ app: AppInfo }, { 'x-name': 'AppAnswer' })
export const AppList = Type.Object({ apps: Type.Array(AppInfo) }, { 'x-name': 'AppList' })
/** The apps beneath a group: `GET /v2/apps/{group}/*`. */
export const AppsBeneath = Type.Object({ '*': Type.Array(AppInfo) }, { 'x-name': 'AppsBeneath' })
export const VersionList = Type.Object({ versions: Type.Array(Time) }, { 'x-name': 'VersionList' })
