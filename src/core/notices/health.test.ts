// The bodies of examples 8 about health, byte by byte: names, order and values of the fields.

import { expect, test } from 'vitest'
import { buildInstance, buildTask } from '../../../tests/support/in-condition.ts'
import { parseInstant } from '../../lib/instant.ts'
import type { AppHealthCheck } from '../../spec/app.ts'
import {
  healthCheckAdded,
  healthCheckFailed,
  healthCheckRemoved,
  healthStatusChanged,
  unhealthyInstanceKill,
  unhealthyKillsResumed,
  unhealthyKillsSuspended,
} from './health.ts'
import type { Notice } from './notice.ts'

const now = parseInstant('2031-04-02T09:20:29.700Z')!
const earlier = parseInstant('2031-04-02T09:19:29.700Z')!
const version = '2031-04-02T09:15:20.480Z'
const id = 'shop_web.instance-0a1c7e51-3b5d-11ff-8d2e-02420a000501'
const slave = '7f1d3b90-aaaa-4bcd-9001-5e5e5e5e0001-S0'

const check: AppHealthCheck = {
  protocol: 'HTTP',
  path: '/ok',
  portIndex: 0,
  gracePeriodSeconds: 30,
  intervalSeconds: 60,
  timeoutSeconds: 20,
  maxConsecutiveFailures: 3,
  delaySeconds: 15,
  ipProtocol: 'IPv4',
  ignoreHttp1xx: false,
}
const shownCheck =
  '{"gracePeriodSeconds":30,"ignoreHttp1xx":false,"intervalSeconds":60,"maxConsecutiveFailures":3,"path":"/ok","portIndex":0,"protocol":"HTTP","ipProtocol":"IPv4","timeoutSeconds":20,"delaySeconds":15}'

const instance = buildInstance('Running', {
  id,
  runSpecVersion: version,
  agent: { agentId: slave, hostname: 'label', address: 'n1.example', attributes: [] },
  tasks: [buildTask('Running', { id: `${id}._app.2` })],
})
const known = { consecutiveFailures: 3, lastFailure: earlier, lastFailureCause: '503 Service Unavailable' }
const outage = { failing: 12, counted: 16, apps: 3 }
const time = '"timestamp":"2031-04-02T09:20:29.700Z"'

test.each<readonly [Notice, string]>([
  [
    healthCheckAdded({ appId: '/shop/web', version, check }, now),
    `{"appId":"/shop/web","eventType":"add_health_check_event","healthCheck":${shownCheck},${time},"version":"${version}"}`,
  ],
  [
    healthCheckRemoved('/shop/web', now),
    `{"appId":"/shop/web","eventType":"remove_health_check_event",${time}}`,
  ],
  [
    healthCheckFailed(instance, check, now),
    `{"appId":"/shop/web","eventType":"failed_health_check_event","healthCheck":${shownCheck},"taskId":"${id}",${time}}`,
  ],
  [
    healthStatusChanged(instance, false, now),
    `{"appId":"/shop/web","instanceId":"${id}","version":"${version}","alive":false,"eventType":"health_status_changed_event",${time}}`,
  ],
  [
    unhealthyInstanceKill(instance, known, now),
    `{"appId":"/shop/web","taskId":"${id}._app.2","instanceId":"${id}","version":"${version}","reason":"503 Service Unavailable","host":"n1.example","slaveId":"${slave}","eventType":"unhealthy_instance_kill_event","timestamp":"2031-04-02T09:19:29.700Z"}`,
  ],
  [
    unhealthyKillsSuspended(outage, now),
    `{"failingInstances":12,"checkedInstances":16,"failingApps":3,"eventType":"unhealthy_kills_suspended_event",${time}}`,
  ],
  [
    unhealthyKillsResumed(outage, now),
    `{"failingInstances":12,"checkedInstances":16,"failingApps":3,"eventType":"unhealthy_kills_resumed_event",${time}}`,
  ],
])('$type', (notice, json) => {
  expect(JSON.stringify(notice.body)).toBe(json)
  expect(notice.type).toBe(notice.body['eventType'])
})
