import { describe, expect, it } from 'vitest'
import { readDescriptor } from './descriptor.ts'

const validation = 'mesosphere.marathon.plugin.validation.RunSpecValidator'
const http = 'mesosphere.marathon.plugin.http.HttpRequestHandler'
const rule = { plugin: validation, implementation: 'rules.mjs#OwnerRule' }

const read = (plugins: unknown) => readDescriptor(JSON.stringify({ plugins }), '/etc/plugins.json')

describe('a descriptor', () => {
  it('lists plugins in its order, by the full names of their interfaces', () => {
    const entries = read({
      zulu: { plugin: 'HttpRequestHandler', implementation: 'ui/pages.js#Pages', tags: ['a', 'b', 'a'] },
      alpha: { ...rule, info: { version: 1 }, configuration: { deep: { secret: 'hunter2' } } },
      mike: { ...rule, enabled: true },
    })
    expect(entries.map(({ shown }) => shown)).toEqual([
      { id: 'zulu', plugin: http, implementation: 'ui/pages.js#Pages', tags: ['a', 'b'] },
      { id: 'alpha', plugin: validation, implementation: 'rules.mjs#OwnerRule', info: { version: 1 } },
      { id: 'mike', plugin: validation, implementation: 'rules.mjs#OwnerRule' },
    ])
    expect(entries.map(({ file, exportName }) => [file, exportName])).toEqual([
      ['ui/pages.js', 'Pages'],
      ['rules.mjs', 'OwnerRule'],
      ['rules.mjs', 'OwnerRule'],
    ])
    expect(entries.map(({ configuration }) => configuration)).toEqual([
      undefined,
      { deep: { secret: 'hunter2' } },
      undefined,
    ])
  })

  it('leaves out what is switched off, whatever it is', () => {
    const off = {
      plugin: 'mesosphere.marathon.plugin.auth.Authenticator',
      implementation: 'my.company.Auth',
      enabled: false,
    }
    expect(read({ off })).toEqual([])
  })

  it.each([
    'mesosphere.marathon.plugin.auth.Authenticator',
    'mesosphere.marathon.plugin.auth.Authorizer',
    'mesosphere.marathon.plugin.scheduler.SchedulerPlugin',
    'Authenticator',
  ])('that asks for %s is refused, for nobody would guard what it guards', (plugin) => {
    expect(() => read({ guard: { plugin, implementation: 'a.mjs#A' } })).toThrow(
      `--plugin_conf /etc/plugins.json: plugins/guard/plugin is '${plugin}': plugins of this kind are not loaded yet`,
    )
  })

  it.each([
    ['no object', [], 'plugins is a list, expected an object.'],
    ['nothing', undefined, 'plugins is missing, expected an object.'],
    ['an entry of another type', { a: 5 }, 'plugins/a is of type number, expected an object.'],
    [
      'an id that no path can have',
      { 'a/b': rule },
      "plugins/a/b: the id is 'a/b', expected a name without slashes",
    ],
    ['no interface', { a: { implementation: 'a.mjs#A' } }, 'plugins/a/plugin is missing, expected a text.'],
    [
      'an unknown interface',
      { a: { ...rule, plugin: 'Validator' } },
      "plugins/a/plugin is 'Validator', expected RunSpecValidator, HttpRequestHandler or RunSpecTaskProcessor.",
    ],
    ['no implementation', { a: { plugin: http } }, 'plugins/a/implementation is missing, expected a text.'],
    [
      'a class of the original',
      { a: { ...rule, implementation: 'my.company.Rule' } },
      "plugins/a/implementation is 'my.company.Rule', expected a file within --plugin_dir and a class it exports, as 'rules.mjs#OwnerRule'.",
    ],
    [
      'a file outside the directory',
      { a: { ...rule, implementation: '../a.mjs#A' } },
      "plugins/a/implementation is '../a.mjs#A'",
    ],
    [
      'an absolute file',
      { a: { ...rule, implementation: '/a.mjs#A' } },
      "plugins/a/implementation is '/a.mjs#A'",
    ],
    [
      'a configuration of another type',
      { a: { ...rule, configuration: null } },
      'plugins/a/configuration is null, expected an object.',
    ],
    [
      'enabled in words',
      { a: { ...rule, enabled: 'no' } },
      "plugins/a/enabled is 'no', expected true or false.",
    ],
    [
      'tags of another type',
      { a: { ...rule, tags: ['x', 1] } },
      'plugins/a/tags(1) is of type number, expected a text.',
    ],
    ['info of another type', { a: { ...rule, info: 'x' } }, "plugins/a/info is 'x', expected an object."],
    [
      'a misspelt member',
      { a: { ...rule, enable: false } },
      "plugins/a has a member 'enable', expected plugin, implementation, enabled, configuration, tags, info and no others.",
    ],
  ])('with %s says so', (_what, plugins, message) => {
    expect(() => read(plugins)).toThrow(message)
  })

  it('that is no JSON says so', () => {
    expect(() => readDescriptor('{', '/etc/plugins.json')).toThrow(
      '--plugin_conf /etc/plugins.json is not JSON: ',
    )
  })
})
