import { describe, expect, it } from 'vitest'
import { instant } from '../lib/instant.ts'
import type { LogLevel } from '../ports/logger.ts'
import { StoreError } from '../ports/store.ts'
import { LogLevels } from './levels.ts'
import { createLogger } from './logger.ts'

const clock = { now: () => instant(0), alarm: () => ({ cancel: () => undefined }) }

function lines(level: LogLevel) {
  const written: Record<string, unknown>[] = []
  const logger = createLogger(new LogLevels(level, clock), {
    write: (line) => void written.push(JSON.parse(line)),
  })
  return { logger, written }
}

describe('the log', () => {
  it('writes one JSON object per line, with level, time and message', () => {
    const { logger, written } = lines('info')
    logger.child({ part: 'store' }).info('opened', { epoch: 3 })
    expect(written).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        part: 'store',
        epoch: 3,
        message: 'opened',
      },
    ])
  })

  it.each([
    ['off', []],
    ['error', ['fatal', 'error']],
    ['warn', ['fatal', 'error', 'warn']],
    ['info', ['fatal', 'error', 'warn', 'info']],
    ['debug', ['fatal', 'error', 'warn', 'info', 'debug']],
    ['trace', ['fatal', 'error', 'warn', 'info', 'debug', 'trace']],
    ['all', ['fatal', 'error', 'warn', 'info', 'debug', 'trace']],
  ] as const)('writes at level %s: %j', (level, expected) => {
    const { logger, written } = lines(level)
    for (const severity of ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const)
      logger[severity]('x')
    expect(written.map((line) => line['level'])).toEqual(expected)
  })

  it.each([
    ['a password', { password: 'x' }, { password: '***' }],
    [
      'credentials of a flag',
      { options: { http_credentials: 'admin:x' } },
      { options: { http_credentials: '***' } },
    ],
    ['a header', { headers: { Authorization: 'Basic eA==' } }, { headers: { Authorization: '***' } }],
    ['what is in an environment', { app: { env: { DB: 'x' } } }, { app: { env: '***' } }],
    ['a list of secrets', { secrets: [{ source: 'x' }] }, { secrets: '***' }],
    [
      'credentials in a URL',
      { zk: ['zk://marathon:x@host:2181/marathon'] },
      { zk: ['zk://***@host:2181/marathon'] },
    ],
    [
      'all of a password with an at-sign',
      { text: 'from http://a:b@c@host/x, not http://host/x@y' },
      { text: 'from http://***@host/x, not http://host/x@y' },
    ],
    ['nothing that is not there', { token: undefined, secret: null }, { secret: null }],
    ['nothing else', { author: 'me', at: 'a@b', count: 2n }, { author: 'me', at: 'a@b', count: '2' }],
  ])('masks %s', (_, fields, expected) => {
    const { logger, written } = lines('info')
    logger.info('m', fields)
    const { level: _level, time: _time, message: _message, ...rest } = written[0] ?? {}
    expect(rest).toEqual(expected)
  })

  it('masks credentials in messages and in fields of child loggers', () => {
    const { logger, written } = lines('info')
    logger.child({ token: 'x' }).info('connecting to zk://a:b@c:1')
    expect(written).toMatchObject([{ token: '***', message: 'connecting to zk://***@c:1' }])
  })

  it('writes an error with its kind, its stack and what caused it', () => {
    const { logger, written } = lines('info')
    const cause = Object.assign(new Error('no space left at ftp://a:b@c/'), { code: 28 })
    logger.error('stopped', { error: new StoreError('full', 'could not commit', { cause }) })
    expect(written[0]?.['error']).toEqual({
      name: 'StoreError',
      kind: 'full',
      message: 'could not commit',
      stack: expect.stringContaining('logger.test.ts'),
      cause: { name: 'Error', message: 'no space left at ftp://***@c/', code: 28, stack: expect.any(String) },
    })
  })

  it('cuts off what refers to itself', () => {
    const { logger, written } = lines('info')
    const loop: Record<string, unknown> = {}
    loop['loop'] = loop
    logger.info('m', { loop })
    expect(JSON.stringify(written)).toContain('"loop":"…"')
  })
})
