// Flags of the original, from the command line to what they do: each is known, with its default, its rules and what it
// means here (events-metrics-flags 3). How they are read is shown in src/config.

import { describe, expect, it } from 'vitest'
import { FlagError } from '../../src/config/flag.ts'
import { parseFlags } from '../../src/config/flags.ts'
import {
  addressOf,
  checkUser,
  credentialsOf,
  engineOf,
  infoOf,
  removedFeaturesOf,
  settingsOf,
  zookeeperInfoOf,
} from '../../src/config/settings.ts'
import { flags } from '../../src/config/table.ts'
import { acceptedRoles } from '../../src/core/placement/filters/role.ts'
import { placedApp } from '../support/build-placement.ts'
import { startStack } from './stack.ts'

const parse = (...argv: readonly string[]) => parseFlags(argv, {})

/** The message with which the server does not start; empty when it does. */
function problem(argv: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  try {
    const values = parseFlags(argv, env)
    credentialsOf(values)
    addressOf(values)
    if (engineOf(values) === 'local') checkUser(values, 'root')
    return ''
  } catch (error) {
    if (error instanceof FlagError) return error.message
    throw error
  }
}

/** Name and default as in the original; undefined: none, or one that depends on the machine. */
const catalogue: Readonly<Record<string, string | undefined>> = {
  // 3.2
  master: undefined,
  mesos_leader_ui_url: undefined,
  framework_name: 'marathon',
  failover_timeout: '604800',
  ha: 'on',
  checkpoint: 'on',
  hostname: undefined,
  webui_url: undefined,
  executor: '//cmd',
  mesos_user: undefined,
  mesos_role: '*',
  new_group_enforce_role: 'off',
  accepted_resource_roles_default_behavior: 'any',
  default_accepted_resource_roles: undefined,
  local_port_min: '10000',
  local_port_max: '20000',
  max_apps: undefined,
  max_running_deployments: '100',
  env_vars_prefix: undefined,
  access_control_allow_origin: undefined,
  enable_features: undefined,
  deprecated_features: undefined,
  gpu_scheduling_behavior: 'restricted',
  maintenance_mode: 'on',
  draining_seconds: '0',
  default_network_name: undefined,
  mesos_bridge_name: 'mesos-bridge',
  mesos_authentication: 'off',
  mesos_authentication_principal: undefined,
  mesos_authentication_secret: undefined,
  mesos_authentication_secret_file: undefined,
  on_elected_prepare_timeout: '180000',
  leader_election_backend: 'curator',
  mesos_heartbeat_interval: '15000',
  mesos_heartbeat_failure_threshold: '5',
  backup_location: undefined,
  plugin_dir: undefined,
  plugin_conf: undefined,
  // 3.3
  task_launch_timeout: '300000',
  task_launch_confirm_timeout: '300000',
  task_reservation_timeout: '20000',
  reconciliation_initial_delay: '15000',
  reconciliation_interval: '600000',
  scale_apps_initial_delay: '15000',
  scale_apps_interval: '300000',
  task_lost_expunge_initial_delay: '300000',
  task_lost_expunge_interval: '30000',
  launch_tokens: '100',
  launch_token_refresh_interval: '30000',
  max_instances_per_offer: '5',
  offer_matching_timeout: '3000',
  decline_offer_duration: '120000',
  min_revive_offers_interval: '5000',
  suppress_offers: 'on',
  mesos_offer_constraints: 'off',
  min_mesos_offer_constraints_update_interval: '1000',
  max_concurrent_marathon_health_checks: '256',
  event_stream_max_outstanding_messages: '1024',
  graceful_shutdown_timeout: '45000',
  max_parallel_offers: undefined,
  max_queued_offers: '1024',
  kill_chunk_size: '100',
  kill_retry_timeout: '30000',
  killsPerBatch: '100',
  killBatchDuration: '10000',
  launch_queue_request_timeout: '3000',
  deployment_manager_request_timeout: '1000',
  task_operation_notification_timeout: '30000',
  task_tracker_request_timeout: '10000',
  task_update_request_timeout: '10000',
  instance_tracker_num_parallel_updates: '16',
  instance_tracker_num_parallel_loads: '16',
  instance_tracker_update_queue_size: '4096',
  max_parallel_status_updates: '20',
  max_queued_status_updates: '10000',
  max_queued_root_group_updates: '500',
  group_manager_request_timeout: '10000',
  group_manager_execution_context_size: undefined,
  scheduler_actions_execution_context_size: undefined,
  app_info_module_execution_context_size: undefined,
  default_info_service_execution_context_size: undefined,
  max_actor_startup_time: '10000',
  // 3.4
  http_port: '8080',
  http_address: undefined,
  disable_http: 'off',
  https_port: '8443',
  https_address: undefined,
  ssl_keystore_path: undefined,
  ssl_keystore_password: undefined,
  http_credentials: undefined,
  http_realm: 'Mesosphere',
  http_compression: 'on',
  http_max_concurrent_requests: undefined,
  leader_proxy_connection_timeout: '5000',
  leader_proxy_read_timeout: '10000',
  leader_proxy_max_open_connections: '64',
  leader_proxy_ssl_ignore_hostname: 'off',
  assets_path: undefined,
  // 3.5
  zk: 'zk://localhost:2181/marathon',
  zk_timeout: '10000',
  zk_session_timeout: '10000',
  zk_connection_timeout: '10000',
  zk_compression: 'on',
  zk_compression_threshold: '65536',
  zk_max_node_size: '1024000',
  zk_max_versions: '50',
  store_cache: 'on',
  storage_compaction_interval: '30',
  storage_compaction_scan_batch_size: '32',
  group_versions_cache_size: '1000',
  internal_store_backend: 'zk',
  zk_max_concurrency: '32',
  internal_version_caching: 'on',
  storage_execution_context_size: undefined,
  zk_operation_max_retries: '5',
  zk_operation_base_retry_sleep_ms: '10',
  // 3.6 and 2.5
  logging_level: 'info',
  logstash: undefined,
  sentry: undefined,
  sentry_tags: undefined,
  metrics: 'off',
  tracing: 'off',
  metrics_name_prefix: 'marathon',
  metrics_prometheus: 'on',
  metrics_statsd: 'off',
  metrics_statsd_host: undefined,
  metrics_statsd_port: undefined,
  metrics_statsd_transmission_interval_ms: '10000',
  metrics_datadog: 'off',
  metrics_datadog_protocol: 'udp',
  metrics_datadog_host: undefined,
  metrics_datadog_port: undefined,
  metrics_datadog_api_key: undefined,
  metrics_datadog_transmission_interval_ms: '10000',
  metrics_histogram_reservoir_highest_trackable_value: '3600000000000',
  metrics_histogram_reservoir_significant_digits: '3',
  metrics_histogram_reservoir_reset_periodically: 'on',
  metrics_histogram_reservoir_resetting_interval_ms: '5000',
  metrics_histogram_reservoir_resetting_chunks: '0',
  // 3.7
  zk_hosts: undefined,
  zk_state: undefined,
  max_tasks_per_offer_cycle: undefined,
  marathon_store_timeout: undefined,
  enable_tracing: 'off',
  max_tasks_per_offer: undefined,
  event_subscriber: undefined,
  http_endpoints: undefined,
  http_event_callback_slow_consumer_timeout: '10000',
  http_event_request_timeout: '10000',
  artifact_store: undefined,
  task_lost_expunge_gc: undefined,
  save_tasks_to_launch_timeout: undefined,
  reporter_graphite: undefined,
  reporter_datadog: undefined,
  metrics_averaging_window: undefined,
  revive_offers_repetitions: undefined,
  revive_offers_for_new_apps: 'on',
}

