import { describe, expect, test } from 'vitest'
import { readBinaryMasterInfo, readJsonMasterInfo, readProcessId } from './master-info.ts'

/** As a master of Mesos 1.12 writes it. */
const written = {
  address: { hostname: 'master-1.test', ip: '10.0.0.1', port: 5050 },
  capabilities: [{ type: 'AGENT_UPDATE' }],
  hostname: 'master-1.test',
  id: 'f6aad9bb-3aa1-456d-a21c-297a4b8c0a14',
  ip: 16_777_226,
  pid: 'master@10.0.0.1:5050',
  port: 5050,
  version: '1.12.0',
}
const found = { hostname: 'master-1.test', ip: '10.0.0.1', port: 5050 }

describe('JSON', () => {
  test.each([
    ['as it is written today', written, found],
    ['before there were addresses', { ...written, address: undefined }, found],
    ['without a name', { pid: 'master@10.0.0.1:5050' }, { ip: '10.0.0.1', port: 5050 }],
    ['with an address of IPv6', { address: { ip: 'fe80::1', port: 5050 } }, { ip: 'fe80::1', port: 5050 }],
    ['with a port that is none', { address: { ip: '10.0.0.1', port: 70_000 } }, /neither an address nor/],
    ['without anything', {}, /neither an address nor a process id/],
    ['null', null, /neither/],
  ])('%s', (_, info, expected) => {
    const read = readJsonMasterInfo(JSON.stringify(info))
    if (expected instanceof RegExp) expect(read).toMatch(expected)
    else expect(read).toEqual(expected)
  })

  test('that is none', () => {
    expect(readJsonMasterInfo('master@10.0.0.1:5050')).toMatch(/no JSON/)
  })
})

test.each([
  ['master@10.0.0.1:5050', { ip: '10.0.0.1', port: 5050 }],
  ['master@[fe80::1]:5050\n', { ip: 'fe80::1', port: 5050 }],
  ['10.0.0.1:5050', /no process id/],
  ['master@10.0.0.1', /no process id/],
  ['master@10.0.0.1:99999', /no process id/],
])('the process id %j', (text, expected) => {
  const read = readProcessId(text)
  if (expected instanceof RegExp) expect(read).toMatch(expected)
  else expect(read).toEqual(expected)
})

/** Fields of a message: numbers as varints, texts and messages with their lengths. */
function message(fields: readonly (readonly [number, number | string | Buffer])[]): Buffer {
  const varint = (value: number): Buffer => {
    const bytes: number[] = []
    let rest = value
    while (rest >= 128) {
      bytes.push((rest % 128) + 128)
      rest = Math.floor(rest / 128)
    }
    return Buffer.from([...bytes, rest])
  }
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [varint(number * 8), varint(value)]
      const bytes = typeof value === 'string' ? Buffer.from(value) : value
      return [varint(number * 8 + 2), varint(bytes.length), bytes]
    }),
  )
}

describe('a protobuf message', () => {
  const address = message([
    [1, 'master-1.test'],
    [2, '10.0.0.1'],
    [3, 5050],
  ])
  const old = [
    [1, 'f6aad9bb'],
    [2, 16_777_226],
    [3, 5050],
    [4, 'master@10.0.0.1:5050'],
  ] as const

  test.each([
    ['with an address', message([...old, [6, '0.24.0'], [7, address]]), found],
    ['with a name and a process id', message([...old, [5, 'master-1.test']]), found],
    ['with a process id alone', message(old), { ip: '10.0.0.1', port: 5050 }],
    [
      'with later fields of any kind',
      Buffer.concat([message(old), Buffer.from([0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4])]),
      { ip: '10.0.0.1', port: 5050 },
    ],
    ['cut short', message(old).subarray(0, -3), /no protobuf message/],
    ['that is a text', Buffer.from('{"pid":"master@10.0.0.1:5050"}'), /no protobuf message/],
    ['of nothing', Buffer.alloc(0), /no protobuf message/],
  ])('%s', (_, bytes, expected) => {
    const read = readBinaryMasterInfo(bytes)
    if (expected instanceof RegExp) expect(read).toMatch(expected)
    else expect(read).toEqual(expected)
  })
})
