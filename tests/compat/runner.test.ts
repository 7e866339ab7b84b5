// Conversations with the API as clients of Marathon 1.11 know it, one JSON file each (see README.md beside this): every
// request goes to the whole server in this process, every answer must be the one written down.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { startStack } from './stack.ts'
import { type Bindings, differences, fillIn, fillInAll } from './template.ts'

interface Case {
  /** A sentence on what the original does. */
  readonly shows: string
  /** Sections of the catalogue of the original's behaviour. */
  readonly source: string
  readonly agents?: number
  readonly exchanges: readonly Exchange[]
}

interface Exchange {
  /** Milliseconds to let pass before. */
  readonly after?: number
  readonly request: {
    readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
    readonly url: string
    readonly headers?: Readonly<Record<string, string>>
    /** JSON by value. */
    readonly body?: unknown
    /** The body as it is sent. */
    readonly text?: string
  }
  /** Absent: how it is answered is shown elsewhere. */
  readonly response?: {
    readonly status: number
    /** null: no such header. */
    readonly headers?: Readonly<Record<string, string | null>>
    readonly body?: unknown
    /** The body when it is no JSON. */
    readonly text?: string
  }
}

const folder = new URL('cases/', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.json'))

/** Members of our answers that the original has not; docs/compatibility.md gives each its reason. */
const additions: ReadonlySet<string> = new Set(['waitingOn', 'taskStats', 'changes', 'conflicts'])

describe('what the original answers', () => {
  for (const name of names) {
    const { shows, source, agents, exchanges } = JSON.parse(
      readFileSync(new URL(name, folder), 'utf8'),
    ) as Case
    it(`${name.replace('.json', '')}: ${shows} (${source})`, async () => {
      const stack = await startStack(agents === undefined ? {} : { agents })
      const bindings: Bindings = new Map()
      const wrong: string[] = []
      for (const [index, { after, request, response }] of exchanges.entries()) {
        if (after !== undefined) await stack.elapse(after)
        const url = fillIn(request.url, bindings)
        const payload =
          request.text ??
          (request.body === undefined ? undefined : JSON.stringify(fillInAll(request.body, bindings)))
        const answer = await stack.server.inject({
          method: request.method,
          url,
          headers: {
            host: 'm1.example:8080',
            ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
            ...request.headers,
          },
          ...(payload === undefined ? {} : { payload }),
        })
        if (response === undefined) {
          if (answer.statusCode >= 400) wrong.push(`${index + 1}. ${request.method} ${url}: ${answer.body}`)
          continue
        }
        const context = { bindings, additions }
        const found = [
          ...(answer.statusCode === response.status
            ? []
            : [`the status is ${answer.statusCode}, expected ${response.status}: ${answer.body}`]),
          ...Object.entries(response.headers ?? {}).flatMap(([header, value]) =>
            value === null
              ? answer.headers[header] === undefined
                ? []
                : [`header ${header} is there, expected none`]
              : differences(value, answer.headers[header], context, `header ${header}`),
          ),
          ...(response.body === undefined ? [] : differences(response.body, parsed(answer.body), context)),
          ...(response.text === undefined ? [] : differences(response.text, answer.body, context)),
        ]
        wrong.push(...found.map((sentence) => `${index + 1}. ${request.method} ${url}: ${sentence}`))
      }
      await stack.close()
      expect(wrong).toEqual([])
    })
  }
})

describe('additions of ours', () => {
  it('are listed as differences on purpose', () => {
    const page = readFileSync(new URL('../../docs/compatibility.md', import.meta.url), 'utf8')
    expect([...additions].filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })
})

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // Shown as the difference it is.
    return body
  }
}
