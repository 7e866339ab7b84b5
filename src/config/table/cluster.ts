// Flags for what lies outside one machine: Mesos, ZooKeeper, standby servers, backups, plugins. The state in ZooKeeper
// and standby servers are not there yet. What would be missed without a sign is refused; the rest is accepted with a
// word.

import type { Flag, Standing } from '../flag.ts'
import { backupUrl, zookeeperUrl } from '../forms.ts'

const withoutEffect = (why: string) => ({ kind: 'without-effect', why }) as const satisfies Standing

const onMesos = (why: string) => ({ kind: 'mesos-only', why }) as const satisfies Standing
const noMaster = onMesos('there is no Mesos master to say it to.')
const noZookeeper = withoutEffect('the state is in --data_dir, not in ZooKeeper.')
const oneServer = withoutEffect('there is one server, which always leads.')
const inMemory = withoutEffect('the whole state is in memory, and on disk in --data_dir.')
const storeIsLocal = {
  kind: 'refused',
  why: 'it asks for state in ZooKeeper, and this version keeps it on this machine, in --data_dir. Leave it out to start that way.',
} as const

export const clusterFlags = [
  // Mesos
  {
    name: 'mesos_leader_ui_url',
    kind: 'text',
    help: 'URL of the Mesos master for people; shown by /v2/info.',
  },
  {
    name: 'failover_timeout',
    kind: 'integer',
    default: '604800',
    min: 0,
    help: 'Seconds the Mesos master keeps tasks without their scheduler.',
    standing: onMesos('tasks on this machine outlive the server for as long as it takes.'),
  },
  {
    name: 'checkpoint',
    kind: 'toggle',
    default: 'on',
    help: 'Tasks outlive the agent.',
    standing: onMesos('tasks on this machine always outlive the server.'),
  },
  {
    name: 'mesos_authentication',
    kind: 'toggle',
    default: 'off',
    help: 'Authenticate to the Mesos master; needs --mesos_authentication_principal.',
    standing: noMaster,
  },
  {
    name: 'mesos_authentication_principal',
    kind: 'text',
    help: 'Principal for the Mesos master; without one nothing is reserved, so there are no persistent volumes.',
    standing: noMaster,
  },
  {
    name: 'mesos_authentication_secret',
    kind: 'text',
    isSecret: true,
    help: 'Secret for the Mesos master.',
    standing: noMaster,
  },
  {
    name: 'mesos_authentication_secret_file',
    kind: 'text',
    help: 'File with the secret for the Mesos master; a line break at its end is no part of it.',
    standing: noMaster,
  },
  {
    name: 'mesos_tls',
    kind: 'toggle',
    default: 'off',
    help: 'Speak TLS to Mesos masters named without a scheme: by ZooKeeper, or as host:port.',
    standing: noMaster,
  },
  {
    name: 'mesos_heartbeat_interval',
    kind: 'integer',
    default: '15000',
    min: 1,
    help: 'Milliseconds without a word from the Mesos master until it is asked for one.',
    standing: noMaster,
  },
  {
    name: 'mesos_heartbeat_failure_threshold',
    kind: 'integer',
    default: '5',
    min: 1,
    help: 'Such times in a row until it counts as gone.',
    standing: noMaster,
  },
  // Standby servers
  {
    name: 'ha',
    kind: 'toggle',
    default: 'off',
    help: 'Several servers of which one leads.',
    standing: {
      kind: 'refused',
      why: 'it asks for standby servers, and this version knows one server alone. Leave it out, or say --disable_ha.',
    },
  },
  {
    name: 'leader_election_backend',
    kind: 'choice',
    choices: ['curator'],
    default: 'curator',
    help: 'How the leader is elected.',
    standing: oneServer,
  },
  {
    name: 'on_elected_prepare_timeout',
    kind: 'integer',
    default: '180000',
    help: 'Milliseconds to get ready after being elected.',
    standing: oneServer,
  },
  {
    name: 'leader_proxy_connection_timeout',
    kind: 'integer',
    default: '5000',
    help: 'Milliseconds to connect to the leader.',
    standing: oneServer,
  },
  {
    name: 'leader_proxy_read_timeout',
    kind: 'integer',
    default: '10000',
    help: 'Milliseconds to read from the leader.',
    standing: oneServer,
  },
  {
    name: 'leader_proxy_max_open_connections',
    kind: 'integer',
    default: '64',
    help: 'Connections to the leader.',
    standing: oneServer,
  },
  {
    name: 'leader_proxy_ssl_ignore_hostname',
    kind: 'switch',
    default: 'off',
    help: 'Take any certificate for the leader’s.',
    standing: oneServer,
  },
  // ZooKeeper and the store
  {
    name: 'zk',
    kind: 'text',
    form: zookeeperUrl,
    help: 'Where in ZooKeeper the state is.',
    standing: storeIsLocal,
  },
  {
    name: 'zk_timeout',
    kind: 'integer',
    default: '10000',
    help: 'Milliseconds an operation may take.',
    standing: noZookeeper,
  },
  {
    name: 'zk_session_timeout',
    kind: 'integer',
    default: '10000',
    help: 'Milliseconds until a session ends.',
    standing: noZookeeper,
  },
  {
    name: 'zk_connection_timeout',
    kind: 'integer',
    default: '10000',
    help: 'Milliseconds to connect.',
    standing: noZookeeper,
  },
  {
    name: 'zk_compression',
    kind: 'toggle',
    default: 'on',
    help: 'Compress big nodes.',
    standing: noZookeeper,
  },
  {
    name: 'zk_compression_threshold',
    kind: 'integer',
    default: '65536',
    min: 0,
    help: 'Bytes from which on a node is big.',
    standing: noZookeeper,
  },
  {
    name: 'zk_max_node_size',
    kind: 'integer',
    default: '1024000',
    min: 0,
    help: 'Bytes a node may have.',
    standing: noZookeeper,
  },
  {
    name: 'zk_max_concurrency',
    kind: 'integer',
    default: '32',
    help: 'Operations under way at one time.',
    standing: noZookeeper,
  },
  {
    name: 'zk_operation_max_retries',
    kind: 'integer',
    default: '5',
    help: 'Times an operation is tried again.',
    standing: noZookeeper,
  },
  {
    name: 'zk_operation_base_retry_sleep_ms',
    kind: 'integer',
    default: '10',
    help: 'Milliseconds before the first of these.',
    standing: noZookeeper,
  },
  {
    name: 'internal_store_backend',
    kind: 'choice',
    choices: ['mem'],
    help: 'Where the state is kept; `zk` is refused as --zk is.',
    standing: inMemory,
  },
  {
    name: 'store_cache',
    kind: 'toggle',
    default: 'on',
    help: 'Keep what was read from the store.',
    standing: inMemory,
  },
  {
    name: 'internal_version_caching',
    kind: 'toggle',
    default: 'on',
    help: 'Keep versions that were read from the store.',
    standing: inMemory,
  },
  {
    name: 'storage_compaction_interval',
    kind: 'integer',
    default: '30',
    help: 'Seconds between two removals of old versions.',
    standing: withoutEffect('old versions are removed as deployments end.'),
  },
  {
    name: 'storage_compaction_scan_batch_size',
    kind: 'integer',
    default: '32',
    help: 'Versions looked at in one go for it.',
    standing: withoutEffect('old versions are removed as deployments end.'),
  },
  {
    name: 'backup_location',
    kind: 'text',
    form: backupUrl,
    isSecret: true,
    help: 'Where the state is copied to before it is migrated.',
    standing: withoutEffect('no backup is made yet; copy --data_dir while the server is stopped.'),
  },
  // Plugins
  {
    name: 'plugin_dir',
    kind: 'text',
    help: 'Directory of the files of plugins; together with --plugin_conf.',
  },
  {
    name: 'plugin_conf',
    kind: 'text',
    help: 'File that says which plugins are loaded; together with --plugin_dir.',
  },
] as const satisfies readonly Flag[]