/** Rows of docs/compatibility.md. */
const ourDefaults: Readonly<Record<string, string | undefined>> = {
  master: 'local',
  hostname: '127.0.0.1',
  ha: 'off',
  launch_tokens: '1000000',
  max_instances_per_offer: '1000',
  min_revive_offers_interval: '500',
  kill_chunk_size: '10000',
  zk: undefined,
  internal_store_backend: undefined,
}

describe('every flag of the original', () => {
  const byName = new Map(flags.map((flag) => [flag.name, flag]))

  it.each(Object.entries(catalogue))('--%s is known, by default %s', (name, original) => {
    expect(byName.has(name)).toBe(true)
    expect(byName.get(name)!.default).toBe(name in ourDefaults ? ourDefaults[name] : original)
  })

  it('is all there is, besides a few of ours', () => {
    expect(flags.map(({ name }) => name).filter((name) => !(name in catalogue))).toEqual([
      'data_dir',
      'local_agents',
      'local_resources',
      'local_attributes',
      'sandbox_keep_days',
      'sandbox_keep_mb',
      'sim_agents',
      'allow_unauthenticated',
      'event_log_max_events',
      'event_log_max_mb',
      'mesos_tls',
    ])
  })
})

describe('variables of the environment (events-metrics-flags 3.1)', () => {
  it.each([
    [{ MARATHON_HTTP_PORT: '8090' }, { http_port: 8090 }],
    [{ MARATHON_DISABLE_SUPPRESS_OFFERS: '' }, { suppress_offers: false }],
    [{ MARATHON_ALLOW_UNAUTHENTICATED: '' }, { allow_unauthenticated: true }],
    [{ MARATHON_KILLSPERBATCH: '7' }, { killsPerBatch: 7 }],
    [{ MARATHON_APP_HTTP_PORT: '1' }, { http_port: 8080 }],
    [{ HTTP_PORT: '1', marathon_http_port: '2' }, { http_port: 8080 }],
    [{ MESOSPHERE_HTTP_CREDENTIALS: 'ann:x' }, { http_credentials: 'ann:x' }],
    [{ MESOSPHERE_HTTP_CREDENTIALS: '' }, { http_credentials: undefined }],
  ])('%j', (env, expected) => {
    expect(parseFlags([], env)).toMatchObject(expected)
  })

  it.each([
    [['--http_port', '1'], { MARATHON_HTTP_PORT: '1' }, '--http_port is given both as MARATHON_HTTP_PORT'],
    [['--ha'], { MARATHON_DISABLE_HA: '' }, '--ha is given both as MARATHON_DISABLE_HA and as --ha'],
    [[], { MARATHON_HA: '', MARATHON_DISABLE_HA: '' }, '--ha is given both as MARATHON_HA and as'],
    [[], { MARATHON_HTTP_PORT: '' }, 'MARATHON_HTTP_PORT needs a value'],
    [[], { MARATHON_HTTP_COMPRESSION: 'maybe' }, "MARATHON_HTTP_COMPRESSION is 'maybe'; expected nothing,"],
    [[], { MARATHON_HTP_PORT: '1' }, 'MARATHON_HTP_PORT. Did you mean MARATHON_HTTP_PORT?'],
    [[], { MESOSPHERE_KEYSTORE_PATH: '/k' }, "--ssl_keystore_path is '/k': it asks for HTTPS"],
    [[], { MESOSPHERE_KEYSTORE_PASS: 'hunter2' }, "--ssl_keystore_password is '***': it asks for HTTPS"],
  ])('%j with %j is refused', (argv, env, message) => {
    expect(problem(argv, env as unknown as Readonly<Record<string, string>>)).toContain(message)
  })

  it('of Mesosphere give way to the flag', () => {
    const values = parseFlags(['--http_credentials', 'ann:x'], { MESOSPHERE_HTTP_CREDENTIALS: 'bob:y' })
    expect(credentialsOf(values)).toEqual({ user: 'ann', password: 'x' })
  })
})

