// The fake master against the recordings it was made from: the recorded calls are played to it, six times as fast,
// and its replies and events compared with those of the real Mesos. What it deliberately does not do stands here, with
// the reason.

import { describe, expect, it } from 'vitest'
import { FakeCluster } from '../fakes/mesos/cluster.ts'
import { type RecordedLine, readRecording } from '../fakes/mesos/recording.ts'
import { type Action, type ReplayOptions, replay } from '../fakes/mesos/replay.ts'
import { type Behaviour, type Fate, usualBehaviour } from '../fakes/mesos/simulated-runner.ts'

const speed = 6

/** What came of recorded commands that are no sleeping and exiting. */
const fates: Readonly<Record<string, Fate | undefined>> = {
  'kill -9 $$': { afterMs: 300, exit: { signal: 'Killed' } },
  'echo $FOO $PORT0 >out; env; pwd': { afterMs: 300, exit: { code: 0 } },
  '/no/such/binary': { afterMs: 300, exit: { code: 1 } },
  'echo one >> data/log; sleep 1; cat data/log': { afterMs: 1_100, exit: { code: 0 } },
  'echo two >> data/log; [ "$(wc -l < data/log)" = 2 ]': { afterMs: 150, exit: { code: 0 } },
  // It ended with the connection to its agent, before its time.
  'sleep 8': undefined,
}

const recordedBehaviour: Behaviour = {
  failure({ command, containerId }) {
    if (command.uris !== undefined)
      return {
        state: 'TASK_FAILED',
        reason: 'REASON_CONTAINER_LAUNCH_FAILED',
        message: `Failed to launch container: Failed to fetch all URIs for container '${containerId}': exited with status 1`,
      }
    if (command.user === 'nosuchuser')
      return {
        state: 'TASK_DROPPED',
        reason: 'REASON_EXECUTOR_TERMINATED',
        message: `Failed to create executor directory '/x/slaves/y': Failed to chown directory to 'nosuchuser': No such user 'nosuchuser'`,
      }
    return undefined
  },
  fate(command) {
    if (Object.hasOwn(fates, command)) return fates[command]
    const fate = usualBehaviour.fate(command)
    return fate === undefined ? undefined : { ...fate, afterMs: fate.afterMs + 150 }
  },
  onTerm: (command) => (command.includes("trap 'echo got") ? { code: 0 } : usualBehaviour.onTerm(command)),
  check(command, check) {
    // The one that takes too long.
    if (check === 'sleep 20') return undefined
    if (check !== undefined) return usualBehaviour.check(command, check, 0)
    return /http\.server --bind 127\.0\.0\.1 3200[02]/.test(command) ? 0 : 1
  },
}

interface Case extends Partial<ReplayOptions> {
  /** Ports of the agents' own servers in the recording. */
  readonly agents?: readonly number[]
  readonly absent?: number
  readonly credentials?: ReadonlyMap<string, string>
  readonly timing?: Readonly<Record<string, number>>
  readonly startMs?: number
}

const isNote =
  (text: RegExp) =>
  (line: RecordedLine): boolean =>
    line.dir === 'note' && text.test(line.text ?? '')

const at =
  (ms: number) =>
  (line: RecordedLine): boolean =>
    line.ms >= ms

const between =
  (first: number, last: number) =>
  (line: RecordedLine): boolean =>
    line.ms >= first && line.ms <= last

const does = (before: Action['before'], act: Action['act']): Action => ({ before, act })

