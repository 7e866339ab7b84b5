import { expect, test } from 'vitest'
import { instant } from '../../lib/instant.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { canaryPaused, deploymentPaused, deploymentPromoted, deploymentResumed } from './steering.ts'

const version = '2031-04-02T09:15:20.480Z'
const now = instant(Date.parse(version))
const deployment: Deployment = {
  id: 'd1',
  version,
  steps: [{ actions: [{ kind: 'RestartPod', runSpecId: '/pair' }] }],
  changes: [],
  currentStep: 0,
  startedAt: now,
}
const head = `"id":"d1","plan":{"id":"d1","steps":[{"actions":[{"action":"RestartPod","pod":"/pair"}]}],"version":"${version}"}`
const tail = (type: string) => `"eventType":"${type}","timestamp":"${version}"`
const place = { runSpecId: '/pair', step: 1, steps: 2 }

test.each([
  ['deployment_paused', deploymentPaused(deployment, now), '"cause":"request",'],
  ['deployment_resumed', deploymentResumed(deployment, now), ''],
  [
    'deployment_paused',
    canaryPaused(deployment, now, { ...place, instances: 1 }),
    '"cause":"canary","runSpecId":"/pair","step":1,"steps":2,"instances":1,',
  ],
  [
    'deployment_paused',
    canaryPaused(deployment, now, { ...place, instances: 1 }, now),
    `"cause":"canary","runSpecId":"/pair","step":1,"steps":2,"instances":1,"until":"${version}",`,
  ],
  [
    'deployment_promoted',
    deploymentPromoted(deployment, now, place, 'pause-over'),
    '"cause":"pause-over","runSpecId":"/pair","step":1,"steps":2,',
  ],
])('%s', (type, notice, facts) => {
  expect(notice.type).toBe(type)
  expect(JSON.stringify(notice.body)).toBe(`{${head},${facts}${tail(type)}}`)
})
