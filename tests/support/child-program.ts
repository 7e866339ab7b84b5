// Programs of ours that run in a process of their own, because the test kills, traces or starves it.

import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface ChildProgram {
  readonly path: string
  remove(): void
}

/**
 * Bundles a file of this repository so that plain Node runs it. The place is inside the repository, for node_modules.
 */
export async function bundleProgram(entry: string): Promise<ChildProgram> {
  mkdirSync(join(root, 'dist'), { recursive: true })
  const folder = mkdtempSync(join(root, 'dist', 'test-'))
  const path = join(folder, 'program.mjs')
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: path,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  })
  return { path, remove: () => rmSync(folder, { recursive: true }) }
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** What it wrote to stdout, line by line. */
  readonly lines: readonly string[]
  readonly stderr: string
}

/** Runs a command until it ends. `onLine` sees each whole line of stdout as it comes, and may kill. */
export function run(
  command: readonly [string, ...string[]],
  options: {
    readonly env?: Readonly<Record<string, string>>
    readonly onLine?: (line: string, kill: () => void) => void
  } = {},
): Promise<Ended> {
  const [program, ...args] = command
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  })
  const lines: string[] = []
  let rest = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) {
      lines.push(line)
      options.onLine?.(line, () => child.kill('SIGKILL'))
    }
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, lines, stderr }))
  })
}

/**
 * Whether a test that needs this program or right may be skipped: it may where it is missing, except in CI, where a
 * skip would hide that nobody runs the test.
 */
export function maySkip(probe: readonly [string, ...string[]]): boolean {
  const [program, ...args] = probe
  return process.env['CI'] !== 'true' && spawnSync(program, args).status !== 0
}
