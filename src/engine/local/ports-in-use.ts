// The ports that something on this machine listens on already: they are not offered. Told by the socket tables of the
// kernel, which may hold a hundred thousand connections besides.

import fs from 'node:fs/promises'

const listening = '0A'
const unconnectedUdp = '07'
/** The kernel writes a page at a time; this many bytes hold some hundred sockets. */
const pieceBytes = 64 * 1024

/** Local ports of the sockets in a part of /proc/net/{tcp,tcp6,udp,udp6} that keep another from binding. */
export function parseSocketTable(text: string, protocol: 'tcp' | 'udp'): number[] {
  const state = protocol === 'tcp' ? listening : unconnectedUdp
  const ports: number[] = []
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/)
    const port = fields[1]?.split(':')[1]
    if (port && fields[3] === state) ports.push(Number.parseInt(port, 16))
  }
  return ports
}

/** The tables of TCP name all who listen before the first connection: the rest of them need not be read. */
export function isPastListeners(text: string): boolean {
  const last = text.slice(0, text.lastIndexOf('\n')).trimEnd().split('\n').at(-1) ?? ''
  const state = last.trim().split(/\s+/)[3]
  return state !== undefined && /^[0-9A-F]{2}$/.test(state) && state !== listening
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
      // A kernel without this protocol has no such table.
      parseSocketTable(await readTable(file, protocol).catch(() => ''), protocol),
    ),
  )
  return new Set(ports.flat())
}

async function readTable(path: string, protocol: 'tcp' | 'udp'): Promise<string> {
  const file = await fs.open(path)
  try {
    let text = ''
    const buffer = Buffer.allocUnsafe(pieceBytes)
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, pieceBytes, null)
      if (bytesRead === 0) return text
      text += buffer.toString('latin1', 0, bytesRead)
      if (protocol === 'tcp' && isPastListeners(text)) return text
    }
  } finally {
    await file.close()
  }
}
