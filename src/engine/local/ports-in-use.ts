// The ports that something on this machine listens on already: they are not offered. parseSocketTable is pure.

import fs from 'node:fs/promises'

const listening = '0A'
const unconnectedUdp = '07'

/** Local ports of the sockets in a /proc/net/{tcp,tcp6,udp,udp6} that keep another from binding. */
export function parseSocketTable(text: string, protocol: 'tcp' | 'udp'): number[] {
  const state = protocol === 'tcp' ? listening : unconnectedUdp
  const ports: number[] = []
  for (const line of text.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/)
    const port = fields[1]?.split(':')[1]
    if (port && fields[3] === state) ports.push(Number.parseInt(port, 16))
  }
  return ports
}

/** Ports bound by anyone, our own tasks included, whose ports are not offered anyway. */
export async function readPortsInUse(): Promise<Set<number>> {
  const tables = [
    ['/proc/net/tcp', 'tcp'],
    ['/proc/net/tcp6', 'tcp'],
    ['/proc/net/udp', 'udp'],
    ['/proc/net/udp6', 'udp'],
  ] as const
  const ports = await Promise.all(
    tables.map(async ([file, protocol]) =>
      parseSocketTable(await fs.readFile(file, 'utf8').catch(() => ''), protocol),
    ),
  )
  return new Set(ports.flat())
}
