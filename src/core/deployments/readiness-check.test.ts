import { expect, test } from 'vitest'
import { fakeInstance } from '../../../tests/support/fake-view.ts'
import { plainApp } from '../../../tests/support/plain-app.ts'
import { limits } from '../../lib/limits.ts'
import type { App, ReadinessCheck } from '../../spec/app.ts'
import type { ProbeOutcome } from '../health/probe.ts'
import { judgeReadiness, readinessProbe } from './readiness-check.ts'

const version = '2031-04-02T09:15:20.480Z'
const plain: ReadinessCheck = {
  name: 'readinessCheck',
  protocol: 'HTTP',
  path: '/',
  portName: 'http-api',
  intervalSeconds: 30,
  timeoutSeconds: 10,
  httpStatusCodesForReady: [200],
  preserveLastResponse: false,
}
const port = (name: string) => ({ port: 0, name, protocol: 'tcp' as const })
const onHost = (...names: string[]): App =>
  plainApp({ id: '/web', version, portDefinitions: names.map(port) })
const running = (hostPorts: readonly number[]) => {
  const instance = fakeInstance({ appId: '/web', uuid: 'x', host: 'n1' })
  return { ...instance, tasks: instance.tasks.map((task) => ({ ...task, hostPorts })) }
}

test.each<[string, Partial<ReadinessCheck>, string[], string | undefined]>([
  ['the only port', {}, ['http-api'], 'HTTP n1:31001/'],
  ['the second of two', {}, ['admin', 'http-api'], 'HTTP n1:31002/'],
  ['by TLS and a path', { protocol: 'HTTPS', path: '/v1/plan' }, ['http-api'], 'HTTPS n1:31001/v1/plan'],
  ['a path without its slash', { path: 'ready' }, ['http-api'], 'HTTP n1:31001/ready'],
  ['a port that has not this name', {}, ['admin'], undefined],
])('what is asked: %s', (_, change, names, expected) => {
  const probe = readinessProbe(onHost(...names), { ...plain, ...change }, running([31_001, 31_002]))
  const target = probe?.target
  const asked =
    target?.protocol === 'TCP' || target === undefined
      ? undefined
      : `${target.protocol} ${target.address}:${target.port}${target.path}`
  expect(asked).toBe(expected)
})

test('it is asked at once, then again an interval after each answer, and the body only where it is kept', () => {
  const probe = (change: Partial<ReadinessCheck>) =>
    readinessProbe(onHost('http-api'), { ...plain, ...change }, running([31_001]))
  expect(probe({})).toMatchObject({
    id: 'readiness/web.instance-x._app.1',
    firstAfter: 0,
    pace: 'after-answer',
    interval: 30_000,
    timeout: 10_000,
    bodyBytes: 0,
  })
  expect(probe({ preserveLastResponse: true })?.bodyBytes).toBe(limits.readinessBodyBytes)
})

const target = { protocol: 'HTTP', address: 'n1', port: 31_001, path: '/ready' } as const
const answered = (status: number, more: object = {}): ProbeOutcome => ({
  kind: 'answered',
  status,
  statusText: '',
  ...more,
})

test.each<[string, readonly number[], ProbeOutcome, boolean]>([
  ['the code that is asked for', [200], answered(200), true],
  ['one of several', [200, 204], answered(204), true],
  ['another success', [200], answered(204), false],
  ['a failure that is asked for', [503], answered(503), true],
  ['no codes: 200 alone', [], answered(200), true],
  ['no codes, and another', [], answered(201), false],
  ['no answer', [200], { kind: 'failed', name: 'ECONNREFUSED', message: 'connection refused' }, false],
  ['no answer where its own code is asked for', [504], { kind: 'failed', name: 'E', message: 'm' }, false],
])('ready? %s', (_, httpStatusCodesForReady, outcome, ready) => {
  const result = judgeReadiness({ ...plain, httpStatusCodesForReady }, 'web.1', target, outcome)
  expect(result).toEqual({ name: 'readinessCheck', taskId: 'web.1', ready })
})

const kept = { ...plain, preserveLastResponse: true }

test.each<[string, ProbeOutcome, object]>([
  [
    'an answer, its media type without parameters',
    answered(200, { contentType: 'application/json; charset=utf-8', body: '{}' }),
    { status: 200, contentType: 'application/json', body: '{}' },
  ],
  ['one that says nothing', answered(503), { status: 503, contentType: '', body: '' }],
  [
    'none at all',
    { kind: 'failed', name: 'ETIMEDOUT', message: 'no answer within 10 s' },
    {
      status: 504,
      contentType: 'text/plain',
      body: 'Marathon could not query http://n1:31001/ready: no answer within 10 s',
    },
  ],
])('what is kept of %s', (_, outcome, lastResponse) => {
  expect(judgeReadiness(kept, 'web.1', target, outcome).lastResponse).toEqual(lastResponse)
})

test('an address of the sixth version of IP is in brackets, as in any URL', () => {
  const outcome: ProbeOutcome = { kind: 'failed', name: 'E', message: 'gone' }
  const result = judgeReadiness(kept, 'web.1', { ...target, address: 'fd01::2' }, outcome)
  expect(result.lastResponse?.body).toBe('Marathon could not query http://[fd01::2]:31001/ready: gone')
})
