// Offers to be matched and what is matched with them, for tests and benchmarks of placement: whole and plain, to be
// varied by the field a test is about.

import type { Instance } from '../../src/core/instances/instance.ts'
import type { Offer, Resource } from '../../src/core/mesos.ts'
import { instant } from '../../src/lib/instant.ts'
import type { Rng } from '../../src/lib/rng.ts'
import type { App } from '../../src/spec/app.ts'
import { plainApp } from './plain-app.ts'

/** The version of the app; older and newer ones compare with it as text. */
export const appVersion = '2021-09-01T08:15:30.120Z'
export const newerVersion = '2021-09-02T08:15:30.120Z'

/** A command app without ports, as it comes out of normalising. */
export const placedApp = (change: Partial<App> = {}): App =>
  plainApp({ id: '/shop/cart', cpus: 0.1, mem: 32, version: appVersion, ...change })

/** One that waits for its first launch. */
export function scheduledInstance(change: Partial<Instance> = {}): Instance {
  return {
    id: 'shop_cart.instance-6c1e5d0a-0b1f-11ec-9a03-0242ac110002',
    runSpecId: '/shop/cart',
    runSpecVersion: appVersion,
    role: '*',
    goal: 'Running',
    condition: 'Scheduled',
    since: instant(0),
    scheduledAt: instant(0),
    attempt: 0,
    tasks: [],
    ...change,
  }
}

/** One that runs on an agent with these text attributes; `hostname` names the host. */
export function placedInstance(
  fields: Readonly<Record<string, string | undefined>>,
  change: Partial<Instance> = {},
): Instance {
  const { hostname = 'elsewhere', ...texts } = fields
  const attributes = Object.entries(texts).flatMap(([name, text]) =>
    text === undefined ? [] : [{ name, text }],
  )
  const agent = { agentId: `on-${hostname}`, hostname, address: hostname, attributes }
  return scheduledInstance({ condition: 'Running', attempt: 1, agent, ...change })
}

export const scalar = (name: string, amount: number, change: Partial<Resource> = {}): Resource => ({
  name,
  scalar: amount,
  role: '*',
  ...change,
})

export const ports = (
  ranges: readonly (readonly [begin: number, end: number])[],
  change: Partial<Resource> = {},
): Resource => ({
  name: 'ports',
  ranges: ranges.map(([begin, end]) => ({ begin, end })),
  role: '*',
  ...change,
})

/** 4 cpus, 4096 mem, 10,000 disk and the usual 1,001 ports, unreserved, on node7.example. */
export function buildOffer(change: Partial<Offer> = {}): Offer {
  return {
    id: 'offer-1',
    agentId: '5d0c-S4',
    hostname: 'node7.example',
    role: '*',
    resources: [scalar('cpus', 4), scalar('mem', 4096), scalar('disk', 10_000), ports([[31_000, 32_000]])],
    attributes: [],
    ...change,
  }
}

/** Draws that are chosen: shuffling keeps the order, integers are these in turn, 0 after them. */
export function fixedRng(...integers: readonly number[]): Rng {
  let at = 0
  return {
    next: () => 0,
    int: () => integers[at++] ?? 0,
    chance: () => false,
    pick: (items) => items[0]!,
    shuffle: (items) => items.slice(),
  }
}
