// Where simulated tasks answer: at the address of their agent, or, in networks of containers, at one of their own in
// each of them, as IP-per-container has it.

import type { ContainerInfo, IpAddress } from '../../core/mesos.ts'

/** That of the agent with this place among all. */
export const agentAddress = (index: number): IpAddress => numbered(10, index)

export class ContainerAddresses {
  #given = 0

  /** Undefined: the container is in the network of its agent. */
  of(container: ContainerInfo | undefined): readonly IpAddress[] | undefined {
    const names = networksOf(container)
    if (names.length === 0) return undefined
    return names.map((network) => ({ ...numbered(9, ++this.#given), network }))
  }
}

/** Bridges of Docker have no name; to the cluster their containers answer at the agent's address. */
const networksOf = (container: ContainerInfo | undefined): readonly string[] =>
  container?.networks?.map(({ name }) => name) ?? container?.networkNames ?? []

const numbered = (network: number, index: number): IpAddress => ({
  ipAddress: `${network}.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
  protocol: 'IPv4',
})
