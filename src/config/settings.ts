// From flags to what each part is told: the core's settings, the HTTP options, the values /v2/info shows.

import { defaultSettings, type Settings } from '../core/settings.ts'
import { millis, seconds } from '../lib/instant.ts'
import { FlagError, type FlagValues } from './flags.ts'

const features: readonly string[] = ['vips', 'task_killing', 'external_volumes', 'secrets', 'gpu_resources']

/** @throws FlagError when flags contradict each other. */
export function settingsOf(flags: FlagValues): Settings {
  for (const feature of flags.enable_features) {
    if (!features.includes(feature)) {
      throw new FlagError(`--enable_features names '${feature}'; expected some of ${features.join(', ')}.`)
    }
  }
  if (flags.local_port_min > flags.local_port_max) {
    throw new FlagError(
      `--local_port_min is ${flags.local_port_min}; expected no more than --local_port_max, which is ${flags.local_port_max}.`,
    )
  }
  return {
    ...defaultSettings,
    mesosRole: flags.mesos_role,
    newGroupEnforceRole: flags.new_group_enforce_role,
    acceptedResourceRolesDefault: flags.accepted_resource_roles_default_behavior,
    ...(flags.default_network_name === undefined ? {} : { defaultNetworkName: flags.default_network_name }),
    mesosBridgeName: flags.mesos_bridge_name,
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
    taskLaunchConfirmTimeout: millis(flags.task_launch_confirm_timeout),
    taskLaunchTimeout: millis(flags.task_launch_timeout),
    killRetryTimeout: millis(flags.kill_retry_timeout),
    killChunkSize: flags.kill_chunk_size,
    reconciliationInitialDelay: millis(flags.reconciliation_initial_delay),
    reconciliationInterval: millis(flags.reconciliation_interval),
    scaleAppsInitialDelay: millis(flags.scale_apps_initial_delay),
    scaleAppsInterval: millis(flags.scale_apps_interval),
    gpuSchedulingBehavior: flags.gpu_scheduling_behavior,
    maintenanceMode: flags.maintenance_mode,
    drainingTime: seconds(flags.draining_seconds),
    eventSubscriber: flags.event_subscriber,
    httpEndpoints: flags.http_endpoints.map((url) => checkedUrl('http_endpoints', url, ['http:', 'https:'])),
    eventCallbackSlowConsumerTimeoutMs: flags.http_event_callback_slow_consumer_timeout,
    eventCallbackRequestTimeoutMs: flags.http_event_request_timeout,
    artifactStore:
      flags.artifact_store === undefined
        ? undefined
        : checkedUrl('artifact_store', flags.artifact_store, ['file:']),
  }
}

function checkedUrl(flag: string, text: string, protocols: readonly string[]): string {
  if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text
  throw new FlagError(
    `--${flag} has '${text}'; expected a URL that begins with ${protocols.join('// or ')}//.`,
  )
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
  checkpoint: true,
  decline_offer_duration: flags.decline_offer_duration,
  default_network_name: flags.default_network_name ?? null,
  env_vars_prefix: flags.env_vars_prefix ?? null,
  executor: flags.executor,
  failover_timeout: null,
  features: flags.enable_features,
  framework_name: flags.framework_name,
  ha: false,
  hostname: flags.hostname,
  launch_token: flags.launch_tokens,
  launch_token_refresh_interval: flags.launch_token_refresh_interval,
  local_port_max: flags.local_port_max,
  local_port_min: flags.local_port_min,
  maintenance_mode: flags.maintenance_mode,
  master: flags.master,
  max_instances_per_offer: flags.max_instances_per_offer,
  mesos_bridge_name: flags.mesos_bridge_name,
  mesos_role: flags.mesos_role,
  min_revive_offers_interval: flags.min_revive_offers_interval,
  new_group_enforce_role: flags.new_group_enforce_role === 'top' ? 'Top' : 'Off',
  reconciliation_initial_delay: flags.reconciliation_initial_delay,
  reconciliation_interval: flags.reconciliation_interval,
  scale_apps_initial_delay: flags.scale_apps_initial_delay,
  scale_apps_interval: flags.scale_apps_interval,
  task_launch_confirm_timeout: flags.task_launch_confirm_timeout,
  task_launch_timeout: flags.task_launch_timeout,
  webui_url: flags.webui_url ?? null,
})