describe('what is accepted (events-metrics-flags 3.2 to 3.7)', () => {
  it.each([
    // Mesos: MarathonConfTest
    [[], { mesos_authentication_principal: undefined, mesos_authentication_secret_file: undefined }],
    [['--mesos_authentication_principal', 'foo'], { mesos_authentication_principal: 'foo' }],
    [
      ['--mesos_authentication_principal', 'foo', '--mesos_authentication_secret_file', '/bar/baz'],
      { mesos_authentication_principal: 'foo', mesos_authentication_secret_file: '/bar/baz' },
    ],
    [
      ['--mesos_authentication_principal', 'foo', '--mesos_authentication_secret', 'top secret'],
      { mesos_authentication_secret: 'top secret', mesos_authentication_secret_file: undefined },
    ],
    [['--mesos_authentication', '--mesos_authentication_principal', 'foo'], { mesos_authentication: true }],
    [['--master', 'zk://127.0.0.1:2181/mesos'], { master: 'zk://127.0.0.1:2181/mesos' }],
    [['--master', 'http://127.0.0.1:5050'], { master: 'http://127.0.0.1:5050' }],
    [['--master', '127.0.0.1:5050'], { master: '127.0.0.1:5050' }],
    [['--disable_ha'], { ha: false }],
    [[], { checkpoint: true }],
    [['--disable_checkpoint'], { checkpoint: false }],
    [
      ['--accepted_resource_roles_default_behavior', 'Reserved'],
      { accepted_resource_roles_default_behavior: 'reserved' },
    ],
    // Features: FeaturesConfTest
    [[], { enable_features: [], deprecated_features: [] }],
    [['--enable_features', 'vips'], { enable_features: ['vips'] }],
    [['--enable_features', 'gpu_resources, vips'], { enable_features: ['gpu_resources', 'vips'] }],
    [['--deprecated_features', 'disable_app_c'], { deprecated_features: ['disable_app_c'] }],
    // Metrics: DebugConfTest
    [[], { metrics: false }],
    [['--metrics'], { metrics: true }],
    [['--disable_metrics'], { metrics: false }],
    [['--logging_level', 'ALL'], { logging_level: 'all' }],
    [['--logstash', 'udp://logs.example:5000'], { logstash: 'udp://logs.example:5000' }],
    [
      ['--metrics_histogram_reservoir_resetting_chunks', '2'],
      { metrics_histogram_reservoir_resetting_chunks: 2 },
    ],
    [['--mesos_bridge_name', 'valid-n3tw0rk-name'], { mesos_bridge_name: 'valid-n3tw0rk-name' }],
    [['--max_running_deployments', '499'], { max_running_deployments: 499 }],
    [
      ['--max_running_deployments', '1000', '--group_versions_cache_size', '2001'],
      { max_running_deployments: 1000 },
    ],
    [['--backup_location', 'file:///var/backup'], { backup_location: 'file:///var/backup' }],
    [['--plugin_dir', '/p', '--plugin_conf', '/p/c.json'], { plugin_dir: '/p', plugin_conf: '/p/c.json' }],
    [['--leader_election_backend', 'curator'], { leader_election_backend: 'curator' }],
    [['--max_apps=-1'], { max_apps: -1 }],
    [['--http_compression=false'], { http_compression: false }],
  ] as [string[], object][])('%j', (argv, expected) => {
    expect(parse(...argv)).toMatchObject(expected)
  })
})

