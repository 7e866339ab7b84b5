// The simulator with the core it runs, bundled into a folder of its own, with a mutation or without. The files of the
// repository are read and stay as they are.

import { readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type { drawDay, drawOptions } from '../draw.ts'
import type { runSeed } from '../swarm.ts'
import type { Edit } from './mutation.ts'

/** What a bundle of the simulator brings. Its classes are its own: what it throws is known by its name alone. */
export interface Subject {
  readonly runSeed: typeof runSeed
  readonly drawOptions: typeof drawOptions
  readonly drawDay: typeof drawDay
}

/**
 * @param root of the repository
 * @param outdir of the caller's, who removes it
 * @throws Error naming the edit whose text is not found exactly once
 */
export async function bundleMutant(
  name: string,
  edits: readonly Edit[],
  { root, outdir }: { readonly root: string; readonly outdir: string },
): Promise<Subject> {
  for (const edit of edits) mutated(edit, readFileSync(join(root, edit.file), 'utf8'))
  const outfile = join(outdir, `${name}.mjs`)
  await build({
    stdin: {
      contents: `export { runSeed } from './sim/swarm.ts'
export { drawDay, drawOptions } from './sim/draw.ts'`,
      resolveDir: root,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    plugins: [editing(edits, root)],
  })
  return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Subject
}

function editing(edits: readonly Edit[], root: string): Plugin {
  return {
    name: 'mutation',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const file = relative(root, path).split(sep).join('/')
        const own = edits.filter((edit) => edit.file === file)
        if (own.length === 0) return undefined
        const contents = own.reduce((text, edit) => mutated(edit, text), readFileSync(path, 'utf8'))
        return { contents, loader: 'ts' }
      })
    },
  }
}

/** @throws Error when the text is not there exactly once: the code has changed, and the mutation has to follow. */
function mutated({ file, find, replace }: Edit, text: string): string {
  const count = text.split(find).length - 1
  if (count !== 1)
    throw new Error(
      `the mutation of ${file} is out of date: its text is there ${count} times, not once:\n${find}`,
    )
  return text.replace(find, () => replace)
}