const cases: Readonly<Record<string, Case>> = {
  'subscribe-offers': {},
  'launch-finish': {},
  kill: {},
  reconcile: {},
  'reconcile-not-partition-aware': {},
  'launch-group': {},
  'persistent-volume': {},
  'pre-reservation-refinement': {},
  'errors-in-accept': {},
  'bad-calls': {},
  // Some checks of this recording depended on the time of day.
  healthcheck: { ignore: ['hc-cmd-flip', 'ck-cmd'] },
  'message-and-custom-executor': {},
  'maintenance-and-drain': {},
  // From here on another master, for calls on the stream's own connection: node:http gives every request its turn.
  'failover-resubscribe': { skip: at(65_000) },
  'agent-lost': {
    actions: [
      does(isNote(/kill -9 of agent 2/), (cluster) => cluster.loseAgent(cluster.agents[1]!, true)),
      does(isNote(/agent 2 restarts/), (cluster) => cluster.returnAgent(cluster.agents[1]!)),
    ],
  },
  'agent-lost-checkpointed': {
    actions: [
      does(isNote(/quick restart/), (cluster) => cluster.loseAgent(cluster.agents[1]!)),
      does(at(4_600), (cluster) => cluster.returnAgent(cluster.agents[1]!)),
      // Stopped, its connection does not break.
      does(at(33_800), (cluster) => cluster.master.membership.markUnreachable(cluster.agents[1]!)),
      does(at(36_000), (cluster) => cluster.returnAgent(cluster.agents[1]!)),
    ],
    // The kill reached the agent before an acknowledgement did; here acknowledgements arrive at once.
    skip: between(4_660, 4_680),
  },
  'agent-lost-not-partition-aware': {
    agents: [5_051, 5_052, 5_052],
    absent: 1,
    actions: [
      does(at(320), (cluster) => cluster.loseAgent(cluster.agents[1]!, true)),
      does(at(3_641), (cluster) => cluster.master.membership.unregistered(cluster.agents[1]!)),
      does(at(3_650), (cluster) => cluster.returnAgent(cluster.agents[2]!)),
      does(at(3_985), (cluster) => cluster.master.membership.unregistered(cluster.agents[2]!)),
    ],
  },
  'agent-unreachable': {
    timing: { unreachableMs: 18_600 },
    actions: [
      does(isNote(/kill -9 of agent 2/), (cluster) => cluster.loseAgent(cluster.agents[1]!)),
      does(at(32_300), (cluster) => {
        cluster.agents[1]!.failTasks(({ id }) => id === 'u-done')
        cluster.returnAgent(cluster.agents[1]!)
      }),
    ],
    // The agent sent one update twice as it recovered.
    skip: between(32_384, 32_393),
  },
  'master-restart': {
    timing: { reregisterMs: 14_400 },
    actions: [does(isNote(/kill -9 of the master/), (cluster) => cluster.failOver())],
  },
  'ha-redirect': {
    agents: [5_053],
    timing: { reregisterMs: 60 },
    actions: [
      does(at(0), async (cluster) => {
        await cluster.addStandby()
        await cluster.addStandby()
      }),
      does(isNote(/kill -9 of the leader/), async (cluster) => void (await cluster.killLeader())),
      does(at(5_960), (cluster) => cluster.lead(cluster.servers[1]!)),
    ],
    // The killed master comes back as a standby, which is another server here.
    skip: at(22_000),
  },
  'ha-no-leader': {
    actions: [
      does(at(0), (cluster) => {
        cluster.server.standing = { kind: 'stands-by', leaderPort: 5_061 }
      }),
      does(at(5_600), (cluster) => {
        cluster.servers[0]!.standing = { kind: 'recovers' }
      }),
    ],
  },
  'ha-no-leader-elected': {
    actions: [
      does(at(0), (cluster) => {
        cluster.server.standing = { kind: 'starts' }
      }),
      does(at(9_139), (cluster) => {
        cluster.servers[0]!.standing = { kind: 'knows-no-leader' }
      }),
      does(at(9_187), (cluster) => {
        cluster.servers[0]!.standing = { kind: 'recovers' }
      }),
    ],
  },
  auth: {
    agents: [],
    credentials: new Map([
      ['fw', 's3cret'],
      ['other', 'x'],
    ]),
  },
  // Memory and disk are not limited here: there are no containers.
  limits: { skip: at(2_390) },
  'operator-api': {
    // The operator's event stream, the master's metrics, and the agents' own servers.
    skip: (line) =>
      line.stream === 'op' || line.path === '/metrics/snapshot' || line.ms === 588 || between(594, 640)(line),
  },
}

/** Recordings of things that are not there: an agent's API for executors; calls on the connection of a stream. */
const notModelled = ['custom-executor-side', 'keepalive']

describe('a fake master', () => {
  it.concurrent.each(Object.entries(cases))('answers and tells as in %s', async (name, options) => {
    const ports = options.agents ?? [5_051, 5_052]
    const cluster = await FakeCluster.start({
      agents: ports.length,
      absent: options.absent ?? 0,
      agentPort: (i) => ports[i]!,
      ports: (i) => {
        const begin = (ports[i]! - 5_020) * 1_000
        return [begin, begin + 999]
      },
      hostname: () => '127.0.0.1',
      attributes: (i) => ({ rack: `r${ports[i]! - 5_050}` }),
      speed,
      behaviour: recordedBehaviour,
      timing: { startMs: 250, ...options.timing },
      ...(options.credentials && { credentials: options.credentials }),
    })
    try {
      const recorded = readRecording(name)
      const portOf = await portsOf(cluster, name)
      expect(await replay(cluster, recorded, { ...options, speed, ...(portOf && { portOf }) })).toEqual([])
    } finally {
      await cluster.close()
    }
  })

  it('is compared with every recording there is', () => {
    expect([...Object.keys(cases), ...notModelled].length).toBe(27)
  })
})

/** Three masters were recorded on 5060 to 5062, of which the last one led at first. */
async function portsOf(
  cluster: FakeCluster,
  name: string,
): Promise<((recorded: number) => number) | undefined> {
  if (name !== 'ha-redirect' && name !== 'ha-no-leader' && name !== 'ha-no-leader-elected') return undefined
  const only = cluster.server.port
  const known = new Map<number, number>()
  return (recorded) => {
    if (name !== 'ha-redirect') return only
    const [, first, second] = [
      0,
      ...cluster.servers.filter((each) => each.port !== only).map(({ port }) => port),
    ]
    if (first !== undefined) known.set(5_060, first)
    if (second !== undefined) known.set(5_061, second)
    return known.get(recorded) ?? only
  }
}