describe('what the server does not start with (exit code 112)', () => {
  it.each([
    ['--htp_port 1', 'unknown flag --htp_port. Did you mean --http_port?'],
    ['--http-port 1', 'unknown flag --http-port. Did you mean --http_port?'],
    ['--disable_supress_offers', 'Did you mean --disable_suppress_offers?'],
    ['--nothing_like_it 1', 'unknown flag --nothing_like_it. See'],
    ['--disable_http_port', 'unknown flag --disable_http_port'],
    ['--hostname --ha', '--hostname needs a value'],
    // Mesos and the leader
    [
      '--master zk://127.0.0.1:lol/mesos',
      "--master is 'zk://127.0.0.1:lol/mesos'; expected local, sim, zk://",
    ],
    ['--master zk://me:a/b@h:lol/mesos', "--master is 'zk://xxxxxxxx:xxxxxxxx@h:lol/mesos'; expected"],
    ['--mesos_authentication', 'without --mesos_authentication_principal'],
    [
      '--mesos_authentication_principal foo --mesos_authentication_secret x --mesos_authentication_secret_file /y',
      '--mesos_authentication_secret and --mesos_authentication_secret_file are both given; expected one',
    ],
    ['--mesos_user nobody', "--mesos_user is 'nobody', and tasks run as 'root'"],
    ['--ha', '--ha: it asks for standby servers'],
    ['--leader_election_backend twitter_commons', 'expected one of curator'],
    // ZooKeeper
    ['--zk zk://host1:2181/path', "--zk is 'zk://host1:2181/path': it asks for state in ZooKeeper"],
    ['--zk zk://me:secret@host1:2181/path', "--zk is 'zk://xxxxxxxx:xxxxxxxx@host1:2181/path': it asks"],
    ['--zk zk://host1:foo/path', "--zk is 'zk://host1:foo/path'; expected zk://["],
    ['--zk zk://host1', 'expected zk://['],
    ['--zk zk://user@host1:2181/path', 'expected zk://['],
    ['--zk zk://:pass@host1:2181/path', 'expected zk://['],
    ['--zk_hosts host1:2181', '--zk_hosts is'],
    ['--zk_compression_threshold=-1', '--zk_compression_threshold is -1; expected 0 or more'],
    ['--zk_timeout soon', "--zk_timeout is 'soon'; expected a whole number"],
    ['--internal_store_backend zk', "--internal_store_backend is 'zk'; expected one of mem"],
    // Roles, features, limits
    [
      '--default_accepted_resource_roles *',
      'it was removed in 1.10.0. Use --accepted_resource_roles_default',
    ],
    ['--accepted_resource_roles_default_behavior some', 'expected one of any, unreserved, reserved'],
    ['--new_group_enforce_role all', 'expected one of off, top'],
    ['--gpu_scheduling_behavior undefined', 'expected one of restricted, unrestricted'],
    ['--enable_features unknown', "--enable_features names 'unknown'; expected some of vips,"],
    ['--enable_features vips,maintenance_mode', "--enable_features names 'maintenance_mode'"],
    ['--enable_features vip', 'Did you mean vips?'],
    ['--deprecated_features unknown', "--deprecated_features names 'unknown'; expected some of sync_proxy"],
    ['--deprecated_features sync_proxy', 'sync_proxy (requests to a standby proxied one thread each), which'],
    ['--deprecated_features text_plain_tasks,app_c', 'app_c (AppC images), which was removed in 1.9.0'],
    ['--mesos_bridge_name _Net', "--mesos_bridge_name is '_Net'; expected a name of at most 63"],
    ['--mesos_role -x', "--mesos_role is '-x'; expected a role"],
    ['--local_port_min 5 --local_port_max 4', 'expected no more than --local_port_max, which is 4'],
    ['--max_running_deployments 500', 'expected more than twice --max_running_deployments, which is 500'],
    ['--group_versions_cache_size 200', '--group_versions_cache_size is 200; expected more than twice'],
    // HTTP
    ['--disable_http', '--disable_http: there is no HTTPS yet'],
    ['--ssl_keystore_path /k --ssl_keystore_password hunter2', '--ssl_keystore_path'],
    ['--http_port 65536', 'expected 65535 or less'],
    ['--http_endpoints http://a,b', "--http_endpoints is 'b'; expected a URL that begins with http://"],
    ['--event_subscriber mail', 'expected one of http_callback'],
    ['--artifact_store hdfs://h/p', 'expected a URL that begins with file://'],
    // Logs, metrics, the rest
    ['--logging_level loud', 'expected one of off, error, warn, info, debug, trace, all'],
    ['--logstash http://h:1', "--logstash is 'http://h:1'; expected (udp|tcp|ssl)://host:port"],
    ['--logstash udp://h', 'expected (udp|tcp|ssl)://host:port'],
    ['--metrics_histogram_reservoir_significant_digits 6', 'expected 5 or less'],
    ['--metrics_histogram_reservoir_resetting_chunks 1', 'expected 0, or 2 or more'],
    ['--metrics_histogram_reservoir_highest_trackable_value 1', 'expected 2 or more'],
    ['--metrics_datadog_protocol tcp', 'expected one of udp, api'],
    ['--metrics_statsd_port 0', 'expected 1 or more'],
    ['--backup_location /var/backup', 'expected a URL that begins with file:// or s3://'],
    ['--plugin_dir /p', '--plugin_dir is given alone; expected --plugin_dir and --plugin_conf'],
    ['--plugin_conf /c', '--plugin_conf is given alone'],
  ])('%s', (line, message) => {
    expect(problem(line.split(' '))).toContain(message)
  })

  it('never shows a secret', () => {
    for (const argv of [
      ['--ssl_keystore_password', 'hunter2'],
      ['--backup_location', 'ftp://b?secret_key=hunter2'],
      ['--zk', 'zk://me:hunter2@host:x/path'],
      ['--http_credentials', 'hunter2'],
    ]) {
      expect(problem(argv)).not.toBe('')
      expect(problem(argv)).not.toContain('hunter2')
    }
  })
})

