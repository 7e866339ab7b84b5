import { describe, expect, it } from 'vitest'
import type { WaitingOn } from '../../core/reasons.ts'
import { instant } from '../../lib/instant.ts'
import { renderWaitingOn } from './waiting-on.ts'

const runSpecId = '/a'
const until = instant(Date.parse('2031-04-02T09:15:20.480Z'))

const sentences: readonly (readonly [WaitingOn, string])[] = [
  [
    { kind: 'backoff', runSpecId, until },
    '/a failed lately; it is launched again after 2031-04-02T09:15:20.480Z. DELETE /v2/queue/a/delay launches it at once.',
  ],
  [
    { kind: 'offers', runSpecId, count: 2 },
    '2 instances of /a wait for an agent to offer resources; none is at hand.',
  ],
  [
    { kind: 'no-match', runSpecId, count: 1, reasons: ['InsufficientCpus', 'UnfulfilledConstraint'] },
    '1 instance of /a waits: no agent offers enough cpus (InsufficientCpus), or an agent its constraints allow (UnfulfilledConstraint).',
  ],
  [
    { kind: 'no-match', runSpecId, count: 2, reasons: [] },
    '2 instances of /a wait: no agent offers what it needs.',
  ],
  [
    { kind: 'launch-tokens', runSpecId, until },
    '/a waits because enough tasks are being launched already; more are allowed at 2031-04-02T09:15:20.480Z.',
  ],
  [{ kind: 'running', runSpecId, count: 1 }, '1 instance of /a is launched and not running yet.'],
  [{ kind: 'health', runSpecId, count: 2 }, '2 instances of /a run and are not healthy (yet).'],
  [
    { kind: 'readiness', runSpecId, count: 1 },
    '1 instance of /a has not been found ready by the readiness check yet.',
  ],
  [
    { kind: 'promotion', runSpecId, deploymentId: 'd1', step: 1, steps: 2, instances: 1 },
    'Canary step 1 of 2: 1 instance of /a runs the new version. POST /v2/deployments/d1/promote goes on, DELETE rolls back.',
  ],
  [
    { kind: 'promotion', runSpecId, deploymentId: 'd1', step: 2, steps: 2, instances: 3, until },
    'Canary step 2 of 2: 3 instances of /a run the new version. It goes on at 2031-04-02T09:15:20.480Z; POST /v2/deployments/d1/promote does so at once.',
  ],
  [
    { kind: 'paused', deploymentId: 'd1', since: until },
    'Deployment d1 is paused since 2031-04-02T09:15:20.480Z. POST /v2/deployments/d1/resume goes on, DELETE rolls back.',
  ],
  [
    { kind: 'ending', runSpecId, count: 3 },
    '3 instances of /a have been told to end and have not ended yet.',
  ],
  [
    { kind: 'capacity', runSpecId, minHealthy: 2, maxCapacity: 4 },
    '/a keeps at least 2 healthy and at most 4 instances during the upgrade; no more can be started or stopped for the moment.',
  ],
  [{ kind: 'next-slice', runSpecId, count: 5 }, '5 instances of /a are next in line.'],
  [{ kind: 'engine' }, 'The engine that runs tasks is not connected.'],
  [
    { kind: 'deployment', deploymentId: 'd1' },
    'Deployment d1 has to end first. DELETE /v2/deployments/d1 rolls it back.',
  ],
  [
    { kind: 'quarantine', runSpecId },
    "A decision about /a failed, so it is left alone until it is changed; the server's log has the text.",
  ],
]

describe('why something waits', () => {
  it.each(sentences)('%j is a sentence beside its facts', (waiting, message) => {
    const { kind, ...facts } = waiting
    const at = '2031-04-02T09:15:20.480Z'
    const times = { ...('until' in waiting && { until: at }), ...('since' in waiting && { since: at }) }
    expect(renderWaitingOn(waiting)).toEqual({ reason: kind, message, ...facts, ...times })
  })
})
