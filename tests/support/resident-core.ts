// A core with a resident app that runs: its instances have a volume each, on agents of their own, as if they had been
// reserved for and launched before this process began.

import type { Instance } from '../../src/core/instances/instance.ts'
import { takenResources } from '../../src/core/instances/launch.ts'
import type { StoredRecord } from '../../src/core/records.ts'
import { HandCore } from './hand-core.ts'

/** Members of a definition beside or in the place of those it has here. */
export type More = Readonly<Record<string, unknown>> & { readonly id?: string }

export const residentApp = ({ id = '/db', ...more }: More = {}) => ({
  id,
  cmd: 'serve',
  cpus: 0.5,
  mem: 64,
  role: 'db',
  ...more,
  container: {
    type: 'MESOS',
    volumes: [{ containerPath: 'data', mode: 'RW', persistent: { size: 512 } }],
  },
})

export const residentPod = (more: object = {}) => ({
  id: '/pods/db',
  role: 'db',
  containers: [
    {
      name: 'store',
      exec: { command: { shell: 'serve' } },
      resources: { cpus: 0.5, mem: 64 },
      volumeMounts: [{ name: 'data', mountPath: 'data' }],
    },
    { name: 'side', exec: { command: { shell: 'ship' } }, resources: { cpus: 0.1, mem: 32 } },
  ],
  volumes: [{ name: 'data', persistent: { size: 512 } }],
  ...more,
})

const settings = { mesosRole: 'db' }

/** What is stored of a core in which everything of `id` runs, each on an agent of its own: n1, n2 and so on. */
export function running(core: HandCore, id: string): readonly StoredRecord[] {
  let count = 0
  return core.records.flatMap((record): StoredRecord[] => {
    if (record.table === 'deployment') return []
    if (record.table !== 'instance' || record.value.runSpecId !== id) return [record]
    return [{ ...record, value: launched(core, record.value, ++count) }]
  })
}

function launched(core: HandCore, instance: Instance, n: number): Instance {
  const { now } = core
  const names = core.view.pod(instance.runSpecId)?.containers.map(({ name }) => name) ?? ['_app']
  const hostname = `n${n}`
  return {
    ...instance,
    condition: 'Running',
    since: now,
    activeSince: now,
    attempt: 1,
    agent: { agentId: hostname, hostname, address: hostname, attributes: [] },
    reservation: {
      id: instance.id,
      volumes: [{ name: 'data', persistenceId: `db#data#${instance.id.slice(-36)}` }],
      state: 'launched',
    },
    tasks: names.map((name) => ({
      id: `${instance.id}.${name}.1`,
      name,
      runSpecVersion: instance.runSpecVersion,
      condition: 'Running',
      state: 'TASK_RUNNING',
      stagedAt: now,
      startedAt: now,
      hostPorts: [],
      ipAddresses: [],
      resources: takenResources([]),
    })),
  }
}

/** The app runs with as many instances as it asks for. */
export function runningApp(more: More = {}): HandCore {
  const core = new HandCore({ settings })
  const app = residentApp(more)
  core.create(app)
  return new HandCore({ settings, records: running(core, app.id), now: core.now, seed: 2 })
}

/** The pod runs with as many instances as it asks for. */
export function runningPod(more: object = {}): HandCore {
  const core = new HandCore({ settings })
  core.ask({ kind: 'create-pod', body: residentPod(more), force: false, origin })
  return new HandCore({ settings, records: running(core, '/pods/db'), now: core.now, seed: 2 })
}

export const origin = { clientIp: '10.0.0.99', uri: '/v2/pods' }
