// The engine of a cluster as the flags say: with the masters named, or those ZooKeeper tells of. A file of its own, so
// that who has no cluster loads none of it.

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mesosOf } from './config/mesos.ts'
import { ownUser } from './config/settings.ts'
import type { FlagValues } from './config/table.ts'
import { Backoff } from './engine/mesos/backoff.ts'
import { MesosEngine } from './engine/mesos/engine.ts'
import { mesosLimits } from './engine/mesos/limits.ts'
import { ListedMasters, type Masters, schedulerUrl } from './engine/mesos/masters/masters.ts'
import { ZookeeperMasters } from './engine/mesos/masters/zookeeper-masters.ts'
import { millis, seconds } from './lib/instant.ts'
import { type Rng, stream } from './lib/rng.ts'
import type { Clock } from './ports/clock.ts'
import type { Logger } from './ports/logger.ts'

export interface MesosParts {
  readonly log: Logger
  readonly clock: Clock
  /** Known when the server listens. */
  readonly webuiUrl: () => string
}

/** @throws FlagError when the secret cannot be read */
export async function createMesosEngine(flags: FlagValues, parts: MesosParts): Promise<MesosEngine> {
  const { clock, log, webuiUrl } = parts
  const { masters, credentials, principal } = mesosOf(flags, (path) => readFileSync(path, 'utf8'))
  const seed = randomUUID()
  // Looked up once: the framework is asked for with every call.
  const user = flags.mesos_user ?? ownUser() ?? ''
  return new MesosEngine({
    clock,
    log,
    rng: stream(seed, 'subscriptions'),
    masters: await createMasters(masters, { clock, log, rng: stream(seed, 'sessions') }),
    framework: () => ({
      name: flags.framework_name,
      user,
      failoverTimeout: seconds(flags.failover_timeout),
      checkpoint: flags.checkpoint,
      hostname: flags.hostname,
      webuiUrl: webuiUrl(),
      ...(principal === undefined ? {} : { principal }),
      features: {
        taskKilling: flags.enable_features.includes('task_killing'),
        gpuResources: flags.enable_features.includes('gpu_resources'),
      },
    }),
    ...(credentials === undefined ? {} : { credentials }),
    heartbeatInterval: millis(flags.mesos_heartbeat_interval),
    heartbeatFailureThreshold: flags.mesos_heartbeat_failure_threshold,
  })
}

async function createMasters(
  masters: ReturnType<typeof mesosOf>['masters'],
  { clock, log, rng }: { readonly clock: Clock; readonly log: Logger; readonly rng: Rng },
): Promise<Masters> {
  if (masters.kind === 'named') return new ListedMasters(masters.urls.map(schedulerUrl))
  const { hosts, path, credentials } = masters.url
  const { zookeeperOver } = await import('./zookeeper/session.ts')
  const open = zookeeperOver(clock)
  return new ZookeeperMasters({
    open: (changed) =>
      open(
        {
          hosts,
          ...(credentials === undefined ? {} : { credentials }),
          sessionTimeoutMs: mesosLimits.leaderSessionMs,
          connectionTimeoutMs: mesosLimits.connectMs,
          operationTimeoutMs: mesosLimits.leaderOperationMs,
        },
        changed,
      ),
    path,
    isSecure: masters.isSecure,
    clock,
    log,
    backoff: new Backoff(
      { leastMs: mesosLimits.resubscribeLeastMs, mostMs: mesosLimits.resubscribeMostMs },
      rng,
    ),
  })
}
