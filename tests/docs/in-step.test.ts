// The documentation keeps in step with the code: generated pages are what would be generated, links lead somewhere,
// ticks of the parity checklist name tests that exist, the README needs two commands and no more.

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openApiDocument } from '../../src/http/openapi/document.ts'
import { problemsOf, readApp } from '../support/normalise.ts'
import { root, textOf, trackedFiles } from '../support/repository.ts'
import { renderFlagsPage } from './flags-page.ts'
import { renderWireTypes } from './wire-types.ts'

const paths = trackedFiles().map(({ path }) => path)
const known = new Set(paths)
const pages = paths.filter((path) => path.endsWith('.md') && !path.startsWith('tests/corpus/'))

describe('generated pages', () => {
  it('docs/reference/flags.md is the table of flags; UPDATE_DOCS=1 writes it anew', () => {
    const path = join(root, 'docs/reference/flags.md')
    const page = renderFlagsPage()
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, page)
    expect(readFileSync(path, 'utf8')).toBe(page)
  })
})

describe('generated types', () => {
  it('client/wire.ts is what the API is described as; UPDATE_DOCS=1 writes it anew', () => {
    const path = join(root, 'client/wire.ts')
    const { components } = openApiDocument('') as unknown as {
      components: { schemas: Parameters<typeof renderWireTypes>[0] }
    }
    const biome = join(root, 'node_modules/.bin/biome')
    const formatted = spawnSync(biome, ['format', `--stdin-file-path=${path}`], {
      cwd: root,
      input: renderWireTypes(components.schemas),
      encoding: 'utf8',
    })
    expect([formatted.status, formatted.stderr]).toEqual([0, ''])
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, formatted.stdout)
    expect(readFileSync(path, 'utf8')).toBe(formatted.stdout)
  })
})

describe('links', () => {
  it('lead to files and headings that exist', () => {
    const broken = pages.flatMap((path) =>
      linksOf(textOf(path)).flatMap((link) => {
        if (/^[a-z]+:/.test(link)) return []
        const [file, heading] = link.split('#') as [string, string | undefined]
        const target =
          file === '' ? path : posix.normalize(posix.join(dirname(path), file)).replace(/\/$/, '')
        const isFolder = paths.some((each) => each.startsWith(`${target}/`))
        if (!known.has(target) && !isFolder) return [`${path}: ${link} leads nowhere`]
        if (heading === undefined || !target.endsWith('.md')) return []
        return headingsOf(textOf(target)).has(heading)
          ? []
          : [`${path}: ${target} has no heading #${heading}`]
      }),
    )
    expect(broken).toEqual([])
  })

  it('reach every page of docs/ from README.md', () => {
    const reached = new Set(['README.md'])
    for (const path of reached) {
      for (const link of linksOf(textOf(path))) {
        const target = posix.normalize(posix.join(dirname(path), link.split('#')[0]!)).replace(/\/$/, '')
        // A link to a folder shows the list of its pages.
        for (const page of pages) if (page === target || dirname(page) === target) reached.add(page)
      }
    }
    const lost = pages.filter((path) => path.startsWith('docs/') && !reached.has(path))
    expect(lost.map((path) => `${path}: no page leads here; link it where a reader would look`)).toEqual([])
  })
})

describe('docs/parity.md', () => {
  const rows = textOf('docs/parity.md')
    .split('\n')
    .filter((line) => /^\| [A-Z]+\d+ /.test(line))
  const done = rows.map((row) => ({ id: row.split('|')[1]!.trim(), done: row.split('|').at(-2)!.trim() }))

  it('has 271 rows with an id of their own', () => {
    expect(new Set(done.map(({ id }) => id)).size).toBe(271)
    expect(rows).toHaveLength(271)
  })

  it('ticks a row only by naming a test of ours that exists', () => {
    const wrong = done.flatMap((row) => {
      if (row.done === '[ ]') return []
      const named = /^\[x\] ((?:[\w./-]+\.test\.ts)(?:, [\w./-]+\.test\.ts)*)$/.exec(row.done)?.[1]
      if (named === undefined)
        return [`${row.id}: '${row.done}'; expected [ ], or [x] and the test files that show it`]
      return named
        .split(', ')
        .filter((path) => !known.has(path))
        .map((path) => `${row.id}: there is no ${path}`)
    })
    expect(wrong).toEqual([])
  })
})

describe('README.md', () => {
  const readme = textOf('README.md')

  it('needs exactly two commands to set up: npm start and npm test', () => {
    const commands = blocksOf(readme)
      .flatMap((block) => block.text.split('\n'))
      .flatMap(
        (line) =>
          /^\s*(?:\$ )?((?:npm|npx|yarn|pnpm|make|apt(?:-get)?|sudo|pip|docker)\b.*)$/.exec(line)?.[1] ?? [],
      )
      .map((command) => command.replace(/ (--|#).*$/, '').trim())
    expect([...new Set(commands)].sort()).toEqual(['npm start', 'npm test'])
  })

  it('has a quick start that needs curl and a shell and nothing else', () => {
    const quickStart = /<!-- quick-start -->(.*)<!-- \/quick-start -->/s.exec(readme)?.[1] ?? ''
    const blocks = blocksOf(quickStart)
    expect(blocks.length).toBeGreaterThanOrEqual(5)
    expect(blocks.map((block) => block.language)).toEqual(blocks.map(() => 'sh'))
    const words = blocks.flatMap(({ text }) => {
      const script = text.replace(/'[^']*'/g, "''")
      return [...script.matchAll(/(?:^|\$\(|[|;&] *)([a-z]+)(?= )/gm)].map((match) => match[1]!)
    })
    expect([...new Set(words)].filter((word) => !['curl', 'sed', 'sleep'].includes(word))).toEqual([])
  })
})

describe('app definitions in the documentation', () => {
  const definitions = pages.flatMap((path) =>
    blocksOf(textOf(path))
      .filter((block) => block.language === 'json' && /^\s*\{\s*"id"/.test(block.text))
      .map((block) => ({ path, text: block.text })),
  )

  it('are there', () => {
    expect(definitions.length).toBeGreaterThan(0)
  })

  it.each(definitions)('are accepted: $path', ({ text }) => {
    expect(problemsOf(readApp(JSON.parse(text)))).toEqual([])
  })
})

describe('docs/decisions', () => {
  const records = paths.filter((path) => /^docs\/decisions\/\d/.test(path)).sort()

  it('are numbered without gaps, and have context, options, decision and consequences', () => {
    expect(records.map((path) => Number(/(\d{4})-/.exec(path)![1]))).toEqual(
      records.map((_, index) => index + 1),
    )
    const wrong = records.flatMap((path) =>
      ['## Context', '## Options', '## Decision', '## Consequences']
        .filter((heading) => !textOf(path).includes(`\n${heading}\n`))
        .map((heading) => `${path}: has no ${heading}`),
    )
    expect(wrong).toEqual([])
  })
})

interface Block {
  readonly language: string
  readonly text: string
}

function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => ({
    language: match[1]!,
    text: match[2]!,
  }))
}

/** Links of the text, not those in code. */
function linksOf(page: string): readonly string[] {
  const prose = page.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!)
}

function headingsOf(page: string): ReadonlySet<string> {
  const slugs = [...page.matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return new Set(slugs)
}