describe('--accepted_resource_roles_default_behavior (events-metrics-flags 3.2)', () => {
  it.each([
    [[], ['dev', '*']],
    [['any'], ['dev', '*']],
    [['unreserved'], ['*']],
    [['reserved'], ['dev']],
  ])('%j lets an app of role dev use resources of %j', (values, roles) => {
    const argv = values.flatMap((value) => ['--accepted_resource_roles_default_behavior', value])
    expect([...acceptedRoles(placedApp({ role: 'dev' }), settingsOf(parse(...argv)))]).toEqual(roles)
  })
})

describe('flags the original has removed and we keep', () => {
  it('say where events are posted to and where artifacts are', () => {
    const argv = [
      '--event_subscriber=http_callback',
      '--http_endpoints=http://a/x, https://b',
      '--http_event_callback_slow_consumer_timeout=5000',
      '--http_event_request_timeout=2000',
      '--artifact_store=file:///var/artifacts',
    ]
    expect(settingsOf(parse(...argv))).toMatchObject({
      eventSubscriber: 'http_callback',
      httpEndpoints: ['http://a/x', 'https://b'],
      eventCallbackSlowConsumerTimeoutMs: 5000,
      eventCallbackRequestTimeoutMs: 2000,
      artifactStore: 'file:///var/artifacts',
    })
    expect(settingsOf(parse())).toMatchObject({
      eventSubscriber: undefined,
      httpEndpoints: [],
      eventCallbackSlowConsumerTimeoutMs: 10_000,
      artifactStore: undefined,
    })
  })
})

