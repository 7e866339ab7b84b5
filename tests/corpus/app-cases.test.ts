// App definitions of ours, each on top of the smallest app, through the whole server: the JSON it is shown as, or all
// that is wrong with it (apps/*.json), written from the catalogue of the original's behaviour. rules.json lists every
// rule of app-definition 10.1 to 10.4; each has a case that names its section.

import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { appFieldsOnTheWire } from './fields-on-the-wire.ts'
import { type Flags, ServersByFlags } from './servers.ts'
import { smallestApp } from './smallest-app.ts'

type Fields = Readonly<Record<string, unknown>>
type Details = Readonly<Record<string, readonly string[]>>

interface Case {
  readonly name: string
  /** Sections of the catalogue. */
  readonly source: string
  readonly flags?: Flags
  /** What is beside, or instead of, the fields of the smallest app. */
  readonly app?: Fields
  readonly without?: readonly string[]
  /** What is then sent to change it, by PUT. */
  readonly update?: Fields
  /** What is shown beside, or instead of, what is shown of the smallest app. */
  readonly shown?: Fields
  readonly hidden?: readonly string[]
  /** The message, when it is refused. */
  readonly refused?: string
  readonly details?: Details
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))

const files = readdirSync(new URL('apps/', import.meta.url)).filter((name) => name.endsWith('.json'))
const topics = files.map((name) => ({
  topic: name.replace('.json', ''),
  cases: read(`apps/${name}`) as readonly Case[],
}))
const cases = topics.flatMap((topic) => topic.cases)

const servers = new ServersByFlags()
afterAll(() => servers.close())

const less = (fields: Fields, without: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => !without.includes(key)))

const definitionOf = ({ app = {}, without = [] }: Case): Fields =>
  less({ id: '/app', cmd: 'sleep 600', ...app }, without)

const shownOf = ({ shown = {}, hidden = [] }: Case): Fields =>
  less(
    {
      id: '/app',
      ...smallestApp,
      portDefinitions: [{ port: 10000, name: 'default', protocol: 'tcp' }],
      ...shown,
    },
    hidden,
  )

/** What the versions are, and what is embedded, is no matter of the definition. */
const beside = ['version', 'versionInfo', 'tasks', 'lastTaskFailure', 'deployments']
const counts = ['tasksStaged', 'tasksRunning', 'tasksHealthy', 'tasksUnhealthy']

for (const { topic, cases: ofTopic } of topics) {
  describe(`an app: ${topic}`, () => {
    it.each(ofTopic)('$name ($source)', async (example) => {
      const { stack, clear } = await servers.of(example.flags)
      const definition = definitionOf(example)
      try {
        let answer = await stack.send('POST', '/v2/apps', definition)
        const path = `/v2/apps${(example.shown?.['id'] as string | undefined) ?? '/app'}`
        if (example.update !== undefined) {
          expect(answer.status).toBe(201)
          answer = await stack.send('PUT', path, example.update)
        }
        if (example.refused !== undefined) {
          expect({ status: answer.status, message: answer.body.message }).toEqual({
            status: 422,
            message: example.refused,
          })
          expect(byPath(answer.body.details)).toEqual(sorted(example.details))
          return
        }
        expect(answer.body).not.toHaveProperty('details')
        const { app } = (await stack.send('GET', path)).body
        expect(less(app, [...beside, ...counts])).toEqual(shownOf(example))
        const order = Object.keys(app)
        expect(order).toEqual(appFieldsOnTheWire.filter((field) => order.includes(field)))

        // What was answered can be sent again, and means the same: there is no new version.
        const again = await stack.send('PUT', `${path}?partialUpdate=false&force=true`, app)
        expect(again.status).toBe(200)
        expect((await stack.send('GET', path)).body.app.version).toBe(app.version)
      } finally {
        await clear()
      }
    })
  })
}

type Issues = readonly { readonly path: string; readonly errors: readonly string[] }[]

const byPath = (details: Issues | undefined): Details | undefined =>
  details && sorted(Object.fromEntries(details.map(({ path, errors }) => [path, errors])))
const sorted = (details: Details | undefined): Details | undefined =>
  details && Object.fromEntries(Object.entries(details).map(([path, errors]) => [path, errors.toSorted()]))

interface Rule {
  readonly section: string
  readonly path: string
  /** `…` stands for what differs from case to case. */
  readonly says: string
  /** Another rule stands before it: what people are told instead. Null: nothing is wrong any more then. */
  readonly instead?: string | null
  readonly why?: string
}

const rules = read('rules.json') as readonly Rule[]

describe('the rules of app-definition 10', () => {
  it.each(rules)('$section $path: $says', ({ section, path, says, instead }) => {
    const ofSection = cases.filter(({ source }) => source.split(/, |app-definition /).includes(section))
    if (instead === null) {
      // Shown by what becomes of such an app.
      expect(ofSection.filter(({ refused }) => refused === undefined).length).toBeGreaterThan(0)
      return
    }
    const wanted = matcher(instead ?? says)
    const place = matcher(path)
    const told = ofSection.flatMap(({ details = {} }) =>
      Object.entries(details).flatMap(([at, errors]) => (place.test(at) ? errors : [])),
    )
    expect(told.filter((error) => wanted.test(error))).not.toEqual([])
  })

  it('say why nobody is told of those that nobody is told of', () => {
    expect(rules.filter(({ instead, why }) => (instead === undefined) !== (why === undefined))).toEqual([])
  })
})

/** `(i)` is any index, `…` any text. */
function matcher(pattern: string): RegExp {
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('\\(i\\)', '\\(\\d+\\)').replaceAll('…', '.+')}$`)
}

describe('the cases', () => {
  it('are many, each of another name in its topic', () => {
    expect(cases.length).toBeGreaterThanOrEqual(160)
    for (const { cases: ofTopic } of topics) {
      const names = ofTopic.map(({ name }) => name)
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    }
  })
})
