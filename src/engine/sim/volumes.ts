// The volumes of a simulated cluster as those see them who care for the data: who has written to each, who uses it now,
// and who destroyed it.

import type { AgentId, Operation } from '../../core/mesos.ts'
import type { Amounts } from './amounts.ts'
import { volumeIdOf } from './parcels.ts'

export interface SimVolume {
  readonly id: string
  readonly agentId: AgentId
  /** The labels of its reservation, which say whose it is. */
  readonly labels: Readonly<Record<string, string>>
  /** Instances whose tasks have run on it. */
  readonly writers: Set<string>
}

export interface Destruction {
  readonly volume: SimVolume
  readonly by: 'framework' | 'operator'
}

export class Volumes {
  /** In the order it happened. */
  readonly destroyed: Destruction[] = []
  readonly #all = new Map<string, SimVolume>()

  get all(): Iterable<SimVolume> {
    return this.#all.values()
  }

  get(agentId: AgentId, id: string): SimVolume | undefined {
    return this.#all.get(keyOf(agentId, id))
  }

  /** Follows what the operations of an agent have made and unmade. */
  follow(agentId: AgentId, operation: Operation, by: Destruction['by']): void {
    if (operation.type === 'CREATE') {
      for (const { disk, reservations } of operation.volumes) {
        const id = disk?.persistence?.id
        if (id === undefined) continue
        const labels = reservations?.at(-1)?.labels ?? {}
        this.#all.set(keyOf(agentId, id), { id, agentId, labels, writers: new Set() })
      }
    } else if (operation.type === 'DESTROY') {
      for (const { disk } of operation.volumes) this.destroy(agentId, disk?.persistence?.id ?? '', by)
    }
  }

  /** What is on the disks of an agent is gone. */
  forgetAgent(agentId: AgentId): void {
    for (const { id, agentId: at } of [...this.#all.values()])
      if (at === agentId) this.destroy(agentId, id, 'operator')
  }

  /** A task of this instance runs on what it was given. */
  write(agentId: AgentId, instance: string, { parcels }: Amounts): void {
    for (const parcel of parcels) {
      const id = volumeIdOf(parcel)
      if (id !== undefined) this.get(agentId, id)?.writers.add(instance)
    }
  }

  destroy(agentId: AgentId, id: string, by: Destruction['by']): void {
    const volume = this.get(agentId, id)
    if (volume === undefined) return
    this.#all.delete(keyOf(agentId, id))
    this.destroyed.push({ volume, by })
  }
}

/** Agents may name their volumes alike. */
const keyOf = (agentId: AgentId, id: string): string => `${agentId} ${id}`
