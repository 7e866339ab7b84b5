// Bundles the server and the command line into dist/. Also bundles any one entry for tools/run.mjs.

import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * lmdb loads a prebuilt native library from its own folder, so it stays outside the bundle. The others are parts of
 * the web framework that our configuration never reaches, and half a megabyte that every start would have to parse.
 */
const external = [
  'lmdb',
  // Of the simulator's mutations, which bundle themselves.
  'esbuild',
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  'light-my-request',
]

// Some bundled libraries are CommonJS and call require at run time.
const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

/**
 * With the files for browsers and the program of the thread that asks tasks how they are: the server looks for both
 * beside its chunks.
 *
 * @param {Record<string, string>} entryPoints output name → source file
 */
export async function bundle(entryPoints, outdir = join(root, 'dist')) {
  mkdirSync(outdir, { recursive: true })
  cpSync(join(root, 'public'), join(outdir, 'public'), { recursive: true })
  await Promise.all([
    buildInto(outdir, { entryPoints, splitting: true }),
    // A program of its own in one file: shared with it, what the server needs would be in more files than it is.
    buildInto(outdir, { entryPoints: { 'chunks/probe-worker': 'src/probes/worker.ts' } }),
  ])
}

function buildInto(outdir, options) {
  return build({
    absWorkingDir: root,
    ...options,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external,
    banner: { js: banner },
    loader: { '.sh': 'text' },
    // Positions alone: the map is read at every start.
    sourcemap: true,
    sourcesContent: false,
    // Every start parses all of it. Names stay, so that stack traces read well even without the map.
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // For a package: nothing of earlier builds may be in it.
  if (process.argv.includes('--clean')) {
    for (const made of ['chunks', 'public'])
      rmSync(join(root, 'dist', made), { recursive: true, force: true })
  }
  await bundle({ marathon: 'src/main.ts' })
}
