// Servers for many definitions: one for each set of flags, emptied after each definition. No agent offers anything, so
// that what is shown is the definition alone.

import { defaultSettings, type Settings } from '../../src/core/settings.ts'
import { type Stack, startStack } from '../compat/stack.ts'

export interface Flags extends Partial<Omit<Settings, 'enabledFeatures'>> {
  readonly features?: readonly string[]
}

export interface CorpusServer {
  readonly stack: Stack
  /** Nothing is there any more. */
  readonly clear: () => Promise<void>
}

export class ServersByFlags {
  readonly #servers = new Map<string, Promise<Stack>>()

  async of(flags: Flags = {}): Promise<CorpusServer> {
    const key = JSON.stringify(flags)
    const { features = [], ...settings } = flags
    const started =
      this.#servers.get(key) ??
      startStack({
        agents: 0,
        settings: { ...defaultSettings, ...settings, enabledFeatures: new Set(features) },
      })
    this.#servers.set(key, started)
    const stack = await started
    return { stack, clear: () => clear(stack) }
  }

  async close(): Promise<void> {
    for (const started of this.#servers.values()) await (await started).close()
  }
}

async function clear(stack: Stack): Promise<void> {
  const { status } = await stack.send('DELETE', '/v2/groups?force=true')
  if (status !== 200) throw new Error(`the groups were not removed: ${status}`)
  await stack.elapse(1)
  const left = [...stack.view().apps(), ...stack.view().deployments()]
  if (left.length > 0) throw new Error(`the server is not empty: ${JSON.stringify(left)}`)
}
