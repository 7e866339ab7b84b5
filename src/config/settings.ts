// From flags to what each part is told: the core's settings, the HTTP options, the values /v2/info shows.

import { userInfo } from 'node:os'
import { defaultSettings, type EngineKind, type Settings } from '../core/settings.ts'
import { millis, seconds } from '../lib/instant.ts'
import { switchFeatures } from './deprecated-features.ts'
import { FlagError, withoutCredentials } from './flag.ts'
import { parseMaster } from './forms.ts'
import type { FlagValues } from './table.ts'

/** What the flags say to the core. */
export function settingsOf(flags: FlagValues): Settings {
  return {
    ...defaultSettings,
    mesosRole: flags.mesos_role,
    newGroupEnforceRole: flags.new_group_enforce_role,
    acceptedResourceRolesDefault: flags.accepted_resource_roles_default_behavior,
    ...(flags.default_network_name === undefined ? {} : { defaultNetworkName: flags.default_network_name }),
    mesosBridgeName: flags.mesos_bridge_name,
    engine: engineOf(flags),
    enabledFeatures: new Set(flags.enable_features),
    executor: flags.executor,
    ...(flags.env_vars_prefix === undefined ? {} : { envVarsPrefix: flags.env_vars_prefix }),
    localPortMin: flags.local_port_min,
    localPortMax: flags.local_port_max,
    maxRunningDeployments: flags.max_running_deployments,
    maxInstancesPerOffer: flags.max_instances_per_offer,
    launchTokens: flags.launch_tokens,
    launchTokenRefreshInterval: millis(flags.launch_token_refresh_interval),
    declineOfferDuration: millis(flags.decline_offer_duration),
    minReviveOffersInterval: millis(flags.min_revive_offers_interval),
    suppressOffers: flags.suppress_offers,
    mesosOfferConstraints: flags.mesos_offer_constraints,
    minOfferConstraintsUpdateInterval: millis(flags.min_mesos_offer_constraints_update_interval),
    taskLaunchConfirmTimeout: millis(flags.task_launch_confirm_timeout),
    taskLaunchTimeout: millis(flags.task_launch_timeout),
    killRetryTimeout: millis(flags.kill_retry_timeout),
    killChunkSize: flags.kill_chunk_size,
    reconciliationInitialDelay: millis(flags.reconciliation_initial_delay),
    reconciliationInterval: millis(flags.reconciliation_interval),
    scaleAppsInitialDelay: millis(flags.scale_apps_initial_delay),
    scaleAppsInterval: millis(flags.scale_apps_interval),
    taskLostExpungeInitialDelay: millis(flags.task_lost_expunge_initial_delay),
    ...(flags.mesos_authentication_principal === undefined
      ? {}
      : { mesosPrincipal: flags.mesos_authentication_principal }),
    taskReservationTimeout: millis(flags.task_reservation_timeout),
    versionsPerRunSpec: flags.zk_max_versions,
    gpuSchedulingBehavior: flags.gpu_scheduling_behavior,
    maintenanceMode: flags.maintenance_mode,
    drainingTime: seconds(flags.draining_seconds),
    eventSubscriber: flags.event_subscriber,
    httpEndpoints: flags.http_endpoints,
    eventLogMaxEvents: flags.event_log_max_events,
    eventLogMaxChars: flags.event_log_max_mb * 1024 ** 2,
    eventCallbackSlowConsumerTimeoutMs: flags.http_event_callback_slow_consumer_timeout,
    eventCallbackRequestTimeoutMs: flags.http_event_request_timeout,
    artifactStore: flags.artifact_store,
  }
}

/** What runs the tasks. */
export function engineOf(flags: FlagValues): EngineKind {
  const { kind } = parseMaster(flags.master)!
  return kind === 'local' || kind === 'sim' ? kind : 'mesos'
}

