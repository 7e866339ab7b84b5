// What the server shows of a definition can be sent back to it, and changes nothing: no new version, nothing to deploy.
// For every definition written by other people that some flags let in.

import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import type { Stack } from '../compat/stack.ts'
import { type Flags, ServersByFlags } from './servers.ts'

interface Entry {
  readonly file: string
  readonly kind: 'app' | 'apps' | 'pod' | 'group'
  readonly endpoint: string
  readonly expect: 'accept' | 'reject' | 'depends'
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))
const { entries } = read('MANIFEST.json') as { readonly entries: readonly Entry[] }
/** One needs a secret that it does not name, whatever the flags. */
const letIn = entries.filter(({ file, expect: verdict }) => verdict !== 'reject' && !file.startsWith('077'))

const features = ['secrets', 'external_volumes', 'gpu_resources']
const open: Flags = { features, defaultNetworkName: 'dcos' }
const flags: readonly Flags[] = [
  {},
  open,
  { ...open, mesosRole: 'database' },
  { ...open, mesosRole: 'slave_public' },
]

const servers = new ServersByFlags()
afterAll(() => servers.close())

interface Shown {
  readonly id: string
  readonly version: string
}

/** All that is there, as the API shows it. */
async function everything(stack: Stack): Promise<{ apps: readonly Shown[]; pods: readonly Shown[] }> {
  return {
    apps: (await stack.send('GET', '/v2/apps')).body.apps,
    pods: (await stack.send('GET', '/v2/pods')).body,
  }
}

const versions = ({ apps, pods }: { apps: readonly Shown[]; pods: readonly Shown[] }) =>
  [...apps, ...pods].map(({ id, version }) => [id, version])

describe('what is shown of a definition can be sent back, and nothing changes', () => {
  it.each(letIn)('$file', async ({ file, kind, endpoint }) => {
    const path = endpoint.replace('POST ', '')
    const definition = read(file)
    for (const tried of flags) {
      const { stack, clear } = await servers.of(tried)
      const sent =
        kind === 'apps'
          ? await stack.send('PUT', '/v2/apps', definition)
          : await stack.send('POST', path, definition)
      if (sent.status === 422) continue
      expect([200, 201]).toContain(sent.status)
      try {
        const before = await everything(stack)
        expect(before.apps.length + before.pods.length).toBeGreaterThan(0)
        for (const { id } of before.apps) {
          const { app } = (await stack.send('GET', `/v2/apps${id}`)).body
          for (const query of ['partialUpdate=false', 'partialUpdate=true']) {
            // As a whole it is a definition; as an update a version in it would mean to go back to it.
            const { version: _version, versionInfo: _versionInfo, ...update } = app
            const body = query === 'partialUpdate=false' ? app : update
            const dryRun = await stack.send('PUT', `/v2/apps${id}?${query}&dryRun=true`, body)
            expect([dryRun.status, dryRun.body.steps, dryRun.body.changes]).toEqual([200, [], []])
            expect((await stack.send('PUT', `/v2/apps${id}?${query}&force=true`, body)).status).toBe(200)
          }
        }
        for (const pod of before.pods) {
          const answer = await stack.send('PUT', `/v2/pods${pod.id}?force=true`, pod)
          expect([answer.status, answer.body.version]).toEqual([200, pod.version])
        }
        const after = await everything(stack)
        expect(versions(after)).toEqual(versions(before))
        expect(after.pods).toEqual(before.pods)
        return
      } finally {
        await clear()
      }
    }
    expect.fail('no flags let it in')
  })

  it('is shown for all but those that are refused', () => expect(letIn.length).toBe(54))
})
