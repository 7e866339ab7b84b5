// The API's bodies, typed by the schemas that the server's answers are checked against (src/spec/schema/answers). A
// server of another version may send more; what is here is what can be relied on.

import type { Static } from 'typebox'
import type * as app from '../src/spec/schema/answers/app.ts'
import type * as deployment from '../src/spec/schema/answers/deployment.ts'
import type { Event as EventSchema } from '../src/spec/schema/answers/events.ts'
import type { Group as GroupSchema } from '../src/spec/schema/answers/group.ts'
import type * as pod from '../src/spec/schema/answers/pod.ts'
import type * as primitives from '../src/spec/schema/answers/primitives.ts'
import type * as server from '../src/spec/schema/answers/server.ts'
import type * as task from '../src/spec/schema/answers/task.ts'
import type * as v1 from '../src/spec/schema/answers/v1.ts'

export type App = Static<typeof app.ShownApp>
export type AppInfo = Static<typeof app.AppInfo>
export type AppList = Static<typeof app.AppList>
export type AppsBeneath = Static<typeof app.AppsBeneath>
export type VersionList = Static<typeof app.VersionList>

export type Task = Static<typeof task.Task>
export type TaskFailure = Static<typeof task.TaskFailure>
export type HealthCheckResult = Static<typeof task.HealthCheckResult>
export type TaskList = Static<typeof task.TaskList>

export type Group = GroupSchema

export type Pod = Static<typeof pod.ShownPod>
export type PodStatus = Static<typeof pod.PodStatus>
export type KilledInstance = Static<typeof pod.KilledInstance>

/** The answer to a change: the deployment that carries it out. */
export type DeploymentResult = Static<typeof primitives.DeploymentResult>
export type Message = Static<typeof primitives.Message>

export type Deployment = Static<typeof deployment.Deployment>
export type DeploymentAction = Deployment['currentActions'][number]
/** What a change would do. */
export type Plan = Static<typeof deployment.Plan>
/** Why something has not happened yet: an enumerated reason and a sentence for people. */
export type WaitingOn = Static<typeof deployment.WaitingOn>
export type Queue = Static<typeof deployment.Queue>
export type QueueItem = Static<typeof deployment.QueueItem>
export type RejectSummary = QueueItem['processedOffersSummary']['rejectSummaryLastOffers'][number]

export type Agent = Static<typeof server.Agent>
export type Resources = Agent['resources']
export type Info = Static<typeof server.Info>
export type Leader = Static<typeof server.Leader>
export type Plugins = Static<typeof server.Plugins>
export type LoggerLevel = Static<typeof server.LoggerLevel>
export type LoggerLevels = Static<typeof server.LoggerLevels>
export type Metrics = Static<typeof server.Metrics>
export type EventSubscriptions = Static<typeof server.EventSubscriptions>

export type Event = Static<typeof EventSchema>

/** Of the first releases (rest-api 12.1). */
export type V1App = Static<typeof v1.V1App>
export type V1AppWithCounts = Static<typeof v1.V1AppWithCounts>
export type V1Task = Static<typeof v1.V1Task>
/** An item of `GET /v1/endpoints`. */
export type Endpoint = Static<typeof v1.V1Endpoint>
export type V1TasksByApp = Static<typeof v1.V1TasksByApp>