/** The user this process runs as, by name; undefined where the machine has no name for it. */
export function ownUser(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

/**
 * Tasks whose definition names no user run as the server does.
 * @throws FlagError when --mesos_user wants another one
 */
export function checkUser(flags: FlagValues, own: string | undefined): void {
  if (flags.mesos_user === undefined || flags.mesos_user === own) return
  throw new FlagError(
    `--mesos_user is '${flags.mesos_user}', and tasks run as '${own ?? 'nameless'}', whom this server runs as, unless ` +
      'their definition names a user. Start the server as that user, or name it in the definitions.',
  )
}

/** What the original removed, we keep, and --deprecated_features can switch off. */
export function removedFeaturesOf(flags: FlagValues): {
  readonly textTaskLists: boolean
  readonly schemas: boolean
} {
  const { isEnabled } = switchFeatures(flags.deprecated_features)
  return { textTaskLists: isEnabled('text_plain_tasks'), schemas: isEnabled('json_schemas_resource') }
}

/** `user:password`. */
export function credentialsOf(
  flags: FlagValues,
): { readonly user: string; readonly password: string } | undefined {
  const text = flags.http_credentials
  if (text === undefined) return undefined
  const colon = text.indexOf(':')
  if (colon <= 0 || colon === text.length - 1) {
    throw new FlagError('--http_credentials has no user or no password; expected user:password.')
  }
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/

/**
 * The address to listen on. Whoever reaches this API can run programs on this machine, so without authentication it is
 * loopback only, unless the operator says in so many words that anybody may.
 */
export function addressOf(flags: FlagValues): string {
  const isGuarded = flags.http_credentials !== undefined || flags.allow_unauthenticated
  const address = flags.http_address ?? (isGuarded ? '0.0.0.0' : '127.0.0.1')
  if (isGuarded || loopback.test(address)) return address
  throw new FlagError(
    `--http_address is ${address}, which other machines can reach, and no authentication is configured. ` +
      'Whoever reaches this port can run programs on this machine. ' +
      'Set --http_credentials user:password, or pass --allow_unauthenticated if you mean it.',
  )
}

/** The values of /v2/info's marathon_config, by their keys (rest-api 8). */
export const infoOf = (flags: FlagValues): Record<string, unknown> => ({
  access_control_allow_origin:
    flags.access_control_allow_origin.length === 0 ? null : flags.access_control_allow_origin,
  checkpoint: flags.checkpoint,
  decline_offer_duration: flags.decline_offer_duration,
  default_network_name: flags.default_network_name ?? null,
  env_vars_prefix: flags.env_vars_prefix ?? null,
  executor: flags.executor,
  failover_timeout: flags.failover_timeout,
  features: flags.enable_features,
  framework_name: flags.framework_name,
  ha: flags.ha,
  hostname: flags.hostname,
  launch_token: flags.launch_tokens,
  launch_token_refresh_interval: flags.launch_token_refresh_interval,
  leader_proxy_connection_timeout_ms: flags.leader_proxy_connection_timeout,
  leader_proxy_read_timeout_ms: flags.leader_proxy_read_timeout,
  local_port_max: flags.local_port_max,
  local_port_min: flags.local_port_min,
  maintenance_mode: flags.maintenance_mode,
  master: withoutCredentials(flags.master),
  max_instances_per_offer: flags.max_instances_per_offer,
  mesos_bridge_name: flags.mesos_bridge_name,
  mesos_heartbeat_failure_threshold: flags.mesos_heartbeat_failure_threshold,
  mesos_heartbeat_interval: flags.mesos_heartbeat_interval,
  mesos_leader_ui_url: flags.mesos_leader_ui_url ?? null,
  mesos_role: flags.mesos_role,
  mesos_user: flags.mesos_user ?? ownUser() ?? null,
  min_revive_offers_interval: flags.min_revive_offers_interval,
  new_group_enforce_role: flags.new_group_enforce_role === 'top' ? 'Top' : 'Off',
  offer_matching_timeout: flags.offer_matching_timeout,
  on_elected_prepare_timeout: flags.on_elected_prepare_timeout,
  reconciliation_initial_delay: flags.reconciliation_initial_delay,
  reconciliation_interval: flags.reconciliation_interval,
  scale_apps_initial_delay: flags.scale_apps_initial_delay,
  scale_apps_interval: flags.scale_apps_interval,
  store_cache: flags.store_cache,
  task_launch_confirm_timeout: flags.task_launch_confirm_timeout,
  task_launch_timeout: flags.task_launch_timeout,
  task_lost_expunge_initial_delay: flags.task_lost_expunge_initial_delay,
  task_lost_expunge_interval: flags.task_lost_expunge_interval,
  task_reservation_timeout: flags.task_reservation_timeout,
  webui_url: flags.webui_url ?? null,
})

/** The values of /v2/info's zookeeper_config, by their keys. */
export const zookeeperInfoOf = (flags: FlagValues): Record<string, unknown> => ({
  zk: flags.zk === undefined ? null : withoutCredentials(flags.zk),
  zk_compression: flags.zk_compression,
  zk_compression_threshold: flags.zk_compression_threshold,
  zk_connection_timeout: flags.zk_connection_timeout,
  zk_max_node_size: flags.zk_max_node_size,
  zk_max_versions: flags.zk_max_versions,
  zk_session_timeout: flags.zk_session_timeout,
  zk_timeout: flags.zk_timeout,
})
