import { describe, expect, test } from 'vitest'
import { HandCore, type HandCoreOptions, offerOf } from '../../tests/support/hand-core.ts'
import { storedPath } from '../spec/normalise/store-urls.ts'
import type { Notice } from './notices/notice.ts'
import type { ArtifactEffect, Ready } from './ready.ts'
import type { StoredRecord } from './records.ts'

const artifactsUrl = 'http://m1.example:8080/v2/artifacts'
const url = 'http://downloads.example/site.tgz'
const other = 'http://downloads.example/data.zip'
const path = storedPath(url)
const wanted = (...urls: string[]): ArtifactEffect[] =>
  urls.map((each) => ({ kind: 'store-artifact', url: each, path: storedPath(each) }))
const abandoned = (...urls: string[]): ArtifactEffect[] =>
  urls.map((each) => ({ kind: 'abandon-artifact', path: storedPath(each) }))

const site = { id: '/site', cmd: 'serve', cpus: 0.1, storeUrls: [url] }
const origin = { clientIp: '10.0.0.99', uri: '/v2/apps' }
const create = (body: object) => ({ kind: 'create-app', body, force: false, origin }) as const
const update = (id: string, body: object, force = false) =>
  ({ kind: 'update-app', id, body, mode: 'partial', force, origin }) as const

const withStore = (options: HandCoreOptions = {}): HandCore =>
  new HandCore({ ...options, settings: { artifactsUrl, ...options.settings } })
const stored = (core: HandCore, of = url): Ready =>
  core.step({ kind: 'artifact-stored', path: storedPath(of) })
const failed = (core: HandCore, of = url): Ready =>
  core.step({ kind: 'artifact-failed', path: storedPath(of), reason: 'Could not store it: gone' })
const typesOf = (notices: readonly Notice[]): string[] => notices.map(({ type }) => type)
const kindsOf = (core: HandCore): string[][] =>
  core.view.deployments()[0]!.steps.map(({ actions }) => actions.map(({ kind }) => kind))
const fetched = (core: HandCore, id: string) => core.view.app(id)?.fetch.map(({ uri }) => uri)

/** What the store of an earlier process holds now. */
class Disk {
  readonly #records = new Map<string, StoredRecord>()

  keep({ writes }: Ready): void {
    for (const write of writes) {
      if (write.kind === 'delete') this.#records.delete(`${write.table} ${write.key}`)
      else this.#records.set(`${write.table} ${write.key}`, write as unknown as StoredRecord)
    }
  }

