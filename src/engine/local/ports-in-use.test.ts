import net, { type AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { isPastListeners, parseSocketTable, readPortsInUse } from './ports-in-use.ts'

const header =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'

it('finds ports that are listened on, not those of connections', () => {
  const table = `${header}   0: 0100007F:7918 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:7919 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
`
  expect(parseSocketTable(table, 'tcp')).toEqual([31_000])
})

it('finds ports of addresses of version 6 and of udp', () => {
  const table = `${header} 10: 00000000000000000000000001000000:791A 00000000000000000000000000000000:0000 07 0:0 0:0 0 0 0 3\n`
  expect(parseSocketTable(table, 'udp')).toEqual([31_002])
  expect(parseSocketTable('', 'udp')).toEqual([])
})

const row = (state: string) =>
  `   0: 0100007F:7918 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000 0 0 1\n`

it.each([
  ['only its head', header, false],
  ['who listens', header + row('0A'), false],
  ['a connection', header + row('0A') + row('06'), true],
  ['the beginning of a connection', `${header}${row('0A')}   1: 0100007F:7918 01000`, false],
])('knows from %s whether the rest of a table matters', (_, text, isPast) => {
  expect(isPastListeners(text)).toBe(isPast)
})

it('finds a port that is listened on here, and not one that is only connected', async () => {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const socket = net.connect(port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  const ports = await readPortsInUse()
  expect(ports.has(port)).toBe(true)
  expect(ports.has(socket.localPort!)).toBe(false)
  socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})
