import { describe, expect, test } from 'vitest'
import { deploymentId, result } from './testing/examples.ts'
import { run, scriptedServer } from './testing/scripted-server.ts'

const other = '11111111-77aa-4d0e-9a41-0c3d8e2f6a10'
const call = `DELETE /v2/deployments/${other}`

async function cancel(
  words: readonly string[],
  reply: { readonly status?: number; readonly body?: unknown },
) {
  await using server = await scriptedServer({ [call]: reply, 'GET /v2/deployments': { body: [] } })
  const done = await run(['deployment', 'cancel', other, ...words], { url: server.url })
  return { ...done, asked: server.asked.map((one) => `${one.call}${one.query}`) }
}

describe('deployment cancel', () => {
  test('takes the changes back by another deployment', async () => {
    const { code, out, asked } = await cancel([], { body: result })
    expect({ code, asked }).toEqual({ code: 0, asked: [call] })
    expect(out).toContain(`Taking back what deployment ${other} has done (deployment ${deploymentId})`)
  })

  test('waits for that one', async () => {
    const { code, out } = await cancel(['--wait'], { body: result })
    expect({ code, isDone: out.includes('is taken back') }).toEqual({ code: 0, isDone: true })
  })

  test('with --force leaves things as they are', async () => {
    const { code, out, asked } = await cancel(['--force'], { status: 202 })
    expect({ code, asked }).toEqual({ code: 0, asked: [`${call}?force=true`] })
    expect(out).toContain('what it has done stays')
  })

  test('of one that does not run says where to look', async () => {
    const body = { message: `DeploymentPlan ${other} does not exist`, details: [] }
    const { code, err } = await cancel([], { status: 404, body })
    expect(code).toBe(4)
    expect(err).toContain('marathon deployment list')
  })
})

const paused = {
  id: other,
  steps: [{ actions: [{ action: 'RestartApplication', app: '/web' }] }],
  version: '2031-04-02T09:15:20.480Z',
  affectedApps: ['/web'],
  affectedPods: [],
  currentActions: [{ action: 'RestartApplication', app: '/web', readinessCheckResults: [] }],
  currentStep: 1,
  totalSteps: 1,
  paused: true,
  canary: [{ app: '/web', step: 1, steps: 2, instances: 1, waiting: true }],
}

describe('steering a deployment', () => {
  test.each([
    [['pause'], 'pause', 'is paused; what it has started goes on'],
    [['resume'], 'resume', 'goes on'],
    [['promote'], 'promote', 'goes on with its next step'],
    [['promote', '--all'], 'promote?all=true', 'goes on with its next step'],
  ])('%j asks for it', async (words, path, says) => {
    const [word, ...options] = words
    const answers = { [`POST /v2/deployments/${other}/${word}`]: { body: paused } }
    await using server = await scriptedServer(answers)
    const { code, out } = await run(['deployment', word!, other, ...options], { url: server.url })
    expect(server.asked.map((one) => `${one.call}${one.query}`)).toEqual([
      `POST /v2/deployments/${other}/${path}`,
    ])
    expect({ code, says: out.includes(`Deployment ${other} ${says}`) }).toEqual({ code: 0, says: true })
  })

  test('that cannot be steered says why', async () => {
    const message = `Deployment ${other} is not paused.`
    const answers = { [`POST /v2/deployments/${other}/resume`]: { status: 409, body: { message } } }
    await using server = await scriptedServer(answers)
    const { code, err } = await run(['deployment', 'resume', other], { url: server.url })
    expect(code).toBe(6)
    expect(err).toContain(message)
  })

  test('the list shows one that pauses', async () => {
    await using server = await scriptedServer({ 'GET /v2/deployments': { body: [paused] } })
    const { out } = await run(['deployment', 'list'], { url: server.url })
    expect(out).toContain('1/1 paused')
  })
})
