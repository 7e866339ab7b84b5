import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { HandClock } from '../../tests/support/hand-clock.ts'
import { instant } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import { silentLogger } from '../logging/logger.ts'
import { loadPlugins } from './load.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** Loads entries, by id, of one file with this text. */
function load(text: string, plugins: Record<string, object>, clock = new HandClock(instant(0))) {
  const dir = mkdtempSync(join(tmpdir(), 'plugins-'))
  folders.push(dir)
  writeFileSync(join(dir, 'rules.mjs'), text)
  writeFileSync(join(dir, 'not-named.mjs'), 'throw new Error("nobody named this file")')
  const conf = join(dir, 'plugins.json')
  writeFileSync(conf, JSON.stringify({ plugins }))
  return loadPlugins({ dir, conf, frameworkName: 'marathon-2', clock, log: silentLogger })
}

const rule = { plugin: 'RunSpecValidator', implementation: 'rules.mjs#Rule' }
const pages = { plugin: 'HttpRequestHandler', implementation: 'rules.mjs#Pages' }
const source = `
  export class Rule {
    said = 'not configured'
    calls = 0
    async initialize(info, configuration) {
      await null
      this.calls++
      this.said = JSON.stringify([info, configuration, this.calls])
    }
    validate() { return [this.said] }
  }
  export class Pages { serve(request, response) { response.status(204) } }
  export class Slow { initialize() { return new Promise(() => {}) } validate() { return [] } }
  export class Broken { initialize() { throw new Error('no users in the configuration') } validate() { return [] } }
  export class Unborn { constructor() { throw new Error('no licence') } validate() { return [] } }
  export class Empty {}
  export const notAClass = { validate() { return [] } }
`

describe('plugins', () => {
  it('are an instance for each entry, configured once with what the descriptor has for it', async () => {
    const { list, runSpecValidators, requestHandlers } = await load(source, {
      second: { ...rule, configuration: { a: 2 } },
      web: pages,
      first: { ...rule, configuration: { a: 1 }, tags: ['t'] },
      bare: rule,
    })
    expect(list.map(({ id }) => id)).toEqual(['second', 'web', 'first', 'bare'])
    const judged = runSpecValidators.map(({ id, validate }) => [id, validate({}, 'app')[0]?.errors[0]])
    expect(judged).toEqual([
      ['second', '[{"frameworkName":"marathon-2"},{"a":2},1]'],
      ['first', '[{"frameworkName":"marathon-2"},{"a":1},1]'],
      ['bare', 'not configured'],
    ])
    expect([...requestHandlers.keys()]).toEqual(['web'])
    expect(JSON.stringify(list)).not.toContain('"a"')
  })

  it.each([
    [
      'a file that is not there',
      { ...rule, implementation: 'none.mjs#Rule' },
      "the plugin 'x' (none.mjs#Rule) cannot be loaded from --plugin_dir ",
    ],
    [
      'a class that is not there',
      { ...rule, implementation: 'rules.mjs#Rules' },
      "the plugin 'x' (rules.mjs#Rules) is not there: expected a class Rules, the file exports Broken, Empty, Pages",
    ],
    [
      'something else than a class',
      { ...rule, implementation: 'rules.mjs#notAClass' },
      'is not there: expected a class notAClass',
    ],
    [
      'a class of another kind',
      { ...rule, implementation: 'rules.mjs#Pages' },
      'has no method validate, which mesosphere.marathon.plugin.validation.RunSpecValidator asks for',
    ],
    [
      'a constructor that throws',
      { ...rule, implementation: 'rules.mjs#Unborn' },
      'could not be initialised: no licence',
    ],
    [
      'an initialiser that throws',
      { ...rule, implementation: 'rules.mjs#Broken', configuration: {} },
      'could not be initialised: no users in the configuration',
    ],
    [
      'a configuration for nobody',
      { ...pages, configuration: {} },
      'could not be initialised: there is a configuration, but no method initialize to take it',
    ],
  ])('with %s fail the start', async (_what, entry, message) => {
    await expect(load(source, { x: entry })).rejects.toMatchObject({
      name: 'PluginStartError',
      message: expect.stringContaining(message),
    })
  })

  it('whose file has an error in it fail the start with that error', async () => {
    await expect(load('export class Rule {', { x: rule })).rejects.toThrow(/'x' .* cannot be loaded .*: /)
  })

  it('that are not initialised in time fail the start', async () => {
    const clock = new HandClock(instant(0))
    const loading = load(
      source,
      { x: { ...rule, implementation: 'rules.mjs#Slow', configuration: {} } },
      clock,
    )
    loading.catch(() => undefined)
    while (clock.nextAlarm === undefined) await new Promise((resolve) => setImmediate(resolve))
    clock.advance(limits.pluginStartMs)
    await expect(loading).rejects.toThrow(
      `could not be initialised: nothing came within ${limits.pluginStartMs} ms`,
    )
  })

  it('without a readable descriptor fail the start', async () => {
    const loading = loadPlugins({
      dir: '/',
      conf: '/does/not/exist.json',
      frameworkName: 'marathon',
      clock: new HandClock(instant(0)),
      log: silentLogger,
    })
    await expect(loading).rejects.toThrow('--plugin_conf /does/not/exist.json cannot be read: ENOENT')
  })
})
