import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { createRunner } from './command.ts'
import { completionScript } from './complete.ts'
import { exitCodes } from './exit-codes.ts'
import { buildProgram, commandsOf } from './program.ts'
import { renderReference } from './reference.ts'
import { run } from './testing/scripted-server.ts'

const io = { stdout: { write: () => {} }, stderr: { write: () => {} }, env: {}, isTTY: false, columns: 80 }
const program = buildProgram(
  createRunner(io, () => {}),
  { out: () => {}, err: () => {}, columns: 80 },
)
const page = new URL('../docs/reference/cli.md', import.meta.url)

describe('the reference page', () => {
  test('is what the commands are', async () => {
    await expect(renderReference(program)).toMatchFileSnapshot(page.pathname)
  })

  test('has a heading for every command, every option and every exit code', async () => {
    const text = await readFile(page, 'utf8')
    for (const { command, path } of commandsOf(program)) {
      if (command.commands.length === 0) expect(text).toContain(`\n### ${path}\n`)
      for (const option of command.options)
        if (option.long !== '--version') expect(text).toContain(`| \`${option.flags}\``)
    }
    for (const code of Object.values(exitCodes)) expect(text).toContain(`\n| ${code} | `)
  })
})

describe('help', () => {
  test.each(commandsOf(program).map(({ path }) => path))('%s --help', async (path) => {
    const { code, out, err } = await run([...path.split(' ').slice(1), '--help'])
    if (path === 'marathon server') return expect(err).toContain('it has no server in it')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    return expect(out).toContain(`Usage: ${path}`)
  })

  test('every command has a description', () => {
    for (const { command, path } of commandsOf(program)) expect(command.description(), path).not.toBe('')
  })

  test('a noun alone shows its verbs and is wrong use', async () => {
    const { code, err } = await run(['app'])
    expect(code).toBe(2)
    expect(err).toContain('scale [options] <id> <instances>')
  })

  test('--version prints the version of the package', async () => {
    const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
    expect(await run(['--version'])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' })
  })
})

describe('completion', () => {
  const complete = (...words: string[]) => {
    const set = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`
    const script = `${completionScript(program, 'bash')}\n${set}\n_marathon\nprintf '%s\\n' "\${COMPREPLY[@]}"`
    return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim().split('\n')
  }

  test.each([
    [['marathon', 'de'], ['deployment']],
    [
      ['marathon', 'app', 're'],
      ['restart', 'remove'],
    ],
    [['marathon', 'app', 'scale', '/x', '--fo'], ['--force']],
    [['marathon', 'app', 'scale', '--ur'], ['--url']],
    [['marathon', 'nonsense', 'task', 'k'], ['kill']],
  ])('%j gives %j', (words, expected) => {
    expect(complete(...words)).toEqual(expected)
  })

  test('is printed for each shell', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, out } = await run(['completion', shell])
      expect({ code, isLong: out.length > 1000 }).toEqual({ code: 0, isLong: true })
    }
    expect((await run(['completion', 'tcsh'])).code).toBe(2)
  })
})