describe('--deprecated_features (events-metrics-flags 3.8)', () => {
  const lists = async (...argv: string[]) => {
    const stack = await startStack({ options: removedFeaturesOf(parse(...argv)) })
    const app = { id: '/a', cmd: 'sleep 1', instances: 0 }
    expect((await stack.send('POST', '/v2/apps', app)).status).toBe(201)
    const statuses: number[] = []
    for (const url of ['/v2/tasks', '/v2/apps/a/tasks']) {
      const answer = await stack.server.inject({ url, headers: { accept: 'text/plain' } })
      statuses.push(answer.statusCode)
    }
    statuses.push((await stack.server.inject({ url: '/v2/tasks' })).statusCode)
    await stack.close()
    return statuses
  }

  it('text_plain_tasks is on, and disable_text_plain_tasks switches it off', async () => {
    expect(await lists()).toEqual([200, 200, 200])
    expect(await lists('--deprecated_features', 'text_plain_tasks')).toEqual([200, 200, 200])
    expect(await lists('--deprecated_features', 'disable_text_plain_tasks')).toEqual([406, 406, 200])
  })
})

describe('/v2/schemas', () => {
  it.each([
    [[], 200],
    [['--deprecated_features', 'json_schemas_resource'], 200],
    [['--deprecated_features', 'disable_json_schemas_resource'], 404],
  ])('with %j answers %d', async (argv, status) => {
    const stack = await startStack({ options: removedFeaturesOf(parse(...argv)) })
    expect((await stack.send('GET', '/v2/schemas')).status).toBe(status)
    await stack.close()
  })
})

describe('/v2/info shows what was given (rest-api 8)', () => {
  it('by the keys clients know', async () => {
    const values = parse(
      ...[
        '--failover_timeout',
        '60',
        '--mesos_user',
        'me',
        '--task_reservation_timeout',
        '7',
        '--zk_timeout',
        '9',
      ],
      ...['--zk_max_versions', '5', '--mesos_leader_ui_url', 'http://m:5050', '--disable_store_cache'],
      ...['--new_group_enforce_role', 'top', '--leader_proxy_read_timeout', '3', '--disable_zk_compression'],
    )
    const stack = await startStack({
      info: { marathonConfig: infoOf(values), zookeeperConfig: zookeeperInfoOf(values) },
    })
    const { body } = await stack.send('GET', '/v2/info')
    await stack.close()
    expect(body.marathon_config).toMatchObject({
      failover_timeout: 60,
      mesos_user: 'me',
      task_reservation_timeout: 7,
      mesos_leader_ui_url: 'http://m:5050',
      store_cache: false,
      new_group_enforce_role: 'Top',
      leader_proxy_read_timeout_ms: 3,
      ha: false,
      webui_url: null,
    })
    expect(body.zookeeper_config).toEqual({
      zk: null,
      zk_compression: false,
      zk_compression_threshold: 65_536,
      zk_connection_timeout: 10_000,
      zk_max_node_size: 1_024_000,
      zk_max_versions: 5,
      zk_session_timeout: 10_000,
      zk_timeout: 9,
    })
  })
})
