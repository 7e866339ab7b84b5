import { describe, expect, test } from 'vitest'
import { shortName, startOfTail } from './commands/task/logs.ts'
import { app, sickId, webId } from './testing/examples.ts'
import { type Asked, type Reply, run, type Script, scriptedServer } from './testing/scripted-server.ts'

/** A log that a server holds: `first` is the offset of its oldest byte still there. */
function logOf(text: string, first = 0) {
  const bytes = Buffer.from(text)
  return ({ query }: Asked): Reply => {
    const params = new URLSearchParams(query)
    const wanted = Number(params.get('offset'))
    const size = first + bytes.length
    const start = Math.max(first, wanted < 0 ? size + wanted : wanted)
    const end = Math.min(size, start + Number(params.get('limit') ?? size))
    const headers = {
      'Marathon-Log-Start': `${start}`,
      'Marathon-Log-End': `${end}`,
      'Marathon-Log-Size': `${size}`,
    }
    return {
      headers: { ...headers, 'content-type': 'text/plain' },
      pieces: [bytes.subarray(start - first, end - first)],
    }
  }
}

const stdoutOf = (id: string) => `GET /v2/tasks/${id}/logs/stdout`

async function logs(argv: readonly string[], script: Script) {
  await using server = await scriptedServer(script)
  const done = await run(['task', 'logs', ...argv], { url: server.url })
  return { ...done, queries: server.asked.map((one) => one.query) }
}

describe('a log', () => {
  const long = Array.from({ length: 60_000 }, (_, i) => `line ${i}\n`).join('')

  test('is written as it is, however long', async () => {
    const { out, code, queries } = await logs([webId], { [stdoutOf(webId)]: logOf(long) })
    expect({ code, same: out === long }).toEqual({ code: 0, same: true })
    expect(queries.length).toBe(Math.ceil(long.length / (256 * 1024)))
  })

  test('whose beginning was rotated away starts where it still is', async () => {
    expect((await logs([webId], { [stdoutOf(webId)]: logOf('rest\n', 1_000_000) })).out).toBe('rest\n')
  })

  test('that is empty prints nothing', async () => {
    expect(await logs([webId], { [stdoutOf(webId)]: logOf('') })).toMatchObject({ out: '', err: '', code: 0 })
  })

  test.each([
    ['3', 'line 59997\nline 59998\nline 59999\n'],
    ['0', ''],
    ['60000', long],
    ['99999', long],
  ])('--tail %s', async (count, expected) => {
    const { out } = await logs([webId, '--tail', count], { [stdoutOf(webId)]: logOf(long) })
    expect(out === expected).toBe(true)
  })

  test('--tail of a rotated log ends at what there is', async () => {
    expect((await logs([webId, '--tail', '9'], { [stdoutOf(webId)]: logOf('a\nb\n', 5000) })).out).toBe(
      'a\nb\n',
    )
  })

  test('--stderr reads the other stream', async () => {
    const { out } = await logs([webId, '--stderr'], {
      [`GET /v2/tasks/${webId}/logs/stderr`]: logOf('oops\n'),
    })
    expect(out).toBe('oops\n')
  })
})

describe('following a log', () => {
  test('goes on from the tail until the task ends', async () => {
    const { out, queries } = await logs([webId, '-f', '--tail', '1'], {
      [stdoutOf(webId)]: (asked) =>
        asked.query.includes('follow') ? { pieces: ['new\n', 'last\n'] } : logOf('a\nb\n')(asked),
    })
    expect(out).toBe('b\nnew\nlast\n')
    expect(queries.at(-1)).toBe('?offset=4&follow=true')
  })

  test('is taken up where the connection broke, without losing or repeating a byte', async () => {
    const { out, queries } = await logs([webId, '-f'], {
      [stdoutOf(webId)]: [{ pieces: ['one\n', 'tw'], isCut: true }, { pieces: ['o\n'] }],
    })
    expect(out).toBe('one\ntwo\n')
    expect(queries).toEqual(['?offset=0&follow=true', '?offset=6&follow=true'])
  })

  test('counts from where a rotated log begins', async () => {
    const headers = { 'Marathon-Log-Start': '1000' }
    const { queries } = await logs([webId, '-f'], {
      [stdoutOf(webId)]: [{ headers, pieces: ['one\n'], isCut: true }, { pieces: [] }],
    })
    expect(queries.at(-1)).toBe('?offset=1004&follow=true')
  })
})

describe('the log of an app', () => {
  const shown = (body: object): Script => ({
    'GET /v2/apps/shop/web': { body: { app: { ...app, ...body } } },
  })

  test('is that of its only task', async () => {
    const { out } = await logs(['/shop/web'], {
      ...shown({ tasks: [app.tasks[0]] }),
      [stdoutOf(webId)]: logOf('hi\n'),
    })
    expect(out).toBe('hi\n')
  })

  test('with several tasks names each line, also an unfinished one', async () => {
    const { out } = await logs(['shop/web'], {
      ...shown({}),
      [stdoutOf(webId)]: logOf('a\nb'),
      [stdoutOf(sickId)]: logOf('c\n'),
    })
    expect(out.split('\n').sort()).toEqual(['', '0a1c7e50 | a', '0a1c7e50 | b', '0a1c7e51 | c'])
  })

  test('of which nothing runs is that of the task that failed last', async () => {
    const failed = app.lastTaskFailure.taskId
    const { out, err } = await logs(['/shop/web'], {
      ...shown({ tasks: [] }),
      [stdoutOf(failed)]: logOf('died\n'),
    })
    expect(out).toBe('died\n')
    expect(err).toBe(
      'No task of /shop/web runs; this is the one that failed last (Command exited with status 3):\n',
    )
  })

  test('that was stopped says how to start it', async () => {
    const { code, err } = await logs(
      ['/shop/web'],
      shown({ tasks: [], lastTaskFailure: undefined, instances: 0 }),
    )
    expect(code).toBe(4)
    expect(err).toContain('→ Start it: marathon app scale /shop/web 1')
  })
})

test.each([
  ['a\nb\nc\n', 1, 'c\n'],
  ['a\nb\nc', 1, 'c'],
  ['a\nb\nc', 2, 'b\nc'],
  ['a\n\n\n', 2, '\n\n'],
  ['', 3, ''],
  ['a', 0, ''],
])('the tail of %j by %i lines is %j', (text, lines, tail) => {
  const bytes = Buffer.from(text)
  expect(bytes.subarray(startOfTail(bytes, lines)).toString()).toBe(tail)
})

test('a task is named by as much of its uuid as tells it from the others', () => {
  const id = (uuid: string) => `a.instance-${uuid}-3b5d-11ff-8d2e-02420a000501._app.1`
  expect(shortName(id('12345678'), [id('12345678'), id('99999999')])).toBe('1234')
  expect(shortName(id('12345678'), [id('12345678'), id('12345699')])).toBe('1234567')
})
