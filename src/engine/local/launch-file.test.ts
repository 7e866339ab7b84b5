import { describe, expect, it } from 'vitest'
import type { CommandInfo } from '../../core/mesos.ts'
import { argvOf, environmentOf, quote, renderLaunchFile } from './launch-file.ts'

const command = (more: Partial<CommandInfo>): CommandInfo => ({
  shell: false,
  environment: [],
  uris: [],
  ...more,
})
const launch = {
  sandbox: '/data/s',
  logs: '/data/l',
  cgroup: {
    procs: ['/c/a/cgroup.procs', '/c/b/cgroup.procs'],
    members: ['/c/a/cgroup.procs'],
    killFile: '/c/a/cgroup.kill',
    freezer: '',
  },
  argv: ['/bin/sh', '-c', "echo 'it'"],
  environment: [['A', '1 2']] as const,
}

describe('the argument list', () => {
  it.each([
    ['a shell line', command({ shell: true, value: 'sleep 1; echo' }), ['/bin/sh', '-c', 'sleep 1; echo']],
    ['args', command({ arguments: ['sleep', '1'] }), ['sleep', '1']],
    [
      'args with the first as value too',
      command({ value: 'sleep', arguments: ['sleep', '1'] }),
      ['sleep', '1'],
    ],
  ])('of %s', (_, given, argv) => {
    expect(argvOf(given)).toEqual({ ok: true, value: argv })
  })

  it.each([
    [command({ shell: true, value: '' }), 'The command is empty: neither cmd nor args is given'],
    [command({}), 'The command is empty: neither cmd nor args is given'],
    [command({ arguments: ['a=b'] }), 'Cannot execute "a=b": the name of the program contains "="'],
  ])('is refused where there is none', (given, error) => {
    expect(argvOf(given)).toEqual({ ok: false, error })
  })
})

describe('the environment', () => {
  it('is that of the task info with a PATH before and the sandbox after it', () => {
    const environment = [
      { name: 'PATH', value: '/mine' },
      { name: 'MESOS_SANDBOX', value: 'forged' },
      { name: 'X', value: '' },
    ]
    expect(environmentOf(command({ environment }), '/data/s')).toEqual([
      ['PATH', '/mine'],
      ['MESOS_SANDBOX', '/data/s'],
      ['X', ''],
    ])
  })
})

describe('the launch file', () => {
  it('is read by a shell that interprets nothing of it', () => {
    expect(renderLaunchFile(launch)).toEqual({
      ok: true,
      value: `sandbox='/data/s'
log='/data/l'
procs='/c/a/cgroup.procs /c/b/cgroup.procs'
members='/c/a/cgroup.procs'
kill_file='/c/a/cgroup.kill'
freezer=''
set -- 'setsid' 'env' $reset -i -- 'A=1 2' '/bin/sh' '-c' 'echo '\\''it'\\'''
`,
    })
  })

  it('changes to the user with its groups', () => {
    const text = renderLaunchFile({ ...launch, user: { name: 'web', uid: 33, gid: 34 } })
    expect(text.ok && text.value).toContain(
      "set -- 'setsid' 'setpriv' '--reuid=33' '--regid=34' '--init-groups' '--' 'env' $reset -i --",
    )
  })

  it.each([
    [{ environment: [['A', 'x\0']] as const }, 'The command or its environment contains a NUL character'],
    [{ environment: [['', 'x']] as const }, '"" cannot be the name of an environment variable'],
    [{ environment: [['A=B', 'x']] as const }, '"A=B" cannot be the name of an environment variable'],
    [
      { argv: ['x'.repeat(200_000)] },
      `"${'x'.repeat(40)}…" is too long to be passed to a process: 200000 bytes, at most 131071`,
    ],
    [
      { argv: Array.from({ length: 20 }, () => 'y'.repeat(100_000)) },
      'The command and its environment are too long: 2000194 bytes, at most 1572864',
    ],
  ])('is refused where the kernel would refuse it', (more, error) => {
    expect(renderLaunchFile({ ...launch, ...more })).toEqual({ ok: false, error })
  })
})

it.each([
  ['', "''"],
  ["'", "''\\'''"],
  ['$(rm) `x` \\ "', "'$(rm) `x` \\ \"'"],
])('quotes %j', (word, quoted) => {
  expect(quote(word)).toBe(quoted)
})
