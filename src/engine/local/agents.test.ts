import { describe, expect, it } from 'vitest'
import { configureAgents, parseAgentsFile } from './agents.ts'
import type { MachineResources } from './resources.ts'

const machine: MachineResources = {
  cpus: 4,
  mem: 8_000,
  disk: 0,
  gpus: 0,
  ports: [{ begin: 31_000, end: 31_009 }],
}
const noFile = (name: string): string => {
  throw new Error(`no file ${name}`)
}

describe('--local_agents', () => {
  it('is one agent with the whole machine by default', () => {
    expect(configureAgents({}, machine, noFile)).toEqual({
      ok: true,
      value: [{ id: 'agent-1', attributes: [], resources: machine }],
    })
  })

  it('shares the resources that --local_resources names', () => {
    const agents = configureAgents(
      { agents: '2', resources: 'cpus:6', attributes: 'zone:a' },
      machine,
      noFile,
    )
    expect(agents.ok && agents.value).toEqual([
      {
        id: 'agent-1',
        attributes: [{ name: 'zone', text: 'a' }],
        resources: { cpus: 3, mem: 4_000, disk: 0, gpus: 0, ports: [{ begin: 31_000, end: 31_004 }] },
      },
      {
        id: 'agent-2',
        attributes: [{ name: 'zone', text: 'a' }],
        resources: { cpus: 3, mem: 4_000, disk: 0, gpus: 0, ports: [{ begin: 31_005, end: 31_009 }] },
      },
    ])
  })

  it.each([
    [{ agents: '0' }, '--local_agents: 0 agents are asked for, expected 1 to 1000'],
    [
      { agents: 'five' },
      '--local_agents: "five" is neither a number nor a file that can be read: no file five',
    ],
    [{ resources: 'cpus:x' }, '--local_resources: "x" is no amount of cpus: expected a number of at least 0'],
    [
      { attributes: 'rack' },
      '--local_attributes: "rack" is no attribute: expected <name>:<value>, such as rack_id:rack-1',
    ],
  ])('%o is refused', (flags, error) => {
    expect(configureAgents(flags, machine, noFile)).toEqual({ ok: false, error })
  })
})

describe('a file of agents', () => {
  it('names what differs from an equal share', () => {
    const text = JSON.stringify([
      { id: 'web', attributes: { rack_id: 'rack-1', level: 2 }, resources: 'cpus:1' },
      { label: 'db', resources: { mem: 100, ports: '[31005-31006]' } },
    ])
    expect(parseAgentsFile(text, machine, [{ name: 'rack_id', text: 'rack-0' }])).toEqual({
      ok: true,
      value: [
        {
          id: 'web',
          attributes: [
            { name: 'rack_id', text: 'rack-1' },
            { name: 'level', scalar: 2 },
          ],
          resources: { cpus: 1, mem: 4_000, disk: 0, gpus: 0, ports: [{ begin: 31_000, end: 31_004 }] },
        },
        {
          id: 'db',
          attributes: [{ name: 'rack_id', text: 'rack-0' }],
          resources: { cpus: 2, mem: 100, disk: 0, gpus: 0, ports: [{ begin: 31_005, end: 31_006 }] },
        },
      ],
    })
  })

  it.each([
    ['[]', 'expected a JSON list with at least one agent'],
    ['{}', 'expected a JSON list with at least one agent'],
    ['[1]', 'entry 0: expected an object'],
    [
      '[{"id":"a b"}]',
      'entry 0: "id" is "a b", expected letters, digits, dots, dashes and underscores, at most 63',
    ],
    ['[{"id":"a"},{"id":"a"}]', 'two agents have the same id'],
    ['[{"attributes":[]}]', 'entry 0: "attributes" is expected to be an object'],
    ['[{"attributes":{"x":null}}]', 'entry 0: "attributes.x" is expected to be text or a number'],
    [
      '[{"resources":{"cpus":"x"}}]',
      'entry 0: "resources": "x" is no amount of cpus: expected a number of at least 0',
    ],
    [
      '[{"resources":"ports:[1-2]"},{"resources":"ports:[2-3]"}]',
      'two agents have the same port: the ports of one machine must be disjoint',
    ],
  ])('%s is refused: %s', (text, error) => {
    expect(parseAgentsFile(text, machine, [])).toEqual({ ok: false, error })
  })

  it('that is no JSON is refused', () => {
    expect(parseAgentsFile('[', machine, [])).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^not JSON: /),
    })
  })
})
