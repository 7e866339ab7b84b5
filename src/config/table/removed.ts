// Flags the original has removed or ignored for long (events-metrics-flags 3.7). Old start scripts still name them, so
// they are known, and it is said since when they mean nothing.

import type { Flag, Standing } from '../flag.ts'

const since = (version: string, instead = '') =>
  ({
    kind: 'without-effect',
    why: `it has meant nothing since ${version}${instead === '' ? '' : `; ${instead}`}.`,
  }) as const satisfies Standing

const storeIsLocal = {
  kind: 'refused',
  why: 'it was removed in 0.9.0 and asks for state in ZooKeeper, which this version keeps in --data_dir. Leave it out.',
} as const

export const removedFlags = [
  { name: 'zk_hosts', kind: 'text', help: 'Hosts of ZooKeeper.', standing: storeIsLocal },
  { name: 'zk_state', kind: 'text', help: 'Path in ZooKeeper.', standing: storeIsLocal },
  {
    name: 'max_tasks_per_offer_cycle',
    kind: 'integer',
    help: 'Launches in one turn.',
    standing: since('0.11.0', 'see --launch_tokens'),
  },
  {
    name: 'max_tasks_per_offer',
    kind: 'integer',
    help: 'Launches on one offer.',
    standing: since('1.5.0', 'use --max_instances_per_offer'),
  },
  {
    name: 'marathon_store_timeout',
    kind: 'integer',
    help: 'Milliseconds an operation of the store may take.',
    standing: since('1.4.0'),
  },
  {
    name: 'enable_tracing',
    kind: 'switch',
    default: 'off',
    help: 'Log every call.',
    standing: since('1.4.0', 'use --logging_level trace'),
  },
  {
    name: 'tracing',
    kind: 'toggle',
    default: 'off',
    help: 'Log every call.',
    standing: since('1.5.0', 'use --logging_level trace'),
  },
  {
    name: 'task_lost_expunge_gc',
    kind: 'integer',
    help: 'Milliseconds until a lost task is forgotten.',
    standing: since('1.4.0', 'see unreachableStrategy in the app'),
  },
  {
    name: 'save_tasks_to_launch_timeout',
    kind: 'integer',
    help: 'Milliseconds to store a task.',
    standing: since('1.5.0'),
  },
  {
    name: 'metrics_averaging_window',
    kind: 'integer',
    help: 'Seconds over which metrics were averaged.',
    standing: since('1.8.0'),
  },
  {
    name: 'revive_offers_repetitions',
    kind: 'integer',
    help: 'Times a request for offers was repeated.',
    standing: since('1.9.136'),
  },
  {
    name: 'revive_offers_for_new_apps',
    kind: 'toggle',
    default: 'on',
    help: 'Ask for offers for new apps.',
    standing: since('1.9.136'),
  },
] as const satisfies readonly Flag[]
