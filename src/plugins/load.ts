// Loads the plugins that the descriptor names, once, at the start: a file, a class of it, an instance for each entry,
// and its configuration (events-metrics-flags 5.1). Files that nothing names are left alone. One that cannot be had
// fails the start: a server without a rule somebody relies on is worse than none.

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { TaskProcessor } from '../core/placement/task-processors.ts'
import { limits } from '../lib/limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { PluginStartError, type Plugins, type RequestHandler } from '../ports/plugins.ts'
import type { RunSpecValidator } from '../spec/validate/run-spec-validators.ts'
import { type PluginEntry, readDescriptor } from './descriptor.ts'
import { type HandlerInstance, requestHandlerOf, within } from './request-handler.ts'
import { type ProcessorInstance, taskProcessorOf } from './task-processor.ts'
import { type ValidatorInstance, validatorOf } from './validator.ts'

export interface PluginOptions {
  /** --plugin_dir */
  readonly dir: string
  /** --plugin_conf */
  readonly conf: string
  /** --framework_name; plugins that are configured are told of it. */
  readonly frameworkName: string
  readonly clock: Clock
  readonly log: Logger
}

/** @throws PluginStartError naming the plugin and the reason */
export async function loadPlugins(options: PluginOptions): Promise<Plugins> {
  const entries = readDescriptor(await readConf(options.conf), options.conf)
  const runSpecValidators: RunSpecValidator[] = []
  const taskProcessors: TaskProcessor[] = []
  const requestHandlers = new Map<string, RequestHandler>()
  for (const entry of entries) {
    const { id } = entry.shown
    const instance = await start(entry, options)
    if (entry.interface.kind === 'run-spec-validator') {
      runSpecValidators.push(validatorOf(id, instance as ValidatorInstance, options))
    } else if (entry.interface.kind === 'task-processor') {
      taskProcessors.push(taskProcessorOf(id, instance as ProcessorInstance, options))
    } else {
      requestHandlers.set(id, requestHandlerOf(id, instance as HandlerInstance, options))
    }
    options.log.info('plugin loaded', { ...entry.shown })
  }
  return { list: entries.map(({ shown }) => shown), runSpecValidators, taskProcessors, requestHandlers }
}

async function readConf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new PluginStartError(`--plugin_conf ${path} cannot be read: ${(error as Error).message}`)
  }
}

type Instance = Readonly<Record<string, unknown>> & {
  initialize?(marathonInfo: object, configuration: object): unknown
}

/** An instance that has the methods its interface asks for. */
async function start(entry: PluginEntry, options: PluginOptions): Promise<unknown> {
  const { shown, interface: wanted, configuration } = entry
  const failed = (what: string, error?: unknown): never => {
    const reason = error === undefined ? '' : `: ${error instanceof Error ? error.message : String(error)}`
    throw new PluginStartError(`the plugin '${shown.id}' (${shown.implementation}) ${what}${reason}`, {
      cause: error,
    })
  }
  const module = await importFile(resolve(options.dir, entry.file)).catch((error: unknown) =>
    failed(`cannot be loaded from --plugin_dir ${options.dir}`, error),
  )
  const exported = Object.hasOwn(module, entry.exportName) ? module[entry.exportName] : undefined
  if (typeof exported !== 'function') {
    const names = Object.keys(module).sort().join(', ') || 'nothing'
    return failed(`is not there: expected a class ${entry.exportName}, the file exports ${names}`)
  }
  try {
    const instance = new (exported as new () => Instance)()
    const missing = wanted.methods.find((method) => typeof instance[method] !== 'function')
    if (missing !== undefined) return failed(`has no method ${missing}, which ${shown.plugin} asks for`)
    if (configuration !== undefined) await configure(instance, configuration, options)
    return instance
  } catch (error) {
    if (error instanceof PluginStartError) throw error
    return failed('could not be initialised', error)
  }
}

async function importFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  return await import(/* @vite-ignore */ pathToFileURL(path).href)
}

/** A configuration nobody reads was meant for somebody. */
async function configure(
  instance: Instance,
  configuration: object,
  { frameworkName, clock }: PluginOptions,
): Promise<void> {
  if (typeof instance.initialize !== 'function') {
    throw new Error('there is a configuration, but no method initialize to take it')
  }
  await within(clock, limits.pluginStartMs, instance.initialize({ frameworkName }, configuration))
}
