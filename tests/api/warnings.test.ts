// Fields that nothing understands, through the whole server: taken as ever, and told of in the header.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { startStack } from '../compat/stack.ts'

type Method = 'POST' | 'PUT' | 'PATCH'

async function ask(calls: readonly (readonly [Method, string, unknown])[]) {
  const stack = await startStack()
  const told: unknown[] = []
  for (const [method, url, payload] of calls) {
    const answer = await stack.server.inject({ method, url, payload: payload as object })
    told.push([answer.statusCode, answer.headers['marathon-warnings']])
  }
  const apps = stack.view().apps()
  await stack.close()
  return { told, apps }
}

const slip = '"/instnaces: unknown field, ignored; did you mean instances?"'
const web = { id: '/web', cmd: 'serve', instnaces: 2 }

describe('a misspelt field', () => {
  it('is told of by every call that changes apps', async () => {
    const { told } = await ask([
      ['POST', '/v2/apps', web],
      ['PUT', '/v2/apps/web', { instnaces: 2 }],
      ['PUT', '/v2/apps/web?partialUpdate=false', web],
      ['PUT', '/v2/apps/new', web],
      ['PATCH', '/v2/apps/web', { instnaces: 2 }],
      ['PUT', '/v2/apps', [web]],
      ['PUT', '/v2/apps?partialUpdate=false', [web]],
      ['PATCH', '/v2/apps', [web]],
    ])
    const inList = slip.replace('"/', '"(0)/')
    expect(told).toEqual([
      [201, slip],
      [200, slip],
      [200, slip],
      [201, slip],
      [200, slip],
      [200, inList],
      [200, inList],
      [200, inList],
    ])
  })

  it('is told of beside the reason of a refusal', async () => {
    const { told, apps } = await ask([
      ['POST', '/v2/apps', { id: '/web', cdm: 'serve' }],
      ['POST', '/v2/apps', { id: '/web', cpus: 'x', instnaces: 2 }],
    ])
    expect(told).toEqual([
      [422, '"/cdm: unknown field, ignored; did you mean cmd?"'],
      [422, slip],
    ])
    expect(apps).toEqual([])
  })

  it('is told of by the first API, too', async () => {
    const { told } = await ask([['POST', '/v1/apps/start', { ...web, id: 'web', instances: '1' }]])
    expect(told).toEqual([[204, slip]])
  })

  it('changes nothing else', async () => {
    const withSlip = await ask([['POST', '/v2/apps', web]])
    const without = await ask([['POST', '/v2/apps', { id: '/web', cmd: 'serve' }]])
    expect(withSlip.apps).toEqual(without.apps)
    expect(without.told).toEqual([[201, undefined]])
  })
})

describe('definitions by other people', () => {
  interface Entry {
    readonly file: string
    readonly kind: string
  }
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(new URL(`../corpus/${name}`, import.meta.url), 'utf8'))
  const files = (read('MANIFEST.json') as { readonly entries: readonly Entry[] }).entries
    .filter(({ kind }) => kind === 'app')
    .map(({ file }) => file)

  it('have fields that never had a meaning in two cases, and none that is warned of in vain', async () => {
    const stack = await startStack()
    const told: string[] = []
    for (const file of files) {
      const answer = await stack.server.inject({
        method: 'POST',
        url: '/v2/apps',
        payload: read(file) as object,
      })
      const warnings = answer.headers['marathon-warnings']
      if (warnings !== undefined) told.push(`${file}: ${String(warnings)}`)
    }
    await stack.close()
    expect(told).toEqual([
      '013-app-tweeter-go-tweeter.json: "/healthChecks(0)/portName: unknown field, ignored"',
      '057-app-marathon-plugin-foo.json: "/fetch(1)/outputFile: unknown field, ignored"',
    ])
  })

  it('are warned of nothing when they are sent back as they are shown', async () => {
    const embeds = ['tasks', 'counts', 'deployments', 'readiness', 'lastTaskFailure', 'taskStats']
    let taken = 0
    for (const file of files) {
      const stack = await startStack()
      const created = await stack.server.inject({
        method: 'POST',
        url: '/v2/apps',
        payload: read(file) as object,
      })
      if (created.statusCode === 201) {
        taken++
        await stack.elapse(60_000)
        const url = `/v2/apps/${(created.json() as { readonly id: string }).id}`
        const shown = await stack.server.inject(
          `${url}?embed=${embeds.map((name) => `app.${name}`).join('&embed=')}`,
        )
        for (const app of [created.json() as object, (shown.json() as { readonly app: object }).app]) {
          const payload = { ...app, version: undefined }
          const answer = await stack.server.inject({ method: 'PUT', url: `${url}?force=true`, payload })
          expect([answer.body, answer.statusCode, answer.headers['marathon-warnings']]).toEqual([
            answer.body,
            200,
            undefined,
          ])
        }
      }
      await stack.close()
    }
    expect(taken).toBeGreaterThan(30)
  })
})
