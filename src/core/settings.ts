// What the flags say, as far as the core is concerned. Constant for the life of the process.

import { type Duration, millis } from '../lib/instant.ts'

/** What runs the tasks. Absent where nobody asks: in tests. */
export type EngineKind = 'local' | 'sim' | 'mesos'

export interface Settings {
  readonly engine?: EngineKind
  readonly mesosRole: string
  readonly newGroupEnforceRole: 'off' | 'top'
  readonly acceptedResourceRolesDefault: 'any' | 'unreserved' | 'reserved'
  readonly defaultNetworkName?: string
  readonly mesosBridgeName: string
  readonly enabledFeatures: ReadonlySet<string>
  readonly executor: string
  readonly envVarsPrefix?: string
  /** Automatic service ports, both ends inclusive. */
  readonly localPortMin: number
  readonly localPortMax: number
  readonly maxRunningDeployments: number
  readonly maxInstancesPerOffer: number
  readonly launchTokens: number
  readonly launchTokenRefreshInterval: Duration
  readonly declineOfferDuration: Duration
  readonly minReviveOffersInterval: Duration
  readonly suppressOffers: boolean
  /** Whether the master is told which offers no constraint allows. */
  readonly mesosOfferConstraints: boolean
  readonly minOfferConstraintsUpdateInterval: Duration
  readonly taskLaunchConfirmTimeout: Duration
  readonly taskLaunchTimeout: Duration
  readonly killRetryTimeout: Duration
  readonly killChunkSize: number
  readonly reconciliationInitialDelay: Duration
  readonly reconciliationInterval: Duration
  readonly scaleAppsInitialDelay: Duration
  readonly scaleAppsInterval: Duration
  readonly taskLostExpungeInitialDelay: Duration
  /** Whose reservations ours are; without one nothing is reserved (--mesos_authentication_principal). */
  readonly mesosPrincipal?: string
  /** In which what was reserved must have been offered and used. */
  readonly taskReservationTimeout: Duration
  /** Versions kept of an app or pod, besides those still in use (`--zk_max_versions`). */
  readonly versionsPerRunSpec: number
  readonly gpuSchedulingBehavior: 'restricted' | 'unrestricted'
  readonly maintenanceMode: boolean
  readonly drainingTime: Duration
  /** Absent: subscriptions to events by HTTP are off (rest-api 12). */
  readonly eventSubscriber: 'http_callback' | undefined
  /** Absolute HTTP URLs that are subscribed from the start. */
  readonly httpEndpoints: readonly string[]
  /** Events kept at most, for those who come back; 0: none. */
  readonly eventLogMaxEvents: number
  /** Characters of them kept at most. */
  readonly eventLogMaxChars: number
  /** A receiver that takes longer than this is left out for a while. */
  readonly eventCallbackSlowConsumerTimeoutMs: number
  readonly eventCallbackRequestTimeoutMs: number
  /** `file:///…`; absent: there are no artifacts. */
  readonly artifactStore: string | undefined
  /** Where tasks fetch artifacts from: this server's /v2/artifacts. Absent without a store. */
  readonly artifactsUrl?: string
}

/**
 * Defaults as in events-metrics-flags 3, but for the throttles, which would cap a cluster's launch rate:
 * docs/compatibility.md gives the measured reasons.
 */
export const defaultSettings: Settings = {
  mesosRole: '*',
  newGroupEnforceRole: 'off',
  acceptedResourceRolesDefault: 'any',
  mesosBridgeName: 'mesos-bridge',
  enabledFeatures: new Set(),
  executor: '//cmd',
  localPortMin: 10_000,
  localPortMax: 20_000,
  maxRunningDeployments: 100,
  maxInstancesPerOffer: 1_000,
  launchTokens: 1_000_000,
  launchTokenRefreshInterval: millis(30_000),
  declineOfferDuration: millis(120_000),
  minReviveOffersInterval: millis(500),
  suppressOffers: true,
  mesosOfferConstraints: false,
  minOfferConstraintsUpdateInterval: millis(1_000),
  taskLaunchConfirmTimeout: millis(300_000),
  taskLaunchTimeout: millis(300_000),
  killRetryTimeout: millis(30_000),
  killChunkSize: 10_000,
  reconciliationInitialDelay: millis(15_000),
  reconciliationInterval: millis(600_000),
  scaleAppsInitialDelay: millis(15_000),
  scaleAppsInterval: millis(300_000),
  taskLostExpungeInitialDelay: millis(300_000),
  taskReservationTimeout: millis(20_000),
  versionsPerRunSpec: 50,
  gpuSchedulingBehavior: 'restricted',
  maintenanceMode: true,
  drainingTime: millis(0),
  eventSubscriber: undefined,
  httpEndpoints: [],
  eventLogMaxEvents: 100_000,
  eventLogMaxChars: 64 * 1024 ** 2,
  eventCallbackSlowConsumerTimeoutMs: 10_000,
  eventCallbackRequestTimeoutMs: 10_000,
  artifactStore: undefined,
}
