import { expect, test } from 'vitest'
import { judge, judgeFlag } from './judge.ts'
import type { ProbeOutcome } from './probe.ts'

const answered = (status: number, statusText = ''): ProbeOutcome => ({ kind: 'answered', status, statusText })
const refused: ProbeOutcome = {
  kind: 'failed',
  name: 'ECONNREFUSED',
  message: 'connect ECONNREFUSED 10.0.0.3:80',
}
const http = { protocol: 'HTTP' } as const
const patient = { protocol: 'HTTPS', ignoreHttp1xx: true } as const
const tcp = { protocol: 'TCP' } as const

const well = { kind: 'well' }
const none = { kind: 'none' }
const failed = (cause: string) => ({ kind: 'failed', cause })

test.each([
  [http, answered(200, 'OK'), well],
  [http, answered(204), well],
  [http, answered(301, 'Moved Permanently'), well],
  [http, answered(399), well],
  [http, answered(400, 'Bad Request'), failed('400 Bad Request')],
  [http, answered(404, 'Not Found'), failed('404 Not Found')],
  [http, answered(503), failed('503')],
  [http, answered(199, 'Odd'), failed('199 Odd')],
  [http, answered(100, 'Continue'), failed('100 Continue')],
  [patient, answered(100, 'Continue'), none],
  [patient, answered(199), none],
  [patient, answered(200), well],
  [patient, answered(404, 'Not Found'), failed('404 Not Found')],
  [http, refused, failed('connect ECONNREFUSED 10.0.0.3:80')],
  [patient, refused, failed('connect ECONNREFUSED 10.0.0.3:80')],
  [tcp, refused, failed('ECONNREFUSED: connect ECONNREFUSED 10.0.0.3:80')],
  [tcp, { kind: 'connected' }, well],
] as const)('%j answered by %j', (check, outcome, finding) => {
  expect(judge(check, outcome)).toEqual(finding)
})

test('an engine says whether it is well, and no cause', () => {
  expect(judgeFlag(true)).toEqual(well)
  expect(judgeFlag(false)).toEqual(failed(''))
})

test('a cause is as long as is kept', () => {
  const finding = judge(http, answered(500, 'x'.repeat(10_000)))
  expect(finding).toEqual(failed(`500 ${'x'.repeat(252)}`))
})
