// What a stranger does first: pastes the README's quick start into a shell, starts the server from a clone,
// installs the package.

import { spawn } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canHaveIsland, makeIsland } from './support/island.ts'
import { cgroupsOf, processesOf, taskProcesses } from './support/machine.ts'
import { cleanEnvironment, repository, runProgram } from './support/programs.ts'
import { useServers } from './support/server.ts'
import { until } from './support/until.ts'

const servers = useServers()
const isIslandPossible = canHaveIsland() || process.env['CI'] === 'true'

describe.runIf(isIslandPossible)("the README's quick start", () => {
  it('goes from nothing to a running, scaled and stopped service by copy and paste', async () => {
    const island = await makeIsland()
    servers.afterwards(island.remove)
    const server = await servers.start({ within: island.within, port: 8080, socketPath: island.socketPath })
    // As pasted, but an answer of 4xx or 5xx ends the shell.
    writeFileSync(
      join(island.folder, 'bin', 'curl'),
      '#!/bin/sh\nexec /usr/bin/curl -sS --fail-with-body "$@"\n',
      {
        mode: 0o755,
      },
    )
    const shell = openShell([...island.within, 'sh', '-e'], join(island.folder, 'bin'))
    servers.afterwards(shell.close)
    const blocks = quickStart()
    const steps: { readonly said: string; readonly running: number; readonly tasks: readonly string[] }[] = []
    for (const block of blocks) {
      const said = await shell.paste(block)
      const tasks = (await server.api.tasks()).filter((task) => task.state === 'TASK_RUNNING')
      steps.push({ said, running: taskProcesses(server.dataDir).length, tasks: tasks.map((task) => task.id) })
    }
    // Started (perhaps not up yet when curl returns), listed, read, scaled, one killed, stopped and deleted.
    expect(steps.slice(1).map((step) => step.tasks.length)).toEqual([2, 2, 5, 5, 0])
    const [created, listed, read, scaled, replaced, removed] = steps.map((step) => step.said)
    expect(JSON.parse(created!)).toMatchObject({ id: '/hello', instances: 2 })
    expect(listed).toMatch(/hello\t\d+\t(127\.0\.0\.1:\d+\t){2}$/m)
    expect(read).toMatch(/^(hello\.instance-\S+ .*\d\d:\d\d:\d\d.*\n)+$/m)
    expect(scaled).toMatch(/hello\t\d+\t(127\.0\.0\.1:\d+\t){5}$/m)
    expect(replaced).toMatch(/hello\t\d+\t(127\.0\.0\.1:\d+\t){5}$/m)
    expect(steps[4]!.tasks.filter((id) => !steps[3]!.tasks.includes(id))).toHaveLength(1)
    expect(removed).toContain('"tasks":[]')
    await until('the end of it', async () => (await server.api.get('/v2/apps')).body.apps.length === 0)
    expect(taskProcesses(server.dataDir)).toEqual([])
  })

  it('begins with npm start, which serves on 127.0.0.1:8080 and ends with Ctrl-C', async () => {
    const island = await makeIsland()
    servers.afterwards(island.remove)
    const dataDir = servers.dataDir()
    const command = [...island.within, 'npm', 'start', '--', '--data_dir', dataDir]
    const child = spawn(command[0]!, command.slice(1), {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: cleanEnvironment(),
      // Ctrl-C reaches the whole group.
      detached: true,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
    const ended = new Promise((resolve) => child.on('close', resolve))
    await until('the address', () => output.includes('Marathon is running at http://127.0.0.1:8080'), {
      withinMs: 30_000,
      seen: () => output,
    })
    expect((await island.shell('curl -sS http://127.0.0.1:8080/ping')).stdout).toBe('pong')
    process.kill(-child.pid!, 'SIGINT')
    await ended
    await until('its end', () => processesOf(dataDir).length === 0)
    expect(cgroupsOf(dataDir)).toEqual([])
  })
})

describe('npm pack', () => {
  it('gives a package that installs globally and runs as marathon server', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'marathon-package-'))
    servers.afterwards(() => rmSync(folder, { recursive: true }))
    const npm = async (...args: readonly string[]) => {
      const run = await runProgram(['npm', ...args], { cwd: repository, timeoutMs: 90_000 })
      expect({ args, code: run.code }, run.stderr).toEqual({ args, code: 0 })
    }
    await npm('pack', '--pack-destination', folder, '--loglevel=error')
    const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'))!
    await npm(
      'install',
      '-g',
      '--prefix',
      folder,
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      join(folder, archive),
    )

    // Nothing of the repository is needed any more: the program runs from its own place, by its name.
    const bin = join(folder, 'bin')
    mkdirSync(join(folder, 'links'))
    symlinkSync(join(bin, 'marathon'), join(folder, 'links', 'marathon'))
    const server = await servers.start({ program: join(folder, 'links', 'marathon') })
    expect(readFileSync(`/proc/${server.pid}/cmdline`, 'utf8')).toContain(
      `${folder}/lib/node_modules/marathon/`,
    )
    const added = await server.cli([
      'app',
      'add',
      '--id',
      'a',
      '--cmd',
      'exec sleep 1000',
      '--mem',
      '32',
      '--wait',
    ])
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ /a runs, 1 instance') })
    await server.processes(1)
    const files = await runProgram(['tar', '-tzf', join(folder, archive)])
    // Its threads run a program of the build, too.
    expect(files.stdout.split('\n')).toContain('package/dist/chunks/probe-worker.mjs')
    const odd = files.stdout
      .split('\n')
      .filter((name) => /(\.test\.|\/tests\/|\/src\/|\/dist\/(run|test-|try|tmp)|\/data\/)/.test(name))
    expect(odd).toEqual([])
  })
})

/** The fenced commands between the markers of the quick start. */
function quickStart(): readonly string[] {
  const readme = readFileSync(`${repository}README.md`, 'utf8')
  const section = /<!-- quick-start -->(.*)<!-- \/quick-start -->/s.exec(readme)?.[1] ?? ''
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1]!)
}

/** A shell that stays open, so that variables live from one pasted block to the next. */
function openShell([program, ...args]: readonly string[], bin: string) {
  const child = spawn(program!, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: cleanEnvironment({ PATH: `${bin}:${process.env['PATH']}` }),
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk))
  return {
    paste: async (block: string): Promise<string> => {
      const from = stdout.length
      child.stdin.write(`${block}\necho; echo pasted\n`)
      await until(
        'the pasted commands',
        () => {
          if (child.exitCode !== null) throw new Error(`${block}\nfailed: ${stdout.slice(from)} ${stderr}`)
          return stdout.slice(from).endsWith('\npasted\n')
        },
        { withinMs: 30_000, seen: () => stderr },
      )
      return stdout.slice(from, -'\npasted\n'.length)
    },
    close: () => {
      child.kill('SIGKILL')
    },
  }
}
