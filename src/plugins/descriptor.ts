// The file of --plugin_conf: which plugins there are (events-metrics-flags 5.1). It is the original's, but for what
// `implementation` names. Whoever lists a plugin relies on it, so nothing is passed over: what cannot be read, what is
// not known and what is not there yet is refused by name.

import { type PluginDescription, PluginStartError } from '../ports/plugins.ts'
import type { JsonObject } from '../spec/render/fields.ts'
import { describeInterfaces, interfaceNamed, type LoadedInterface } from './interfaces.ts'

export interface PluginEntry {
  readonly interface: LoadedInterface
  readonly shown: PluginDescription
  /** Within the directory of plugins. */
  readonly file: string
  readonly exportName: string
  readonly configuration?: JsonObject
}

/**
 * The entries that are enabled, in the order of the file.
 *
 * @throws PluginStartError
 */
export function readDescriptor(text: string, path: string): PluginEntry[] {
  const place = `--plugin_conf ${path}`
  const plugins = membersOf(membersOf(parse(text, place), place)['plugins'], `${place}: plugins`)
  return Object.entries(plugins).flatMap(
    ([id, value]) => readEntry(id, value, `${place}: plugins/${id}`) ?? [],
  )
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new PluginStartError(`${place} is not JSON: ${(error as Error).message}`)
  }
}

/** Undefined when it is switched off. */
function readEntry(id: string, value: unknown, place: string): PluginEntry | undefined {
  if (id === '' || id.includes('/')) {
    throw new PluginStartError(
      `${place}: the id is '${id}', expected a name without slashes: it is part of paths.`,
    )
  }
  const entry = membersOf(value, place)
  const unknown = Object.keys(entry).find((key) => !members.includes(key))
  if (unknown !== undefined) {
    throw new PluginStartError(
      `${place} has a member '${unknown}', expected ${members.join(', ')} and no others.`,
    )
  }
  const { enabled = true, configuration, tags, info } = entry
  if (typeof enabled !== 'boolean') wrong(`${place}/enabled`, enabled, 'true or false')
  const plugin = requireText(entry['plugin'], `${place}/plugin`)
  const implementation = requireText(entry['implementation'], `${place}/implementation`)
  if (!enabled) return undefined
  const found = interfaceNamed(plugin)
  if (found === undefined) wrong(`${place}/plugin`, plugin, describeInterfaces())
  if (found.kind === 'not-yet') {
    throw new PluginStartError(
      `${place}/plugin is '${plugin}': plugins of this kind are not loaded yet, and the server does not start as if they were. Take it out, or set "enabled": false.`,
    )
  }
  return {
    interface: found,
    ...readImplementation(implementation, `${place}/implementation`),
    shown: {
      id,
      plugin: found.name,
      implementation,
      ...(tags === undefined ? {} : { tags: readTags(tags, `${place}/tags`) }),
      ...(info === undefined ? {} : { info: membersOf(info, `${place}/info`) as JsonObject }),
    },
    ...(configuration === undefined
      ? {}
      : { configuration: membersOf(configuration, `${place}/configuration`) as JsonObject }),
  }
}

const members: readonly string[] = ['plugin', 'implementation', 'enabled', 'configuration', 'tags', 'info']

/** `file.mjs#ExportedClass`; the file may lie in a folder of the directory, not outside it. */
function readImplementation(text: string, place: string): Pick<PluginEntry, 'file' | 'exportName'> {
  const [, file, exportName] = /^([^#]+\.m?js)#([\p{ID_Start}$_][\p{ID_Continue}$]*)$/u.exec(text) ?? []
  const isWithin = file !== undefined && !file.startsWith('/') && !file.split('/').includes('..')
  if (!isWithin || exportName === undefined) {
    wrong(place, text, "a file within --plugin_dir and a class it exports, as 'rules.mjs#OwnerRule'")
  }
  return { file, exportName }
}

function readTags(value: unknown, place: string): readonly string[] {
  if (!Array.isArray(value)) wrong(place, value, 'a list of texts')
  return [...new Set(value.map((tag, index) => requireText(tag, `${place}(${index})`)))]
}

function requireText(value: unknown, place: string): string {
  return typeof value === 'string' ? value : wrong(place, value, 'a text')
}

function membersOf(value: unknown, place: string): Readonly<Record<string, unknown>> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Readonly<Record<string, unknown>>) : wrong(place, value, 'an object')
}

/** Of what is no text only the kind is said: it may be a configuration, with secrets in it. */
function wrong(place: string, value: unknown, expected: string): never {
  const given =
    value === undefined
      ? 'missing'
      : typeof value === 'string'
        ? `'${value}'`
        : value === null
          ? 'null'
          : Array.isArray(value)
            ? 'a list'
            : `of type ${typeof value}`
  throw new PluginStartError(`${place} is ${given}, expected ${expected}.`)
}
