// The machines of a simulated cluster when nobody describes them: equal ones, in racks and zones.

import type { Resource } from '../../core/mesos.ts'
import { type Amounts, amountsOf, plus } from './amounts.ts'
import { noParcels } from './parcels.ts'
import type { SimAgentConfig } from './parts.ts'

export interface FleetOptions {
  readonly agents: number
  readonly agentsPerRack: number
  readonly cpus: number
  /** MiB */
  readonly mem: number
  /** MiB */
  readonly disk: number
  readonly ports: readonly [first: number, last: number]
  /** Every fourth agent has a disk that is shared out as a folder, and one that is mounted as a whole (MiB). */
  readonly ownDisks?: number
}

export const defaultFleet: FleetOptions = {
  agents: 10,
  agentsPerRack: 5,
  cpus: 16,
  mem: 65_536,
  disk: 1_048_576,
  ports: [31_000, 32_000],
}

/** Agents named `agent-1` and so on, each with attributes `rack_id` and `zone`. */
export function fleet(options: FleetOptions): SimAgentConfig[] {
  const total: Amounts = {
    cpus: options.cpus * 1000,
    mem: options.mem * 1000,
    disk: options.disk * 1000,
    gpus: 0,
    ports: [{ begin: options.ports[0], end: options.ports[1] }],
    parcels: noParcels,
  }
  const withDisks: Amounts =
    options.ownDisks === undefined ? total : plus(total, amountsOf(ownDisks(options.ownDisks)))
  return Array.from({ length: options.agents }, (_, index) => {
    const rack = Math.floor(index / options.agentsPerRack) + 1
    return {
      id: `agent-${index + 1}`,
      hostname: `agent-${index + 1}.example`,
      attributes: [
        { name: 'rack_id', text: `rack-${rack}` },
        { name: 'zone', text: `zone-${(rack % 3) + 1}` },
      ],
      total: index % 4 === 3 ? withDisks : total,
    }
  })
}

const ownDisks = (scalar: number): readonly Resource[] => [
  { name: 'disk', scalar, role: '*', disk: { source: { type: 'PATH', root: '/mnt/data' } } },
  { name: 'disk', scalar, role: '*', disk: { source: { type: 'MOUNT', root: '/mnt/whole' } } },
]
