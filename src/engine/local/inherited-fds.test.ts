import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { open } from 'lmdb'
import { afterAll, expect, test } from 'vitest'
import { inheritableFds, withoutInheritedFds } from './inherited-fds.ts'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'marathon-fds-'))
const store = open({ path: path.join(folder, 'store.mdb') })

afterAll(async () => {
  await store.close()
  fs.rmSync(folder, { recursive: true })
})

const listOwnFds = ['-c', 'ls -l /proc/$$/fd']

async function outputOf(start: () => ReturnType<typeof spawn>): Promise<string> {
  const child = start()
  let output = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await new Promise((resolve) => child.on('close', resolve))
  return output
}

test('the file of the store is closed to what the server starts, and open to what it would start otherwise', async () => {
  expect(inheritableFds().length).toBeGreaterThan(0)
  expect(spawnSync('/bin/sh', listOwnFds, { encoding: 'utf8' }).stdout).toContain('store.mdb')
  const output = await outputOf(() =>
    withoutInheritedFds(['ignore', 'pipe', 'ignore'], (stdio) => spawn('/bin/sh', listOwnFds, { stdio })),
  )
  expect(output).toContain('/dev/null')
  expect(output).not.toContain('store.mdb')
})
