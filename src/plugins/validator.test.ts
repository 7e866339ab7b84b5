import { describe, expect, it } from 'vitest'
import { type Logger, silentLogger } from '../logging/logger.ts'
import { validatorOf } from './validator.ts'

const judge = (
  validate: (...given: unknown[]) => unknown,
  options: { readonly log?: Logger; readonly turnMs?: number } = {},
) => validatorOf('owners', { validate }, { log: silentLogger, ...options }).validate({ id: '/a' }, 'pod')

describe('what a validator returns', () => {
  it.each([
    ['nothing wrong', [], []],
    ['a text, about the whole', ['no owner'], [{ path: '/', errors: ['no owner'] }]],
    ['a text and where', [{ path: '/labels', message: 'no' }], [{ path: '/labels', errors: ['no'] }]],
    ['the root in short', [{ path: '', message: 'no' }], [{ path: '/', errors: ['no'] }]],
  ])('may be %s', (_what, returned, issues) => {
    expect(judge(() => returned)).toEqual(issues)
  })

  it.each([
    ['nothing', undefined, 'validate returned undefined, expected a list'],
    ['a boolean', true, 'validate returned boolean, expected a list'],
    ['null', null, 'validate returned null, expected a list'],
    ['a number in the list', ['a', 5], 'item 1 of what validate returned is neither'],
    ['no message', [{ path: '/' }], 'item 0 of what validate returned is neither'],
    ['a relative path', [{ path: 'labels', message: 'no' }], 'item 0 of what validate returned is neither'],
  ])('is no judgement when it is %s', (_what, returned, message) => {
    expect(() => judge(() => returned)).toThrow(message)
  })

  it('is no judgement when it comes later, and a late failure reaches nobody', async () => {
    const unheard: unknown[] = []
    const listen = (error: unknown) => unheard.push(error)
    process.on('unhandledRejection', listen)
    expect(() => judge(async () => Promise.reject(new Error('later')))).toThrow('validate returned a promise')
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listen)
    expect(unheard).toEqual([])
  })
})

describe('a validator', () => {
  it('is told what it judges', () => {
    const given: unknown[][] = []
    judge((...all) => {
      given.push(all)
      return []
    })
    expect(given).toEqual([[{ id: '/a' }, { kind: 'pod' }]])
  })

  it('keeps what it is: its methods find their own fields', () => {
    class Rule {
      #wrong = 'always'
      validate() {
        return [this.#wrong]
      }
    }
    expect(validatorOf('r', new Rule(), { log: silentLogger }).validate({}, 'app')).toEqual([
      { path: '/', errors: ['always'] },
    ])
  })

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('no container')
      },
      'no container',
    ],
    [
      'loops',
      () => {
        for (;;);
      },
      'it took longer than 50 ms',
    ],
    ['backtracks', () => /^(a+)+$/.test(`${'a'.repeat(50)}!`), 'it took longer than 50 ms'],
  ])('that %s is logged by its name and has failed', (_what, validate, message) => {
    const time = message.endsWith('50 ms') ? { turnMs: 50 } : {}
    const lines: unknown[] = []
    const log = {
      ...silentLogger,
      error: (text: string, fields?: object) => void lines.push({ text, ...fields }),
    }
    expect(() => judge(validate, { log, ...time })).toThrow(message)
    expect(lines).toEqual([
      {
        text: 'a plugin failed to judge a definition',
        plugin: 'owners',
        definition: '/a',
        error: expect.objectContaining({ message }),
      },
    ])
    // The next call has its own time.
    expect(judge(() => [])).toEqual([])
  })
})
