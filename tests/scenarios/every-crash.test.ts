// A deployment of each kind, with a server that dies between any two of its steps, and between any of its commits and
// what that released: it always comes to the end it would have come to (E12). The steps are those of the undisturbed
// run, so a kind that gets another step gets another crash.

import { describe, expect, test } from 'vitest'
import { runScript } from '../../sim/script.ts'

interface Kind {
  readonly name: string
  /** What is there before. */
  readonly before: readonly string[]
  readonly change: string
}

const port = '"portDefinitions": [{"name": "http", "port": 0}]'
const readiness = `${port}, "readinessChecks": [{"portName": "http", "intervalSeconds": 2, "timeoutSeconds": 1}]`
const health = `${port}, "healthChecks": [{"portIndex": 0, "intervalSeconds": 2, "timeoutSeconds": 1, "delaySeconds": 0}]`
const strategy = (min: number, over: number, more = '') =>
  `"upgradeStrategy": {"minimumHealthCapacity": ${min}, "maximumOverCapacity": ${over}${more}}`
const pod = (command: string, instances: number) =>
  `{"id": "/pair", "containers": [{"name": "a", "exec": {"command": {"shell": "${command}"}}, "resources": {"cpus": 0.1, "mem": 32}}, {"name": "b", "exec": {"command": {"shell": "${command}"}}, "resources": {"cpus": 0.1, "mem": 32}}], "scaling": {"kind": "fixed", "instances": ${instances}}}`
const group = (command: string) =>
  `put-group /shop {"apps": [{"id": "db", "cmd": "${command}"}, {"id": "web", "cmd": "${command}", "instances": 2, "dependencies": ["db"]}]}`
const app = (...fields: string[]) => `post {"id": "/web", "cmd": "v1", ${fields.join(', ')}}`

const kinds: readonly Kind[] = [
  { name: 'start', before: [], change: app('"instances": 3') },
  {
    name: 'start with a readiness check',
    before: [],
    change: `post {"id": "/web", "cmd": "ready after 3 s", ${readiness}}`,
  },
  { name: 'scale up', before: [app('"instances": 1')], change: 'put /web {"instances": 3}' },
  { name: 'scale down', before: [app('"instances": 4')], change: 'put /web {"instances": 1}' },
  { name: 'stop', before: [app('"instances": 3')], change: 'delete /web' },
  { name: 'restart', before: [app('"instances": 2')], change: 'restart /web' },
  {
    name: 'restart, one over at a time',
    before: [app('"instances": 3', strategy(1, 0))],
    change: 'put /web {"cmd": "v2"}',
  },
  {
    name: 'restart, half at once',
    before: [app('"instances": 4', strategy(0.5, 0))],
    change: 'put /web {"cmd": "v2"}',
  },
  {
    name: 'restart with health and readiness checks',
    before: [app('"instances": 2', strategy(0.5, 0), health, readiness.slice(port.length + 2))],
    change: 'put /web {"cmd": "ready after 3 s"}',
  },
  {
    name: 'restart with canaries',
    before: [
      app(
        '"instances": 3',
        strategy(
          1,
          0,
          ', "canarySteps": [{"instances": 1, "pauseSeconds": 5}, {"instances": 2, "pauseSeconds": 5}]',
        ),
      ),
    ],
    change: 'put /web {"cmd": "v2"}',
  },
  {
    name: 'roll back for want of progress',
    before: [app('"instances": 2', strategy(0.5, 0, ', "progressDeadlineSeconds": 5'))],
    change: 'put /web {"cmd": "stuck"}',
  },
  { name: 'start of a pod', before: [], change: `post-pod ${pod('v1', 2)}` },
  { name: 'restart of a pod', before: [`post-pod ${pod('v1', 2)}`], change: `put-pod /pair ${pod('v2', 2)}` },
  { name: 'stop of a pod', before: [`post-pod ${pod('v1', 2)}`], change: 'delete-pod /pair' },
  { name: 'change of a group with dependencies', before: [group('v1')], change: group('v2') },
  { name: 'stop of a group', before: [group('v1')], change: 'delete-group /shop' },
]

/** Long enough for every kind to end, also when it begins again after a crash. */
const toTheEnd = 'run 10m'
const look = ['instances', 'deployments', 'running']

const run = (...commands: readonly string[]): string[] =>
  runScript(commands.join('\n')).split('\n----\n')[1]!.trim().split('\n')

/** What is at the end, whatever the instances are called and wherever they run. */
function endOf(lines: readonly string[]): string[] {
  return lines
    .slice(lines.findLastIndex((line) => /^(\+|\s)/.test(line)) + 1)
    .map((line) =>
      /^agent-/.test(line)
        ? `running: ${line.split(', ').length}`
        : line
            .replace(/#\d+/, '')

            .replace(/ launch \d+.*/, ''),
    )
    .filter((line) => !line.startsWith('running'))
    .sort()
}

const countOf = (lines: readonly string[]): number =>
  lines.filter((line) => /^agent-/.test(line)).reduce((sum, line) => sum + line.split(', ').length, 0)

const launchesOf = (lines: readonly string[]): number =>
  lines.flatMap((line) => (line.includes('> accept ') ? (line.match(/#/g) ?? []) : [])).length

/** The moments, in seconds from the change on, at which something was decided. */
function momentsOf(lines: readonly string[], from: number): number[] {
  const moments = new Set<number>()
  for (const line of lines) {
    const at = Number(/^\+([\d.]+) /.exec(line)?.[1])
    if (at >= from) moments.add(Math.round((at - from) * 1_000))
  }
  return [...moments].filter((ms) => ms < 30_000)
}

describe.each(kinds)('a server that dies during: $name', ({ before, change }) => {
  const settled = before.length === 0 ? [] : [...before, 'run 20s']
  const from = before.length === 0 ? 0 : 20
  const undisturbed = run(...settled, change, toTheEnd, ...look)
  const moments = momentsOf(undisturbed, from)

  test('has steps to die between, and an end', () => {
    expect(moments.length).toBeGreaterThan(1)
    expect(undisturbed).toContain('none')
    console.log(JSON.stringify(endOf(undisturbed)), countOf(undisturbed), moments.join())
  })

  test.each(moments)('the step after %i ms is the last of its life', (ms) => {
    const crash = ms === 0 ? ['crash'] : [`run ${ms}ms`, 'crash']
    const disturbed = run(...settled, change, ...crash, toTheEnd, ...look)
    // What was launched goes on: nothing of it is launched again.
    expect(launchesOf(disturbed)).toBe(launchesOf(undisturbed))
    expect(endOf(disturbed)).toEqual(endOf(undisturbed))
    expect(countOf(disturbed)).toBe(countOf(undisturbed))
  })

  test.each(moments.filter((ms) => ms > 0))(
    'it dies with the commit of %i ms, before anything leaves',
    (ms) => {
      const disturbed = run(...settled, change, `run ${ms - 1}ms`, 'crash-at-commit', toTheEnd, ...look)
      expect(endOf(disturbed)).toEqual(endOf(undisturbed))
      expect(countOf(disturbed)).toBe(countOf(undisturbed))
    },
  )
})
