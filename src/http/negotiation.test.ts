import { describe, expect, it } from 'vitest'
import { negotiate } from './negotiation.ts'

const offered = ['application/json', 'text/plain']

describe('the media type a client gets', () => {
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['*', 'application/json'],
    ['text/plain', 'text/plain'],
    ['TEXT/PLAIN', 'text/plain'],
    ['text/*', 'text/plain'],
    ['text/plain, */*;q=0.1', 'text/plain'],
    ['text/plain;q=0.5, application/json;q=0.4', 'text/plain'],
    ['application/json;q=0, */*', 'text/plain'],
    ['application/json, */*', 'application/json'],
    ['text/plain;charset=utf-8', 'text/plain'],
    ['text/html', undefined],
    ['application/json;q=0', undefined],
    ['nonsense', undefined],
  ])('for %j is %j', (accept, expected) => {
    expect(negotiate(accept, offered)).toBe(expected)
  })
})
