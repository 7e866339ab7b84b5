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