  get records(): StoredRecord[] {
    return [...this.#records.values()]
  }
}

describe('an app with storeUrls', () => {
  test('is deployed once its files are in the store, and fetches them from there', () => {
    const core = withStore()
    const { outcome, ready } = core.tell(create({ ...site, storeUrls: [url, other, url] }))
    expect(outcome).toMatchObject({ kind: 'deployed', wasCreated: true })
    expect(ready.downloads).toEqual(wanted(url, other))
    expect(kindsOf(core)).toEqual([['ResolveArtifacts'], ['StartApplication'], ['ScaleApplication']])
    expect(fetched(core, '/site')).toEqual([
      `${artifactsUrl}/${path}`,
      `${artifactsUrl}/${storedPath(other)}`,
    ])
    const { id } = core.view.deployments()[0]!
    expect(core.view.deploymentWaitingOn(id)).toEqual([{ kind: 'artifacts', runSpecId: '/site', count: 2 }])

    core.offers(offerOf('n1'))
    expect(stored(core).notices).toEqual([])
    expect(core.view.deploymentWaitingOn(id)).toEqual([{ kind: 'artifacts', runSpecId: '/site', count: 1 }])
    expect([core.view.instancesOf('/site'), core.launched]).toEqual([[], []])
    const last = stored(core, other)
    expect(typesOf(last.notices).slice(0, 2)).toEqual(['deployment_step_success', 'deployment_info'])
    expect([core.launched.length, last.downloads]).toEqual([1, []])
    expect(typesOf(core.tellAll('TASK_RUNNING').notices)).toContain('deployment_success')
  })

  test('is answered with what it fetches', () => {
    const { outcome } = withStore().tell(create({ ...site, fetch: [{ uri: 'http://h/x' }] }))
    expect(outcome).toMatchObject({
      app: { fetch: [{ uri: 'http://h/x' }, { uri: `${artifactsUrl}/${path}`, extract: true }] },
    })
  })

  test('names a file in the store like any other afterwards: a change of the number asks for nothing', () => {
    const core = withStore()
    core.ask(create(site))
    stored(core)
    for (const body of [{ instances: 3 }, { cmd: 'serve --more' }]) {
      const { ready } = core.tell(update('/site', body, true))
      expect(ready.downloads).toEqual([])
      expect(kindsOf(core).flat()).not.toContain('ResolveArtifacts')
      expect(fetched(core, '/site')).toEqual([`${artifactsUrl}/${path}`])
    }
    core.ask(update('/site', { fetch: [] }, true))
    expect(fetched(core, '/site')).toEqual([])
  })

  test('that is scaled while it is the version in force is not asked for again, restarted it is', () => {
    const core = withStore()
    core.ask(create(site))
    stored(core)
    core.offers(offerOf('n1'))
    core.tellAll('TASK_RUNNING')
    expect(core.view.deployments()).toEqual([])
    const selection = { kind: 'app', id: '/site' } as const
    expect(core.tell({ kind: 'kill-and-scale', selection, force: false }).ready.downloads).toEqual([])
    core.tellAll('TASK_KILLED')
    const restart = { kind: 'restart-app', id: '/site', force: true } as const
    core.ask(update('/site', { ...site, id: undefined, instances: 1, cmd: 'other' }, true))
    stored(core)
    expect(core.tell(restart).ready.downloads).toEqual(wanted(url))
  })

  test('waits alone: other apps of the same change wait with it, those of others do not', () => {
    const core = withStore()
    core.offers(offerOf('n1'))
    core.updateAll([site, { id: '/beside', cmd: 'serve', cpus: 0.1 }])
    core.create({ id: '/else', cmd: 'serve', cpus: 0.1 })
    expect(core.launched.map(({ taskId }) => taskId.split('.')[0])).toEqual(['else'])
    core.offers(offerOf('n2'))
    expect(core.launched).toHaveLength(1)
    stored(core)
    expect(core.launched.map(({ taskId }) => taskId.split('.')[0]).sort()).toEqual(['beside', 'else', 'site'])
  })

  test('shares a file with others that name it', () => {
    const core = withStore()
    core.ask(create(site))
    core.ask(create({ ...site, id: '/two', storeUrls: [other, url] }))
    expect(core.tell({ kind: 'remove-app', id: '/two', force: true }).ready.downloads).toEqual(
      abandoned(other),
    )
    core.offers(offerOf('n1'))
    stored(core)
    expect(core.launched).toHaveLength(1)
  })

  test('is refused without a store, and with what is no URL', () => {
    expect(new HandCore().create(site)).toEqual({
      kind: 'refused',
      refusal: {
        kind: 'unprocessable',
        message: 'No storage provider available to load/persist artifacts. Configuration problem?',
      },
    })
    expect(new HandCore().create({ ...site, storeUrls: [] })).toMatchObject({ kind: 'deployed' })
    expect(withStore().create({ ...site, storeUrls: ['file:///etc/passwd'] })).toMatchObject({
      refusal: { issues: [{ path: '/storeUrls(0)', errors: ['URL could not be resolved.'] }] },
    })
  })
})

describe('a file that cannot be had', () => {
  test('ends the deployment, and a new app is not there', () => {
    const core = withStore()
    core.ask(create({ ...site, id: '/group/site' }))
    const { notices, downloads } = failed(core)
    expect(typesOf(notices)).toEqual([
      'deployment_step_failure',
      'deployment_failed',
      'group_change_success',
      'deployment_info',
      'app_terminated_event',
      'deployment_step_success',
      'deployment_success',
    ])
    expect(notices[1]!.body).toMatchObject({ reason: 'Could not store it: gone' })
    expect(downloads).toEqual(abandoned(url))
    expect(core.view.app('/group/site')).toBeUndefined()
    expect(core.view.group('/group')).toBeUndefined()
    expect(core.view.deployments()).toEqual([])
    core.offers(offerOf('n1'))
    core.run(1_000_000)
    expect(core.launched).toEqual([])
  })

  test('leaves a changed app as it was, with the instances it had', () => {
    const core = withStore()
    core.create({ id: '/site', cmd: 'serve', cpus: 0.1 })
    core.offers(offerOf('n1'))
    const [task] = core.launched
    core.tellAll('TASK_RUNNING')
    const before = core.view.app('/site')!
    core.ask(update('/site', { cmd: 'serve --new', storeUrls: [other, url] }))
    expect(core.view.app('/site')?.cmd).toBe('serve --new')
    const { downloads } = failed(core)
    expect(downloads).toEqual(abandoned(other, url))
    core.run(1_000_000)
    const { version: _version, versionInfo: _info, ...now } = core.view.app('/site')!
    expect(before).toMatchObject(now)
    expect(core.view.deployments()).toEqual([])
    expect(core.view.instancesOf('/site').map(({ tasks }) => tasks[0]?.id)).toEqual([task?.taskId])
    expect(core.effects.filter(({ kind }) => kind === 'kill')).toEqual([])
  })

  test('of the version before does not stop the way back to it', () => {
    const core = withStore()
    core.ask(create(site))
    stored(core)
    core.offers(offerOf('n1'))
    core.tellAll('TASK_RUNNING')
    core.ask(update('/site', { storeUrls: [other] }))
    expect(failed(core, other).downloads).toEqual(abandoned(other))
    expect(core.view.deployments()).toEqual([])
    expect(fetched(core, '/site')).toEqual([`${artifactsUrl}/${path}`])
  })

  test('ends all deployments that wait for it, and no other', () => {
    const core = withStore()
    core.ask(create(site))
    core.ask(create({ ...site, id: '/two' }))
    core.ask(create({ ...site, id: '/three', storeUrls: [other] }))
    failed(core)
    expect(core.view.apps().map(({ id }) => id)).toEqual(['/three'])
    expect(core.view.deployments()).toHaveLength(1)
  })
})

test('a deployment that is cancelled waits for no file, and late news of it are none', () => {
  const core = withStore()
  core.ask(create(site))
  const { id } = core.view.deployments()[0]!
  const { ready } = core.tell({ kind: 'cancel-deployment', id, force: false })
  expect(ready.downloads).toEqual(abandoned(url))
  for (const late of [stored(core), failed(core)]) expect([late.notices, late.writes]).toEqual([[], []])
  expect(core.view.apps()).toEqual([])
})

test('the next process asks again, and goes on', () => {
  const disk = new Disk()
  const before = withStore()
  disk.keep(before.tell(create({ ...site, storeUrls: [url, other] })).ready)
  disk.keep(stored(before))
  const core = withStore({ records: disk.records })
  // Asked for as the first thing of all, by the step of its first connection.
  expect(core.downloads).toEqual(wanted(url, other))
  core.offers(offerOf('n1'))
  stored(core, other)
  expect(core.launched).toEqual([])
  stored(core)
  expect(core.launched).toHaveLength(1)
})
