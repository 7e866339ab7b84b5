// Flags that say what runs the tasks, and where.

import type { Flag } from '../flag.ts'
import { headerText, master } from '../forms.ts'

export const runningFlags = [
  {
    name: 'master',
    kind: 'text',
    default: 'local',
    form: master,
    help: 'What runs the tasks: `local` (this machine), `sim` (a simulated cluster), or a Mesos master: as ZooKeeper has it (`zk://host:2181/mesos`), as `http(s)://[user:password@]host:5050`, or as `host:5050`; of several, separated by commas, the one that leads.',
  },
  {
    name: 'data_dir',
    kind: 'text',
    default: './data',
    help: 'Directory that holds everything the embedded mode writes.',
  },
  {
    name: 'hostname',
    kind: 'text',
    default: '127.0.0.1',
    form: headerText,
    help: 'Address under which this machine and its tasks are reached; part of the leader id.',
  },
  { name: 'framework_name', kind: 'text', default: 'marathon', help: 'Name shown by /v2/info and by Mesos.' },
  {
    name: 'mesos_user',
    kind: 'text',
    help: 'User of tasks whose definition names none: the one the server runs as. On this machine another one is refused.',
  },
  {
    name: 'local_agents',
    kind: 'text',
    default: '1',
    help: 'Number of virtual agents this machine is split into, or the path of a JSON file that lists them.',
  },
  {
    name: 'local_resources',
    kind: 'text',
    help: 'What the local engine offers, as `cpus:4;mem:8192;disk:10000;ports:[31000-32000]`; detected when absent.',
  },
  {
    name: 'local_attributes',
    kind: 'text',
    help: 'Attributes of the local agents, as `rack_id:rack-1;zone:a`.',
  },
  {
    name: 'sandbox_keep_days',
    kind: 'number',
    default: '7',
    min: 0,
    help: 'Days the sandbox of an ended task is kept.',
  },
  {
    name: 'sandbox_keep_mb',
    kind: 'integer',
    default: '1024',
    min: 0,
    help: 'MiB that sandboxes of ended tasks may take together before the oldest go.',
  },
  {
    name: 'sim_agents',
    kind: 'integer',
    default: '5',
    min: 1,
    max: 10_000,
    help: 'Agents of the simulated cluster (`--master sim`).',
  },
] as const satisfies readonly Flag[]
