import { describe, expect, test } from 'vitest'
import { HandCore } from '../../../tests/support/hand-core.ts'

const app = (id: string, more: object = {}) => ({ id, cmd: 'serve', instances: 0, ...more })
const cyclic = {
  kind: 'refused',
  refusal: {
    kind: 'invalid-object',
    issues: [{ path: '/', errors: ['Dependency graph has cyclic dependencies.'] }],
  },
}

describe('cycles of dependencies', () => {
  test('through groups that come into being with the change itself are refused', () => {
    const core = new HandCore()
    const outcome = core.updateAll([
      app('/a/x', { dependencies: ['/b'] }),
      app('/b/y', { dependencies: ['/a'] }),
    ])
    expect(outcome).toMatchObject(cyclic)
    expect(core.view.runSpecs()).toEqual([])
  })

  test.each(['/a', '/', '/a/b'])(
    'an app in a new group cannot depend on all of %s, itself included',
    (group) => {
      expect(new HandCore().create(app('/a/b/x', { dependencies: [group] }))).toMatchObject(cyclic)
    },
  )
})

test('a group that a revert would remove stays as long as another lies in it', () => {
  const core = new HandCore()
  core.create({ id: '/a/x', cmd: 'serve' })
  const [deployment] = core.view.deployments()
  core.create(app('/a/b/y'))
  core.remove('/a/b/y')
  core.ask({ kind: 'cancel-deployment', id: deployment!.id, force: false })
  core.create(app('/a/b/z'))
  expect([...core.view.groups()].map(({ id }) => id)).toEqual(['/a', '/a/b'])
})
