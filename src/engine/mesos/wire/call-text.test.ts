import { expect, test } from 'vitest'
import { callText } from './call-text.ts'
import type { Call } from './calls.ts'

const acknowledgement = (taskId: string, agentId = 'a-S1'): Call => ({
  framework_id: { value: 'f-0000' },
  type: 'ACKNOWLEDGE',
  acknowledge: { agent_id: { value: agentId }, task_id: { value: taskId }, uuid: 'aGk+/w==' },
})

test.each([
  ['an acknowledgement', acknowledgement('web.instance-1._app.1')],
  ['an acknowledgement of odd ids', acknowledgement('a"b\\c\n\u2028é\ud800', '')],
  ['anything else', { framework_id: { value: 'f' }, type: 'REVIVE', revive: { roles: ['dev'] } } as Call],
])('%s is the JSON of its call', (_, call) => {
  expect(callText(call)).toBe(JSON.stringify(call))
})
