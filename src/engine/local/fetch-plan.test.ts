import { describe, expect, it } from 'vitest'
import type { CommandUri } from '../../core/mesos.ts'
import { planFetch } from './fetch-plan.ts'

const uri = (value: string, more: Partial<CommandUri> = {}): CommandUri => ({
  value,
  extract: true,
  executable: false,
  cache: false,
  ...more,
})

describe('an artifact', () => {
  it.each([
    ['http://h/a/b.tgz?x=1#y', {}, 'b.tgz', 'tar'],
    ['https://h/my%20app.tar.gz', {}, 'my app.tar.gz', 'tar'],
    ['http://h/a.tar', {}, 'a.tar', 'tar'],
    ['http://h/a.tar.bz2', {}, 'a.tar.bz2', 'tar-other'],
    ['http://h/a.txz', {}, 'a.txz', 'tar-other'],
    ['http://h/a.zip', {}, 'a.zip', 'zip'],
    ['http://h/a.gz', {}, 'a.gz', 'gzip'],
    ['http://h/a.jar', {}, 'a.jar', undefined],
    ['http://h/a.tgz', { extract: false }, 'a.tgz', undefined],
    ['http://h/a.tgz', { executable: true }, 'a.tgz', undefined],
    ['http://h/download', { outputFile: 'lib/x.zip' }, 'lib/x.zip', 'zip'],
    ['http://h/', { outputFile: 'index' }, 'index', undefined],
    ['/opt/tool', {}, 'tool', undefined],
    ['file:///opt/a%20b', {}, 'a b', undefined],
  ])('%s with %o is called %s and unpacked as %s', (value, more, target, archive) => {
    expect(planFetch(uri(value, more))).toMatchObject({
      ok: true,
      value: { target, ...(archive ? { archive } : {}) },
    })
    const plan = planFetch(uri(value, more))
    expect(plan.ok && plan.value.archive).toBe(archive)
  })

  it.each([
    ['http://h/', {}, 'the uri names no file, and there is no destPath'],
    ['relative/path', {}, 'it is neither a uri nor an absolute path'],
    ['hdfs://h/x', {}, 'uris of the scheme "hdfs" cannot be fetched, expected http, https or file'],
    ['file://elsewhere/x', {}, 'file uris name no host, this one names "elsewhere"'],
    ['http://h/x', { outputFile: '/etc/passwd' }, 'its place "/etc/passwd" is outside of the sandbox'],
    ['http://h/x', { outputFile: 'a/../../x' }, 'its place "../x" is outside of the sandbox'],
    ['http://h/..%2fx', {}, 'its place "../x" is outside of the sandbox'],
    ['http://h/stdout', {}, '"stdout" is where the output of the task goes'],
  ])('%s with %o is refused: %s', (value, more, error) => {
    expect(planFetch(uri(value, more))).toEqual({ ok: false, error })
  })
})
