// …/explain of apps, pods and deployments. What is said in which situation is in src/http/render/explanation.test.ts.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { type Stack, startStack } from '../compat/stack.ts'

const big = { id: '/big', cmd: 'sleep 600', cpus: 100 }

async function stackWith(...apps: readonly object[]): Promise<Stack> {
  const stack = await startStack()
  for (const app of apps) await stack.send('POST', '/v2/apps', app)
  return stack
}

describe('what keeps an app from running', () => {
  test('is a tree of causes, each with a sentence and the facts it is made of', async () => {
    const stack = await stackWith(big)
    const { status, body } = await stack.send('GET', '/v2/apps/big/explain')
    expect(status).toBe(200)
    const agent = (number: number) => ({
      kind: 'agent',
      message: `agent-${number}.example: cpus 16 of 100.`,
      agentId: `agent-${number}`,
      hostname: `agent-${number}.example`,
      obstacles: [{ rule: 'cpus', has: 16, asks: 100 }],
      causes: [],
    })
    expect(body).toEqual({
      explanation: {
        kind: 'app',
        id: '/big',
        isWell: false,
        text: '0 of 1 instance of /big run.',
        wanted: 1,
        running: 0,
        healthy: 0,
        outdated: 0,
        isChecked: false,
        causes: [
          {
            kind: 'launch',
            message: '1 of 1 instance of /big waits for a launch since 2031-04-02T09:15:20.480Z.',
            runSpecId: '/big',
            version: '2031-04-02T09:15:20.480Z',
            count: 1,
            wanted: 1,
            since: '2031-04-02T09:15:20.480Z',
            causes: [
              {
                kind: 'no-match',
                message: 'None of 2 agents takes an instance: too little cpus (2).',
                runSpecId: '/big',
                agents: 2,
                of: 2,
                refusals: [{ rule: 'cpus', agents: 2 }],
                causes: [
                  {
                    kind: 'if',
                    message: 'It fits on 2 of 2 agents if cpus <= 16 (it asks for 100).',
                    runSpecId: '/big',
                    changes: [{ change: 'cpus', atMost: 16, asks: 100 }],
                    agents: 2,
                    of: 2,
                    causes: [],
                  },
                  agent(1),
                  agent(2),
                ],
              },
            ],
          },
          expect.objectContaining({ kind: 'under-deployment', step: 2, of: 2, ownStep: 2 }),
        ],
      },
    })
    await stack.close()
  })

  test('is indented text for whoever asks for text', async () => {
    const stack = await stackWith(big)
    const headers = { accept: 'text/plain' }
    const answer = await stack.server.inject({ url: '/v2/apps/big/explain', headers })
    expect(answer.headers['content-type']).toBe('text/plain')
    expect(answer.body).toContain(
      '  - None of 2 agents takes an instance: too little cpus (2).\n    - It fits on 2 of 2 agents if cpus <= 16',
    )
    await stack.close()
  })

  test('helps when it is done: with that amount it runs', async () => {
    const stack = await stackWith(big)
    const { body } = await stack.send('GET', '/v2/apps/big/explain')
    const [{ atMost }] = body.explanation.causes[0].causes[0].causes[0].changes
    await stack.send('PATCH', '/v2/apps/big?force=true', { cpus: atMost })
    await stack.elapse(2_000)
    const { explanation } = (await stack.send('GET', '/v2/apps/big/explain')).body
    expect(explanation).toMatchObject({ isWell: true, running: 1, causes: [] })
    await stack.close()
  })

  test('is found out without a trace: the same ports are taken as if nobody had asked', async () => {
    const portsAfter = async (asks: boolean): Promise<readonly number[]> => {
      const stack = await stackWith({ ...big, ports: [0, 0] })
      const { revision } = stack.view()
      if (asks) for (let time = 0; time < 5; time++) await stack.send('GET', '/v2/apps/big/explain')
      expect(stack.view().revision).toBe(revision)
      await stack.send('PATCH', '/v2/apps/big?force=true', { cpus: 1 })
      await stack.elapse(2_000)
      const ports = stack.view().instancesOf('/big')[0]!.tasks[0]!.hostPorts
      await stack.close()
      return ports
    }
    const ports = await portsAfter(true)
    expect(ports).toHaveLength(2)
    expect(ports).toEqual(await portsAfter(false))
  })
})

describe('many who ask at once', () => {
  test('take turns, and more than may wait are refused', async () => {
    const stack = await stackWith(big)
    let turns = 0
    const count = (): void => {
      turns++
      counting = setImmediate(count)
    }
    let counting = setImmediate(count)
    const asks = Array.from({ length: limits.waitingExplanations + 20 }, async () => {
      const { status, body } = await stack.send('GET', '/v2/apps/big/explain')
      return { status, message: body.message, turn: turns }
    })
    const answers = await Promise.all(asks)
    clearImmediate(counting)
    const refused = answers.filter(({ status }) => status === 503)
    expect(refused).toHaveLength(20)
    expect(refused[0]!.message).toBe('Too many concurrent requests! Allowed: 256.')
    const explained = answers.filter(({ status }) => status === 200).map(({ turn }) => turn)
    expect(new Set(explained).size).toBe(limits.waitingExplanations)
    await stack.close()
  })
})

describe('the path', () => {
  test('of an app whose own id ends in the word is that app, and its explanation is one further', async () => {
    const stack = await stackWith({ id: '/jobs/explain', cmd: 'sleep 1' })
    expect((await stack.send('GET', '/v2/apps/jobs/explain')).body).toMatchObject({
      app: { id: '/jobs/explain' },
    })
    const { body } = await stack.send('GET', '/v2/apps/jobs/explain/explain')
    expect(body).toMatchObject({ explanation: { id: '/jobs/explain' } })
    expect((await stack.send('DELETE', '/v2/apps/jobs/explain')).status).toBe(200)
    await stack.close()
  })

  test('of a pod has two colons, and a pod is no app', async () => {
    const stack = await startStack()
    const containers = [
      { name: 'a', exec: { command: { shell: 'sleep 1' } }, resources: { cpus: 20, mem: 32 } },
      { name: 'b', exec: { command: { shell: 'sleep 1' } }, resources: { cpus: 20, mem: 32 } },
    ]
    await stack.send('POST', '/v2/pods', { id: '/pair', containers })
    const { body } = await stack.send('GET', '/v2/pods/pair::explain')
    expect(body.explanation).toMatchObject({
      kind: 'pod',
      causes: [
        { causes: [{ causes: [{ changes: [{ change: 'cpus', atMost: 16, asks: 40.1 }] }, {}, {}] }] },
        {},
      ],
    })
    expect((await stack.send('GET', '/v2/apps/pair/explain')).status).toBe(404)
    await stack.close()
  })

  test('of a deployment tells what its step waits for, and is gone with it', async () => {
    const stack = await stackWith(big)
    const id = stack.view().deployments()[0]!.id
    const { body } = await stack.send('GET', `/v2/deployments/${id}/explain`)
    expect(body.explanation).toMatchObject({
      kind: 'deployment',
      step: 2,
      of: 2,
      causes: [
        { kind: 'action', action: 'ScaleApplication', runSpecId: '/big', causes: [{ kind: 'launch' }] },
      ],
    })
    await stack.send('DELETE', `/v2/deployments/${id}?force=true`)
    expect((await stack.send('GET', `/v2/deployments/${id}/explain`)).status).toBe(404)
    await stack.close()
  })
})
