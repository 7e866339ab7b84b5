// The core by hand with apps that have health checks: answers go in, and what is told of health is read in a few words.

import type { ProbeEffect, ProbeOutcome } from '../../src/core/health/probe.ts'
import { probeIdOf } from '../../src/core/health/probe-id.ts'
import type { Notice } from '../../src/core/notices/notice.ts'
import type { Ready } from '../../src/core/ready.ts'
import { seconds } from '../../src/lib/instant.ts'
import { HandCore, offerOf } from './hand-core.ts'

const healthTypes = new Set([
  'add_health_check_event',
  'remove_health_check_event',
  'failed_health_check_event',
  'health_status_changed_event',
  'unhealthy_instance_kill_event',
  'instance_health_changed_event',
  'unhealthy_kills_suspended_event',
  'unhealthy_kills_resumed_event',
])

/** The events of health, each in a few words. */
export const told = ({ notices }: Pick<Ready, 'notices'>): string[] =>
  notices.filter(({ type }) => healthTypes.has(type)).map(inWords)

const inWords = ({ type, body }: Notice): string => {
  const short = type.replace(/_event$/, '').replace(/_health_check$/, '')
  if (type === 'health_status_changed_event') return `${short} ${String(body['alive'])}`
  if (type === 'instance_health_changed_event') return `${short} ${String(body['healthy'])}`
  if (type === 'unhealthy_instance_kill_event') return `${short} ${String(body['reason'])}`
  return short
}

/** What may be answered. */
export const ok: ProbeOutcome = { kind: 'answered', status: 200, statusText: 'OK' }
export const busy: ProbeOutcome = { kind: 'answered', status: 503, statusText: 'Service Unavailable' }
export const gone: ProbeOutcome = { kind: 'answered', status: 410, statusText: 'Gone' }

export const http = { protocol: 'HTTP', path: '/up', gracePeriodSeconds: 30, intervalSeconds: 10 }

export const bodyOf = (id: string, healthChecks: readonly object[], more: object = {}): object => ({
  id,
  cmd: 'serve',
  cpus: 0.1,
  mem: 32,
  instances: 1,
  portDefinitions: [{ port: 0, name: 'web' }],
  healthChecks,
  ...more,
})

/** What was launched runs. */
export const tellRunning = (core: HandCore, more: object = {}): Ready => {
  const told = core.launched
  core.launched = []
  return core.step(
    ...told.map(({ taskId, agentId }) => ({
      kind: 'status' as const,
      status: { taskId, agentId, state: 'TASK_RUNNING' as const, timestamp: core.now, ...more },
    })),
  )
}

/** A core with an app of these checks whose instances run. */
export function running(healthChecks: readonly object[] = [http], more: object = {}): HandCore {
  const core = new HandCore()
  core.offers(offerOf('a', {}, 1_000))
  core.create(bodyOf('/web', healthChecks, more))
  tellRunning(core)
  return core
}

export const instanceOf = (core: HandCore, id = '/web') => core.view.instancesOf(id)[0]!
export const taskOf = (core: HandCore, id = '/web') => instanceOf(core, id).tasks[0]!.id

/** The same answer of all instances of an app, to one of its checks. */
export const answer = (core: HandCore, outcome: ProbeOutcome, { id = '/web', index = 0 } = {}): Ready =>
  core.step({
    kind: 'probe-results',
    results: core.view.instancesOf(id).map(({ tasks }) => ({
      id: probeIdOf({ kind: 'health', taskId: tasks[0]!.id, index }),
      outcome,
    })),
  })

/** Seconds pass. */
export const pass = (core: HandCore, s: number): void => core.run(seconds(s))
export const healthOf = (core: HandCore, id = '/web') => core.view.healthOf(instanceOf(core, id))
export const probesOf = ({ probes }: Ready): readonly ProbeEffect[] => probes
