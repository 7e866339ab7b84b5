import { expect, test } from 'vitest'
import { schedulerUrl } from './masters.ts'
import { leadingNode } from './zookeeper-masters.ts'

test.each([
  ['http://a:5050', 'http://a:5050/api/v1/scheduler'],
  ['http://a:5050/', 'http://a:5050/api/v1/scheduler'],
  ['https://me:secret@a/mesos/?x=1#y', 'https://a/mesos/api/v1/scheduler'],
  ['http://a:5050/master/api/v1/scheduler', 'http://a:5050/master/api/v1/scheduler'],
])('the endpoint of %s', (base, url) => {
  expect(schedulerUrl(new URL(base)).href).toBe(url)
})

test.each([
  [
    'the lowest number leads',
    ['json.info_0000000012', 'json.info_0000000009', 'json.info_0000000010'],
    'json.info_0000000009',
  ],
  ['whatever its form', ['json.info_0000000002', 'info_0000000001', '0000000003'], 'info_0000000001'],
  ['a node of the oldest form', ['0000000001', 'json.info_0000000002'], '0000000001'],
  [
    'what has no number is no master',
    ['log_replicas', 'json.info_x', 'json.info_0000000005'],
    'json.info_0000000005',
  ],
  ['nobody', ['log_replicas'], undefined],
])('%s', (_, names, leader) => {
  expect(leadingNode(names)).toBe(leader)
})
