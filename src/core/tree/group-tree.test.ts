import { describe, expect, it } from 'vitest'
import { GroupTree } from './group-tree.ts'

const version = '2031-04-02T09:00:00.000Z'

function tree(groups: readonly string[], runSpecs: readonly string[]): GroupTree {
  const made = new GroupTree()
  for (const id of groups) made.set(id, { id, dependencies: [], version })
  for (const id of runSpecs) made.addRunSpec(id)
  return made
}

describe('the tree of groups', () => {
  it('knows what lies directly in a group, and what lies beneath it', () => {
    const made = tree(['/a', '/a/b', '/c'], ['/x', '/a/x', '/a/b/x', '/a/b/y'])
    expect([...made.groupsIn('/')]).toEqual(['/a', '/c'])
    expect([...made.runSpecsIn('/a')]).toEqual(['/a/x'])
    expect([...made.groupsWithin('/a')]).toEqual(['/a', '/a/b'])
    expect([...made.membersWithin('/')].sort()).toEqual(['/a/b/x', '/a/b/y', '/a/x', '/x'])
    expect(['/', '/a', '/a/b', '/c', '/no'].map((id) => made.memberCount(id))).toEqual([4, 3, 2, 0, 0])
  })

  it('counts down as run specs go, and forgets what is empty', () => {
    const made = tree(['/a', '/a/b'], ['/a/b/x'])
    made.removeRunSpec('/a/b/x')
    expect(made.memberCount('/a')).toBe(0)
    expect([made.delete('/a/b'), made.delete('/a'), made.delete('/a')]).toEqual([true, true, false])
    expect([[...made.groupsIn('/')], [...made.values()]]).toEqual([[], []])
  })

  it('lists dependencies of groups as long as there are some', () => {
    const made = tree(['/a'], [])
    made.set('/a', { id: '/a', dependencies: ['/b'], version })
    made.set('/', { id: '/', dependencies: ['/a'], version })
    expect([...made.dependencies]).toEqual([
      ['/a', ['/b']],
      ['/', ['/a']],
    ])
    expect([...made.groupsIn('/')]).toEqual(['/a'])
    made.set('/a', { id: '/a', dependencies: [], version })
    made.delete('/')
    expect(made.dependencies.size).toBe(0)
  })
})
