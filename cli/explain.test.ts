import { describe, expect, test } from 'vitest'
import { deploymentId } from './testing/examples.ts'
import { run, type Script, scriptedServer } from './testing/scripted-server.ts'

const cause = (kind: string, message: string, ...causes: object[]) => ({ kind, message, causes })

const stuck = {
  explanation: {
    kind: 'app',
    id: '/shop/web',
    isWell: false,
    text: '0 of 1 instance of /shop/web run.',
    causes: [
      cause(
        'launch',
        '1 of 1 instance of /shop/web waits for a launch since 09:00.',
        cause(
          'no-match',
          'None of 2 agents takes an instance: too little mem (2).',
          cause('if', 'It fits on 1 of 2 agents if mem <= 896 (it asks for 1024).'),
          cause('agent', 'n1: mem 896 of 1024.'),
        ),
      ),
      cause('under-deployment', 'Deployment 5b0f is changing it, in step 2 of 2.'),
    ],
  },
}
const well = { explanation: { ...stuck.explanation, isWell: true, text: 'All is well.', causes: [] } }
const unknown = { status: 404, body: { message: 'not there', details: [] } }

async function explain(script: Script, argv: readonly string[], options: { isTTY?: boolean } = {}) {
  await using server = await scriptedServer(script)
  const done = await run(['explain', ...argv], { url: server.url, ...options })
  return { ...done, asked: server.asked.map(({ call }) => call) }
}

describe('explain', () => {
  test('draws the causes as a tree, and exits with 1', async () => {
    const { code, out } = await explain({ 'GET /v2/apps/shop/web/explain': { body: stuck } }, ['shop/web'])
    expect(code).toBe(1)
    expect(out).toMatchInlineSnapshot(`
      "● 0 of 1 instance of /shop/web run.
        ├─ 1 of 1 instance of /shop/web waits for a launch since 09:00.
        │  └─ None of 2 agents takes an instance: too little mem (2).
        │     ├─ It fits on 1 of 2 agents if mem <= 896 (it asks for 1024).
        │     └─ n1: mem 896 of 1024.
        └─ Deployment 5b0f is changing it, in step 2 of 2.
      "
    `)
  })

  test('of what is as it shall be is one line, and exits with 0', async () => {
    const { code, out } = await explain({ 'GET /v2/apps/shop/web/explain': { body: well } }, ['/shop/web'])
    expect({ code, out }).toEqual({ code: 0, out: '✓ All is well.\n' })
  })

  test('shows what would help in another colour than what stands in the way', async () => {
    const script = { 'GET /v2/apps/shop/web/explain': { body: stuck } }
    const { out } = await explain(script, ['shop/web'], { isTTY: true })
    expect(out).toContain('\u001b[31mNone of 2 agents takes an instance: too little mem (2).\u001b[0m')
    expect(out).toContain('\u001b[32mIt fits on 1 of 2 agents')
  })

  test('looks for a pod where there is no app', async () => {
    const script = { 'GET /v2/apps/pair/explain': unknown, 'GET /v2/pods/pair::explain': { body: well } }
    const { code, asked } = await explain(script, ['pair'])
    expect({ code, asked }).toEqual({ code: 0, asked: Object.keys(script) })
  })

  test('takes what looks like the id of a deployment for one', async () => {
    const call = `GET /v2/deployments/${deploymentId}/explain`
    const { code, asked } = await explain({ [call]: { body: stuck } }, [deploymentId])
    expect({ code, asked }).toEqual({ code: 1, asked: [call] })
  })

  test('says what there is instead of what there is not', async () => {
    const { code, err } = await explain({}, ['/none'])
    expect(code).toBe(4)
    expect(err).toContain('There is no app or pod /none')
    expect(err).toContain('marathon app list')
    const over = await explain({}, [deploymentId])
    expect(over.code).toBe(4)
    expect(over.err).toContain(`No deployment ${deploymentId} runs`)
  })

  test('gives scripts the answer of the server', async () => {
    const script = { 'GET /v2/apps/shop/web/explain': { body: stuck } }
    const { out } = await explain(script, ['shop/web', '-o', 'json'])
    expect(JSON.parse(out)).toEqual(stuck)
  })
})
