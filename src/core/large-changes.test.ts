import { describe, expect, test } from 'vitest'
import { HandCore } from '../../tests/support/hand-core.ts'
import { limits } from '../lib/limits.ts'
import type { Outcome } from './requests.ts'

/** So many that anything which looks at all of them for each of them outlasts the time of a test. */
const many = 3_000

const app = (id: string, more: object = {}) => ({ id, cmd: 'serve', instances: 0, ...more })
const each = <T>(make: (i: number) => T): T[] => Array.from({ length: many }, (_, i) => make(i))

class Tree extends HandCore {
  put(body: object): Outcome {
    return this.ask({ kind: 'update-group', id: '/g', body, force: false })
  }
}

describe('a change of thousands of apps', () => {
  const withVolume = (id: string, name: string) =>
    app(id, {
      container: {
        type: 'MESOS',
        volumes: [
          {
            containerPath: 'data',
            mode: 'RW',
            external: { name, provider: 'dvdi', options: { 'dvdi/driver': 'rexray' } },
          },
        ],
      },
      upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
    })
  const withVolumes = () => new Tree({ settings: { enabledFeatures: new Set(['external_volumes']) } })

  test('of which each has a volume is made', () => {
    const core = withVolumes()
    expect(core.put({ apps: each((i) => withVolume(`a${i}`, `v${i}`)) }).kind).toBe('deployed')
  })

  test('that all want one volume is refused for each, with some of the others named', () => {
    const outcome = withVolumes().put({ apps: each((i) => withVolume(`a${i}`, 'one')) })
    const issues =
      outcome.kind === 'refused' && outcome.refusal.kind === 'invalid-object' ? outcome.refusal.issues : []
    expect(issues).toHaveLength(many)
    expect(issues[0]!.path).toBe('/groups(0)/apps(0)/container')
    const [error] = issues[0]!.errors
    expect(error).toContain(
      "Volume name 'one' in /g/a0 conflicts with volume(s) of same name in app(s): /g/a1, ",
    )
    expect(error).toContain(` and ${many - 1 - limits.conflictsNamed} more`)
  })

  test('in groups of which each depends on the one before is made, and again of one of them', () => {
    const core = new Tree()
    const groups = each((i) => ({
      id: `g${i}`,
      apps: [app('a')],
      dependencies: i === 0 ? [] : [`../g${i - 1}`],
    }))
    expect(core.put({ groups }).kind).toBe('deployed')
    expect(core.view.deployments()).toEqual([])
    expect(core.update(`/g/g${many - 1}/a`, { cpus: 2 }).kind).toBe('deployed')
    expect(core.ask({ kind: 'remove-group', id: '/g', force: false }).kind).toBe('deployed')
    expect([...core.view.groups()]).toEqual([])
  })

  test('that waits for a file each is given up', () => {
    const core = new Tree({ settings: { artifactsUrl: 'http://m/v2/artifacts' } })
    core.put({ apps: each((i) => app(`a${i}`, { storeUrls: [`http://h/f${i}`] })) })
    core.ask({ kind: 'cancel-deployment', id: core.view.deployments()[0]!.id, force: true })
    expect(core.downloads.filter(({ kind }) => kind === 'abandon-artifact')).toHaveLength(many)
  })
})
