import { afterEach, expect, test, vi } from 'vitest'
import { HandMaster } from '../../../tests/support/hand-master.ts'
import type { EngineEvent } from '../../core/events.ts'
import type { EngineEffect } from '../../core/ready.ts'
import type { Registration } from '../../core/registration/registration.ts'
import { SystemClock } from '../../driver/clock.ts'
import { millis, seconds } from '../../lib/instant.ts'
import { stream } from '../../lib/rng.ts'
import type { Logger } from '../../ports/logger.ts'
import { MesosEngine, type MesosEngineOptions } from './engine.ts'
import { ListedMasters } from './masters/masters.ts'

const quiet: Logger = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
  child: () => quiet,
}

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function masterThere(...args: ConstructorParameters<typeof HandMaster>): Promise<HandMaster> {
  const master = await new HandMaster(...args).start()
  ends.push(() => master.stop())
  return master
}

interface Running {
  readonly engine: MesosEngine
  readonly events: EngineEvent[]
  perform(...effects: readonly EngineEffect[]): void
  until<K extends EngineEvent['kind']>(kind: K, count?: number): Promise<Extract<EngineEvent, { kind: K }>>
}

async function engineOf(
  masters: readonly HandMaster[],
  options: Partial<MesosEngineOptions> = {},
  registration?: Registration,
): Promise<Running> {
  const engine = new MesosEngine({
    clock: new SystemClock(),
    rng: stream(1, 'backoff'),
    log: quiet,
    masters: new ListedMasters(masters.map(({ url }) => url)),
    framework: () => ({
      name: 'marathon',
      user: 'root',
      failoverTimeout: seconds(604_800),
      checkpoint: true,
      features: { taskKilling: false, gpuResources: false },
    }),
    heartbeatInterval: millis(15_000),
    heartbeatFailureThreshold: 5,
    ...options,
  })
  const events: EngineEvent[] = []
  ends.push(() => engine.stop())
  await engine.start((event) => events.push(event), registration)
  return {
    engine,
    events,
    perform: (...effects) => engine.perform(effects),
    until: (kind, count = 1) =>
      vi.waitFor(
        () => {
          const found = events.filter((event) => event.kind === kind)
          if (found.length < count) throw new Error(`${kind} ${count} of ${JSON.stringify(events)}`)
          return found[count - 1] as never
        },
        { timeout: 5_000, interval: 2 },
      ),
  }
}

const offer = (id: string) => ({
  id: { value: id },
  framework_id: { value: 'framework-1' },
  agent_id: { value: 'S0' },
  hostname: 'agent.test',
  resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 4 }, allocation_info: { role: '*' } }],
  allocation_info: { role: '*' },
})

const accept = (taskId: string): EngineEffect => ({
  kind: 'accept',
  offerIds: ['o1'],
  agentId: 'S0',
  operations: [
    {
      type: 'LAUNCH',
      tasks: [
        {
          name: 'web',
          taskId,
          agentId: 'S0',
          resources: [{ name: 'cpus', scalar: 1, role: '*' }],
          command: { shell: true, value: 'sleep 1', environment: [], uris: [] },
          labels: {},
          discovery: { visibility: 'FRAMEWORK', name: 'web', ports: [] },
        },
      ],
    },
  ],
})

test('it subscribes, passes on what it is offered, and answers on a connection of its own', async () => {
  const master = await masterThere()
  const { until, perform } = await engineOf([master])
  expect(await until('engine-connected')).toEqual({
    kind: 'engine-connected',
    frameworkId: 'framework-1',
    master: 'master.test:5050',
    holdsOffers: false,
    subscribed: { roles: ['*'], suppressedRoles: [] },
  })
  master.tell({ type: 'OFFERS', offers: { offers: [offer('o1')] } })
  expect((await until('offers')).offers.map(({ id }) => id)).toEqual(['o1'])
  perform(accept('web.1'), { kind: 'decline', offerIds: ['o2'], refuseFor: seconds(5) })
  await vi.waitFor(() => expect(master.heard('DECLINE')).toHaveLength(1))
  expect(master.calls.map(({ body }) => body.type)).toEqual(['SUBSCRIBE', 'ACCEPT', 'DECLINE'])
  const [subscribe, ...others] = master.calls
  expect(others.map(({ headers }) => headers['mesos-stream-id'])).toEqual(['stream-1', 'stream-1'])
  expect(new Set(others.map(({ connection }) => connection)).size).toBe(1)
  expect(others[0]!.connection).not.toBe(subscribe!.connection)
})
