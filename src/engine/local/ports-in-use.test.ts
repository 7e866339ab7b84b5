import { expect, it } from 'vitest'
import { parseSocketTable } from './ports-in-use.ts'

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
