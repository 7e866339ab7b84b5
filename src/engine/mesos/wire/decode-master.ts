// Who the master is, as it says when it accepts a subscription, and what one of its version can do.

import type { Writable } from '../../../lib/writable.ts'
import { decodeDomain } from './decode-offer.ts'
import { type Json, list, number, optionalNumber, optionalPart, optionalText, text } from './fields.ts'

export interface Master {
  /** Of this run of this master: another one after an election or a restart. */
  readonly id: string
  /** As `1.12.0`; absent from masters that do not tell. */
  readonly version?: string
  /** Where it is reached, as it says itself. */
  readonly hostname: string
  readonly port: number
  readonly region?: string
  readonly zone?: string
  /** `AGENT_DRAINING` and the like. */
  readonly capabilities: readonly string[]
}

/** `ip` is a number in the byte order of the network and never needed: `address` or `hostname` say it better. */
export function decodeMaster(json: Json): Master {
  const address = optionalPart(json, 'address', (it) => ({
    hostname: optionalText(it, 'hostname') ?? optionalText(it, 'ip'),
    port: number(it, 'port'),
  }))
  const master: Writable<Master> = {
    id: text(json, 'id'),
    hostname: address?.hostname ?? optionalText(json, 'hostname') ?? '',
    port: address?.port ?? optionalNumber(json, 'port') ?? defaultPort,
    capabilities: list(json, 'capabilities', (capability) => optionalText(capability, 'type') ?? 'UNKNOWN'),
  }
  const version = optionalText(json, 'version')
  if (version !== undefined) master.version = version
  return Object.assign(master, optionalPart(json, 'domain', decodeDomain))
}

const defaultPort = 5050

/** The versions of Mesos in which something came to be. */
export const sinceVersion = {
  /** The oldest master Marathon works with (runtime 1). */
  minimum: '1.5.0',
  /** UPDATE_FRAMEWORK; older ones must be subscribed to again. */
  updateFramework: '1.9.0',
  /** Offer constraints; older ones ignore them. */
  offerConstraints: '1.11.0',
} as const

/** Whether a master is of this version or a later one. Of one that does not tell nothing is known: it is not. */
export function isSince(version: string | undefined, since: string): boolean {
  if (version === undefined) return false
  const given = numbersOf(version)
  const least = numbersOf(since)
  for (let i = 0; i < 3; i++) {
    if (given[i]! !== least[i]!) return given[i]! > least[i]!
  }
  return true
}

/** Major, minor, patch; what follows them, as `-rc1`, does not count, and what is missing is 0. */
function numbersOf(version: string): number[] {
  const numbers = version.split('.', 3).map((each) => Number.parseInt(each, 10) || 0)
  while (numbers.length < 3) numbers.push(0)
  return numbers
}
