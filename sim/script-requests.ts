// What users ask for in a scenario, as requests.

import type { Request, TaskSelection } from '../src/core/requests.ts'
import { noSuchCommand, type ScriptLine } from './script-line.ts'

const origin = { clientIp: '10.0.0.99', uri: '/v2/apps' }
const podOrigin = { clientIp: '10.0.0.99', uri: '/v2/pods' }

/** What the names of a scenario stand for. */
export interface ScriptNames {
  readonly taskOf: (name: string) => string
  readonly instanceOf: (name: string) => string
  readonly deploymentOf: (name: string) => string
}

/** @throws Error when it is no such command */
export function requestOf(line: ScriptLine, { taskOf, instanceOf, deploymentOf }: ScriptNames): Request {
  const { command, words, rest } = line
  const id = words[0] ?? ''
  const force = words.includes('force')
  const body = (): unknown => JSON.parse(rest.slice(rest.indexOf('{'), rest.lastIndexOf('}') + 1))
  const selection = (): TaskSelection =>
    id.includes('#') || id.includes('.') ? { kind: 'tasks', taskIds: [taskOf(id)] } : { kind: 'app', id }
  switch (command) {
    case 'post':
      return { kind: 'create-app', body: body(), force, origin }
    case 'put':
      return { kind: 'update-app', id, body: body(), mode: 'partial', force, origin }
    case 'put-all':
      return {
        kind: 'update-apps',
        body: JSON.parse(rest.slice(0, rest.lastIndexOf(']') + 1)),
        mode: 'partial',
        force,
      }
    case 'delete':
      return { kind: 'remove-app', id, force }
    case 'restart':
      return { kind: 'restart-app', id, force }
    case 'post-pod':
      return { kind: 'create-pod', body: body(), force, origin: podOrigin }
    case 'put-pod':
      return { kind: 'update-pod', id, body: body(), force, origin: podOrigin }
    case 'delete-pod':
      return { kind: 'remove-pod', id, force, origin: podOrigin }
    case 'post-group':
      return { kind: 'create-group', id, body: body(), force }
    case 'put-group':
      return { kind: 'update-group', id, body: body(), force }
    case 'delete-group':
      return { kind: 'remove-group', id, force }
    case 'kill':
      return words.includes('scale')
        ? { kind: 'kill-and-scale', selection: selection(), force }
        : { kind: 'kill-tasks', selection: selection(), wipe: words.includes('wipe') }
    case 'kill-instance': {
      const selection = {
        kind: 'instances',
        runSpecId: id.split('#')[0]!,
        instanceIds: [instanceOf(id)],
      } as const
      return { kind: 'kill-tasks', selection, wipe: words.includes('wipe') }
    }
    case 'reset-delay':
      return { kind: 'reset-delay', id }
    case 'cancel':
      return { kind: 'cancel-deployment', id: deploymentOf(id), force }
    case 'pause':
      return { kind: 'pause-deployment', id: deploymentOf(id) }
    case 'resume':
      return { kind: 'resume-deployment', id: deploymentOf(id) }
    case 'promote':
      return { kind: 'promote-deployment', id: deploymentOf(id), all: words.includes('all') }
    default:
      return noSuchCommand(`${command} ${rest}`)
  }
}
