// One test per scenario file: what the server did is what the file says. `UPDATE=1` writes the files anew; the
// difference is then read like code.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runScript } from '../../sim/script.ts'

const folder = import.meta.dirname
const isUpdating = process.env['UPDATE'] === '1'

for (const file of readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .sort()) {
  test(file.replace('.txt', '').replaceAll('-', ' '), () => {
    const path = join(folder, file)
    const expected = readFileSync(path, 'utf8')
    const actual = runScript(expected)
    if (isUpdating) writeFileSync(path, actual)
    else expect(actual).toBe(expected)
  })
}
