// What the HTTP server is given. It owns none of it: reads go to the view, writes to `submit`, and both answer
// everything there is to decide.

import type { Outcome, Request } from '../core/requests.ts'
import type { View } from '../core/view.ts'
import type { Instant } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import type { Metrics } from '../metrics/registry.ts'
import type { ArtifactStore } from '../ports/artifacts.ts'
import type { AgentControl, IsolationInfo, TaskLogs } from '../ports/engine.ts'
import type { EventLogReader } from '../ports/event-log.ts'
import type { LogControl, Logger } from '../ports/logger.ts'
import type { Plugins } from '../ports/plugins.ts'
import type { NoticeListener } from '../ports/submit.ts'

export interface HttpDeps {
  readonly view: () => View
  /** As in ports/submit: a NotTakenError becomes 503. */
  readonly submit: (request: Request) => Promise<Outcome>
  /** Calls the listener with every batch of notices, in order; returns the way to stop it. */
  readonly subscribe: (listener: NoticeListener) => () => void
  /** Absent: no log is kept, and events have no numbers. */
  readonly eventLog?: EventLogReader
  /** Told of what happens here and not in the core: event streams that come and go. */
  readonly announce?: NoticeListener
  readonly engine: EngineSurface
  /** Absent: none is loaded. */
  readonly plugins?: Pick<Plugins, 'list' | 'requestHandlers'>
  /** Absent: --artifact_store is not set. */
  readonly artifacts?: ArtifactStore
  readonly info: ServerInfo
  readonly control: ServerControl
  readonly options: HttpOptions
  /** The folder of the files for browsers; without it there are none. */
  readonly publicDir?: string
  readonly metrics: Metrics
  readonly log: Logger
  readonly now: () => Instant
}

/** What operators see of the process and do to it. */
export interface ServerControl {
  readonly logging: LogControl
  /** All flags by their names, given or not, secrets masked: /config. */
  readonly configuration: Readonly<Record<string, unknown>>
  /** Gives the leadership up: shortly after, the process ends with a code that says so. Tasks keep running. */
  abdicate(): void
}

/** What of the engine people can see. */
export interface EngineSurface {
  /** For messages: `local`, `mesos`, `sim`. */
  readonly name: string
  readonly agents?: AgentControl
  readonly logs?: TaskLogs
  readonly describeIsolation?: () => IsolationInfo
}

/** What does not change while the process lives; `/v2/info` and `/v2/leader` show it. */
export interface ServerInfo {
  /** --framework_name */
  readonly name: string
  readonly version: string
  readonly buildref: string
  /** `host:port` as other machines know it; absent while there is none. */
  readonly leader?: string
  /** Values by the keys of rest-api 8; a key that is missing is shown as null, one that is unknown is not shown. */
  readonly marathonConfig: Readonly<Record<string, unknown>>
  readonly zookeeperConfig: Readonly<Record<string, unknown>>
  readonly httpConfig: { readonly http_port: number | null; readonly https_port: number | null }
}

export interface HttpOptions {
  readonly scheme: 'http' | 'https'
  /** --http_credentials */
  readonly credentials?: { readonly user: string; readonly password: string }
  /** --http_realm */
  readonly realm: string
  /** --access_control_allow_origin */
  readonly allowedOrigins: readonly string[]
  /** --http_compression */
  readonly compress: boolean
  /** --http_max_concurrent_requests */
  readonly maxConcurrentRequests?: number
  /** --event_stream_max_outstanding_messages */
  readonly eventStreamMaxOutstanding: number
  /** --metrics_prometheus */
  readonly prometheus: boolean
  /** `text/plain` task lists; --deprecated_features disable_text_plain_tasks */
  readonly textTaskLists: boolean
  /** /v2/schemas; --deprecated_features disable_json_schemas_resource */
  readonly schemas: boolean
  /** Milliseconds between heartbeats of an event stream; about 10,000. */
  readonly eventStreamHeartbeatMs: number
  /** Milliseconds the head of a request may take. */
  readonly requestHeadMs: number
  /** Milliseconds between two looks at how much of a body has come (`limits.bodyBytesPerPeriod`). */
  readonly bodyPeriodMs: number
  /** Milliseconds between two looks for more output when a log is followed. */
  readonly logPollMs: number
}

export const defaultHttpOptions: HttpOptions = {
  scheme: 'http',
  realm: 'Mesosphere',
  allowedOrigins: [],
  compress: true,
  eventStreamMaxOutstanding: 1024,
  prometheus: true,
  textTaskLists: true,
  schemas: true,
  eventStreamHeartbeatMs: 10_000,
  requestHeadMs: limits.requestHeadMs,
  bodyPeriodMs: limits.bodyPeriodMs,
  logPollMs: 200,
}

/** What URLs of artifacts begin with. `authority`: `host:port` as tasks reach this server. */
export const artifactsUrl = (scheme: HttpOptions['scheme'], authority: string): string =>
  `${scheme}://${authority}/v2/artifacts`
