// `/v2/info` (rest-api 8): the configuration under the keys and in the order clients know; a key without a value is
// null.

import type { EngineState } from '../../core/view.ts'
import type { IsolationInfo } from '../../ports/engine.ts'
import type { ServerInfo } from '../deps.ts'

const marathonKeys = [
  'access_control_allow_origin',
  'checkpoint',
  'decline_offer_duration',
  'default_network_name',
  'env_vars_prefix',
  'executor',
  'failover_timeout',
  'features',
  'framework_name',
  'ha',
  'hostname',
  'launch_token',
  'launch_token_refresh_interval',
  'leader_proxy_connection_timeout_ms',
  'leader_proxy_read_timeout_ms',
  'local_port_max',
  'local_port_min',
  'master',
  'max_instances_per_offer',
  'mesos_bridge_name',
  'mesos_heartbeat_failure_threshold',
  'mesos_heartbeat_interval',
  'mesos_leader_ui_url',
  'mesos_role',
  'mesos_user',
  'new_group_enforce_role',
  'min_revive_offers_interval',
  'offer_matching_timeout',
  'on_elected_prepare_timeout',
  'reconciliation_initial_delay',
  'reconciliation_interval',
  'scale_apps_initial_delay',
  'scale_apps_interval',
  'store_cache',
  'task_launch_confirm_timeout',
  'task_launch_timeout',
  'task_lost_expunge_initial_delay',
  'task_lost_expunge_interval',
  'task_reservation_timeout',
  'webui_url',
  'maintenance_mode',
] as const

const zookeeperKeys = [
  'zk',
  'zk_compression',
  'zk_compression_threshold',
  'zk_connection_timeout',
  'zk_max_node_size',
  'zk_max_versions',
  'zk_session_timeout',
  'zk_timeout',
] as const

export function renderInfo(
  info: ServerInfo,
  engine: EngineState,
  isolation: IsolationInfo | undefined,
): Readonly<Record<string, unknown>> {
  return {
    name: info.name,
    version: info.version,
    buildref: info.buildref,
    elected: true,
    leader: info.leader ?? null,
    frameworkId: engine.frameworkId ?? null,
    marathon_config: pick(info.marathonConfig, marathonKeys),
    zookeeper_config: pick(info.zookeeperConfig, zookeeperKeys),
    http_config: {
      http_port: info.httpConfig.http_port,
      https_port: info.httpConfig.https_port,
    },
    ...(isolation === undefined ? {} : { isolation }),
  }
}

const pick = (values: Readonly<Record<string, unknown>>, keys: readonly string[]) =>
  Object.fromEntries(
    keys.map((key) => [key, values[key] === undefined ? null : maskCredentials(values[key])]),
  )

/** `scheme://user:password@host` is shown without either, whoever forgot to mask it before. */
const maskCredentials = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(/:\/\/[^/@\s]+@/, '://xxxxxxxx:xxxxxxxx@') : value
