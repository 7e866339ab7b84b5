import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  amountsOf,
  lacking,
  type MachineResources,
  minus,
  parseAttributes,
  parseResources,
  portsIn,
  rangesOf,
  rangesText,
  resourceEntries,
  splitResources,
  withoutPorts,
} from './resources.ts'

const machine: MachineResources = {
  cpus: 4,
  mem: 8_000,
  disk: 100,
  gpus: 0,
  ports: [{ begin: 31_000, end: 32_000 }],
}

describe('--local_resources', () => {
  it('names what differs from the machine', () => {
    expect(parseResources('cpus:2.5; mem(*):1024 ;ports:[31000-31001, 32000-32000]', machine)).toEqual({
      ok: true,
      value: {
        ...machine,
        cpus: 2.5,
        mem: 1_024,
        ports: [
          { begin: 31_000, end: 31_001 },
          { begin: 32_000, end: 32_000 },
        ],
      },
    })
  })

  it('merges ranges that overlap', () => {
    const parsed = parseResources('ports:[10-20,15-30]', machine)
    expect(parsed.ok && parsed.value.ports).toEqual([{ begin: 10, end: 30 }])
  })

  it.each([
    ['cpus', '"cpus" is no resource: expected <name>:<value>, such as cpus:4'],
    ['cpus:many', '"many" is no amount of cpus: expected a number of at least 0'],
    ['mem:-1', '"-1" is no amount of mem: expected a number of at least 0'],
    ['ports:31000', '"31000" is no list of ports: expected ranges such as [31000-32000]'],
    ['ports:[5-1]', '"[5-1]" is no list of ports: expected ranges such as [31000-32000]'],
    ['ports:[1-70000]', '"[1-70000]" is no list of ports: expected ranges such as [31000-32000]'],
    ['tape:1', '"tape" is no resource of this engine: expected one of cpus, mem, disk, gpus, ports'],
  ])('refuses %s', (text, error) => {
    expect(parseResources(text, machine)).toEqual({ ok: false, error })
  })
})

it('reads --local_attributes, numbers as scalars', () => {
  expect(parseAttributes('rack_id:rack-1;level:2; url:http://x:1 ')).toEqual({
    ok: true,
    value: [
      { name: 'rack_id', text: 'rack-1' },
      { name: 'level', scalar: 2 },
      { name: 'url', text: 'http://x:1' },
    ],
  })
  expect(parseAttributes('rack')).toEqual({
    ok: false,
    error: '"rack" is no attribute: expected <name>:<value>, such as rack_id:rack-1',
  })
})

describe('several agents on one machine', () => {
  it('get equal shares and disjoint ports', () => {
    const shares = splitResources({ ...machine, cpus: 2 }, 3)
    expect(shares.map((share) => share.cpus)).toEqual([0.666, 0.666, 0.666])
    const ports = shares.flatMap((share) => portsIn(share.ports))
    expect(new Set(ports).size).toBe(ports.length)
    expect(ports.length).toBe(999)
    expect(shares[1]!.ports).toEqual([{ begin: 31_333, end: 31_665 }])
  })
})

describe('what is left', () => {
  it('is the whole without what tasks hold', () => {
    const task = { cpus: 0.1, mem: 32, disk: 0, gpus: 0, ports: [{ begin: 31_500, end: 31_500 }] }
    expect(minus(machine, [task, { ...task, ports: [] }])).toEqual({
      cpus: 3.8,
      mem: 7_936,
      disk: 100,
      gpus: 0,
      ports: [
        { begin: 31_000, end: 31_499 },
        { begin: 31_501, end: 32_000 },
      ],
    })
  })

  it('is exact after any number of thousandths', () => {
    const tenth = { cpus: 0.1, mem: 0, disk: 0, gpus: 0, ports: [] }
    expect(
      minus(
        machine,
        Array.from({ length: 37 }, () => tenth),
      ).cpus,
    ).toBe(0.3)
  })

  it('leaves out ports of others', () => {
    expect(withoutPorts(machine, new Set([31_000, 80])).ports).toEqual([{ begin: 31_001, end: 32_000 }])
    expect(withoutPorts(machine, new Set([80]))).toBe(machine)
  })

  it.each([
    [{ cpus: 4.001 }, 'cpus'],
    [{ mem: 9_000 }, 'mem'],
    [{ ports: [{ begin: 30_999, end: 31_000 }] }, 'ports'],
    [{ cpus: 4 }, undefined],
  ])('lacks what %o asks for: %s', (wanted, missing) => {
    expect(lacking({ cpus: 0, mem: 0, disk: 0, gpus: 0, ports: [], ...wanted }, machine)).toBe(missing)
  })
})

it('adds up entries of several roles and ranges', () => {
  expect(
    amountsOf([
      { name: 'cpus', scalar: 1, role: '*' },
      { name: 'cpus', scalar: 0.5, role: 'web' },
      { name: 'ports', ranges: [{ begin: 2, end: 2 }], role: '*' },
      { name: 'ports', ranges: [{ begin: 1, end: 1 }], role: '*' },
    ]),
  ).toEqual({ cpus: 1.5, mem: 0, disk: 0, gpus: 0, ports: [{ begin: 1, end: 2 }] })
})

it('offers only what there is', () => {
  expect(resourceEntries({ ...machine, disk: 0, ports: [] }, 'web')).toEqual([
    { name: 'cpus', scalar: 4, role: 'web' },
    { name: 'mem', scalar: 8_000, role: 'web' },
  ])
})

it('turns any set of ports into ranges and back', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 300 })), (ports) => {
      const ranges = rangesOf(ports)
      expect(portsIn(ranges)).toEqual([...ports].sort((a, b) => a - b))
      for (let i = 1; i < ranges.length; i++) expect(ranges[i]!.begin).toBeGreaterThan(ranges[i - 1]!.end + 1)
    }),
  )
  expect(
    rangesText([
      { begin: 1, end: 3 },
      { begin: 7, end: 7 },
    ]),
  ).toBe('1-3,7')
})
