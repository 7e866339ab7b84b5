// Addresses of hosts, remembered for a while. Looking a name up takes one of the few threads of the process that also
// work for the store, and a name server that does not answer holds it for seconds: so each name is looked up once at a
// time, however many probes want it, and what came of it holds for all.

import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { after, type Instant, millis } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'

type Lookup = (name: string, told: (error: Error | null, addresses: LookupAddress[]) => void) => void
type Told = Parameters<Lookup>[1]

interface Known {
  readonly until: Instant
  readonly error: Error | null
  readonly addresses: LookupAddress[]
}

export class HostNames {
  readonly #parts: { readonly look: Lookup; readonly now: () => Instant }
  readonly #known = new Map<string, Known>()
  readonly #pending = new Map<string, Told[]>()

  constructor(parts: { readonly look: Lookup; readonly now: () => Instant }) {
    this.#parts = parts
  }

  /** In the place of `dns.lookup`. */
  readonly lookup: LookupFunction = (name, options, callback) => {
    this.#resolve(name, (error, addresses) => {
      if (error !== null) callback(error, '', 0)
      else if (options.all === true) callback(null, addresses)
      else callback(null, addresses[0]!.address, addresses[0]!.family)
    })
  }

  #resolve(name: string, told: Told): void {
    const known = this.#known.get(name)
    if (known !== undefined && known.until > this.#parts.now()) {
      process.nextTick(told, known.error, known.addresses)
      return
    }
    const pending = this.#pending.get(name)
    if (pending !== undefined) {
      pending.push(told)
      return
    }
    const all = [told]
    this.#pending.set(name, all)
    this.#parts.look(name, (error, addresses) => {
      this.#pending.delete(name)
      this.#remember(name, error, addresses)
      for (const one of all) one(error, addresses)
    })
  }

  #remember(name: string, error: Error | null, addresses: LookupAddress[]): void {
    const keepMs = error === null ? limits.probeNameFoundMs : limits.probeNameMissingMs
    // Said anew it counts as the youngest.
    this.#known.delete(name)
    this.#known.set(name, { until: after(this.#parts.now(), millis(keepMs)), error, addresses })
    if (this.#known.size > limits.probeNames) this.#known.delete(this.#known.keys().next().value!)
  }
}
