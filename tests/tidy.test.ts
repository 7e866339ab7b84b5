// Our own rules, as a test over the files git tracks: who may import whom, what the core must not know, names, sizes,
// dead files. STYLE.md argues for each. A message says what to do instead; docs/ has its own rules in tests/docs.

import { basename, dirname, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { limits } from '../src/lib/limits.ts'
import { codeOf, importsOf, textOf, trackedFiles } from './support/repository.ts'

const files = trackedFiles()
const paths = files.map(({ path }) => path)
const isTest = (path: string): boolean =>
  /\.(test|contract|model)\.ts$/.test(path) || path.startsWith('tests/')
const typescript = paths.filter((path) => path.endsWith('.ts'))
const sources = paths.filter((path) => /\.(ts|mjs)$/.test(path))
const production = typescript.filter((path) => !isTest(path) && /^(src|cli|client|sim)\//.test(path))
const core = production.filter((path) => /^src\/(lib|spec|core)\//.test(path))

/** Every line of these files that the rule objects to, with what to do instead. */
function lines(
  among: readonly string[],
  rule: (line: string, path: string) => string | undefined,
  read: (path: string) => string = textOf,
): string[] {
  return among.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) => {
        const advice = rule(line, path)
        return advice === undefined ? [] : [`${path}:${index + 1}: ${advice}`]
      }),
  )
}

const code = (path: string): string => codeOf(textOf(path))

/** The layer a file belongs to; each engine is an adapter of its own. */
function layerOf(path: string): string {
  const inSource = /^src\/(?:(engine\/[a-z]+|[a-z]+)\/|(\w+)\.ts$)/.exec(path)
  return inSource?.[1] ?? inSource?.[2] ?? path.split('/')[0]!
}

const pure = ['lib', 'spec', 'core']
const adapter = [...pure, 'ports']

/** Layer → the layers it may import besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  spec: ['lib'],
  core: ['lib', 'spec'],
  ports: pure,
  driver: adapter,
  config: adapter,
  store: adapter,
  'engine/local': adapter,
  'engine/sim': adapter,
  'engine/mesos': adapter,
  zookeeper: adapter,
  metrics: adapter,
  logging: adapter,
  callbacks: adapter,
  artifacts: adapter,
  plugins: adapter,
  probes: adapter,
  // The routes of /metrics show the registry; nobody else looks at another adapter.
  http: [...adapter, 'metrics'],
  welcome: [],
  cluster: [...adapter, 'config', 'engine/mesos', 'zookeeper'],
  compose: [
    ...adapter,
    'driver',
    'config',
    'store',
    'engine/local',
    'engine/sim',
    'metrics',
    'logging',
    'http',
    'callbacks',
    'artifacts',
    'plugins',
    'probes',
    'cluster',
  ],
  serve: [...adapter, 'driver', 'config', 'logging', 'compose', 'welcome'],
  main: ['serve', 'cli'],
  client: [],
  cli: ['client', 'lib'],
  sim: [...adapter, 'driver', 'engine/sim', 'store'],
}

/** Packages a layer may use; the others use any that package.json has. */
const mayUse: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  spec: ['typebox'],
  core: [],
  ports: [],
  client: [],
}

describe('layers', () => {
  it('import only what lies beneath them', () => {
    const wrong: string[] = []
    for (const path of production) {
      const layer = layerOf(path)
      const allowed = mayImport[layer]
      if (allowed === undefined) {
        wrong.push(
          `${path}: ${layer} has no place in the layering; give it one in tests/tidy.test.ts and ARCHITECTURE.md`,
        )
        continue
      }
      for (const specifier of importsOf(textOf(path))) {
        if (!specifier.startsWith('.')) continue
        const target = posix.join(dirname(path), specifier)
        const targetLayer = layerOf(target)
        const isOnDisk = layer === 'sim' && /^src\/store\/(?!memory\.ts$)/.test(target)
        const isAllowed = target === 'package.json' || targetLayer === layer || allowed.includes(targetLayer)
        if (isAllowed && !isOnDisk) continue
        wrong.push(
          `${path}: ${layer} must not import ${target}; it may import ${allowed.join(', ') || 'nothing'}. Take it as a parameter, or move the shared part down`,
        )
      }
    }
    expect(wrong).toEqual([])
  })

  it('that are pure, and the client that a browser shares, use no Node and no other packages', () => {
    const wrong = production.flatMap((path) => {
      const packages = mayUse[layerOf(path)]
      if (packages === undefined) return []
      return importsOf(textOf(path))
        .filter((specifier) => !specifier.startsWith('.') && !packages.includes(specifier))
        .map((specifier) => `${path}: imports ${specifier}; leave it to an adapter, behind a port`)
    })
    expect(wrong).toEqual([])
  })

  it('of production never import tests', () => {
    const wrong = production.flatMap((path) =>
      importsOf(textOf(path))
        .filter((specifier) => specifier.startsWith('.') && isTest(posix.join(dirname(path), specifier)))
        .map((specifier) => `${path}: imports ${specifier}; what production needs belongs into src`),
    )
    expect(wrong).toEqual([])
  })
})

describe('lib, spec and core', () => {
  const bans: readonly [RegExp, string][] = [
    [/\bDate\.now\b/, 'no clock here: the time comes in as `now`'],
    [/\bnew Date\(/, 'no clock here: instants are made and printed in src/lib/instant.ts alone'],
    [/\bMath\.random\b/, 'no chance here: use a named stream of src/lib/rng.ts'],
    [/\b(async|await)\b|\bPromise\b/, 'nothing is awaited here: return an effect, its answer is an event'],
    [
      /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/,
      'no timers here: hold a deadline and let wakeAt name it',
    ],
    [/\bconsole\b/, 'nothing is logged here: return a reason, a notice or a refusal'],
    [/\bprocess\b/, 'no process here: settings come in as values'],
    [
      /\.localeCompare\(|\bIntl\b|\.toLocale\w+\(/,
      'no locale here: it differs from machine to machine; compare with < and >',
    ],
    [
      /\b(WeakRef|FinalizationRegistry)\b/,
      'garbage collection is not to be observed: it differs from run to run',
    ],
  ]

  it('know no clock, no chance, no timers, no locale and no process', () => {
    const found = lines(
      core.filter((path) => path !== 'src/lib/instant.ts'),
      (line) => bans.find(([pattern]) => pattern.test(line))?.[1],
      code,
    )
    const inInstant = lines(
      ['src/lib/instant.ts'],
      (line) =>
        /\bDate\.now\b|\bnew Date\(\)/.test(line) ? 'dates are printed here, not asked for' : undefined,
      code,
    )
    expect([...found, ...inInstant]).toEqual([])
  })
})

describe('files', () => {
  it('are named by their noun in kebab-case', () => {
    const wrong = sources
      .filter(
        (path) =>
          !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|contract|model|matrix|bench|config))*\.(ts|mjs)$/.test(
            basename(path),
          ),
      )
      .map((path) => `${path}: name it in kebab-case, by the noun it owns`)
    expect(wrong).toEqual([])
  })

  it('have a home with a name of its own', () => {
    const noName = /^(utils?|helpers?|common|shared|managers?|misc|stuff|types|constants)$/
    const wrong = sources
      .filter((path) =>
        path
          .replace(/\.\w+$/, '')
          .split('/')
          .some((part) => noName.test(part)),
      )
      .map((path) => `${path}: say what it is; if it has no better name it has no home yet`)
    expect(wrong).toEqual([])
  })

  it('are imported where they are, not through an index', () => {
    const wrong = [
      ...sources
        .filter((path) => basename(path) === 'index.ts')
        .map((path) => `${path}: no barrels; import from the file that owns the thing`),
      ...lines(
        sources,
        (line) =>
          /^export \* from\b/.test(line)
            ? 'no re-export of everything; import from the file that owns the thing'
            : undefined,
        code,
      ),
    ]
    expect(wrong).toEqual([])
  })

  it('export by name', () => {
    const wrong = lines(
      sources.filter((path) => !path.endsWith('.config.ts')),
      (line) => (/^export default\b/.test(line) ? 'no default export: a name is found again' : undefined),
      code,
    )
    expect(wrong).toEqual([])
  })

  it('open with a comment of at most seven lines that says what they own', () => {
    const wrong = sources
      .filter((path) => !path.endsWith('.test.ts'))
      .flatMap((path) => {
        const opening = /^(#!.*\n)?((\/\/.*\n)*)/.exec(textOf(path))![2]!
        const count = opening.split('\n').length - 1
        if (count === 0)
          return [`${path}: open with a comment on what it owns, what it does not, and what always holds`]
        return count > 7
          ? [`${path}: ${count} lines of opening comment; the long story belongs into docs/internals`]
          : []
      })
    expect(wrong).toEqual([])
  })

  it('have lines of at most 120 columns, strings apart', () => {
    const advice = (line: string): string | undefined =>
      line.length > 120 ? `${line.length} columns; break it` : undefined
    const comment = /^\s*(\/\/|\*|\/\*\*)/
    const wrong = [
      // A template is one string, whatever its expressions.
      ...lines(sources, (line) => (line.includes('`') ? undefined : advice(line)), code),
      ...lines(sources, (line) => (comment.test(line) ? advice(line) : undefined)),
    ]
    expect(wrong).toEqual([])
  })

  it('of production are reached by somebody else than their own test', () => {
    const importedBy = new Map<string, Set<string>>()
    for (const path of sources) {
      for (const specifier of importsOf(textOf(path))) {
        if (!specifier.startsWith('.')) continue
        const target = posix.join(dirname(path), specifier)
        importedBy.set(target, (importedBy.get(target) ?? new Set()).add(path))
      }
    }
    // A test writes docs/reference/cli.md with it.
    const writers = ['cli/reference.ts']
    const isEntry = (path: string): boolean =>
      /^((src|sim|bench)\/main|src\/probes\/worker)\.ts$/.test(path) || writers.includes(path)
    const wrong = production
      .filter((path) => !isEntry(path))
      .filter((path) => {
        const own = path.replace(/\.ts$/, '')
        const others = [...(importedBy.get(path) ?? [])].filter((importer) => !importer.startsWith(`${own}.`))
        return others.length === 0
      })
      .map((path) => `${path}: nothing imports it; use it or remove it`)
    expect(wrong).toEqual([])
  })

  it('are executable only when they are scripts', () => {
    const wrong = files.flatMap(({ path, isExecutable }) => {
      const isScript = /^#!/.test(textOf(path))
      if (isExecutable && !isScript) return [`${path}: executable, but no script: chmod -x`]
      const isCommand = /^(bin|\.ci)\//.test(path)
      return isCommand && !isExecutable ? [`${path}: a command that cannot be run: chmod +x`] : []
    })
    expect(wrong).toEqual([])
  })
})

describe('code', () => {
  it('has no `any`', () => {
    const pattern = /(:\s*any\b|\bas any\b|<any\b|\bany\[\])/
    // In tests Biome sees to it; it wants a reason for each exception.
    const found = lines(
      production,
      (line) => (pattern.test(line) ? '`any` switches the types off; say unknown and look' : undefined),
      code,
    )
    expect(found).toEqual([])
  })

  it('has no reminders without an issue number', () => {
    const pattern = /\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))/
    const found = lines(
      sources.filter((path) => path !== 'tests/tidy.test.ts'),
      (line) => (pattern.test(line) ? 'do it now, or write TODO(#issue)' : undefined),
    )
    expect(found).toEqual([])
  })

  it('skips no test unless the machine cannot run it, and singles none out', () => {
    const pattern = /\b(it|test|describe)(\.\w+)*\.(skip|todo|only|fails)\b/
    const found = lines(
      typescript.filter(isTest),
      (line) =>
        pattern.test(line) ? 'make it pass or remove it; skipIf is for what a machine lacks' : undefined,
      code,
    )
    expect(found).toEqual([])
  })

  it('sleeps in no test but those of the system', () => {
    const unit = typescript.filter((path) => path.endsWith('.test.ts') && /^(src|sim)\//.test(path))
    const found = lines(
      unit.filter((path) => !/^src\/(driver|engine|store|http|logging)\//.test(path)),
      (line) =>
        /\b(setTimeout|Date\.now|new Date\(\))/.test(line)
          ? 'no real time in unit tests: pass instants'
          : undefined,
      code,
    )
    expect(found).toEqual([])
  })

  it('uses every limit it names', () => {
    const used = production.map(code).join('\n')
    const unused = Object.keys(limits).filter((name) => !new RegExp(`\\blimits\\.${name}\\b`).test(used))
    expect(
      unused.map((name) => `src/lib/limits.ts: nothing keeps to ${name}; enforce it or remove it`),
    ).toEqual([])
  })
})

describe('the repository', () => {
  it('locks packages without saying where they were downloaded', () => {
    const lock = JSON.parse(textOf('package-lock.json')) as {
      packages: Record<string, { resolved?: string }>
    }
    const found = Object.entries(lock.packages)
      .filter(([, entry]) => entry.resolved?.startsWith('http') === true)
      .map(
        ([name]) =>
          `package-lock.json: ${name} has a download address; remove the "resolved" fields, npm asks its own registry`,
      )
    expect(found).toEqual([])
  })

  it('locks every optional package too: npm ci refuses a lock made where one was not to be had', () => {
    const lock = JSON.parse(textOf('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>
    }
    const locked = new Set(Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1)))
    const found = Object.entries(lock.packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {})
        .filter((name) => !locked.has(name))
        .map(
          (name) =>
            `package-lock.json: ${path} names ${name}, which is not locked; choose a version that has it`,
        ),
    )
    expect(found).toEqual([])
  })

  it('speaks of the project, not of the place it was written in', () => {
    const foreign: readonly RegExp[] = [
      /(^|[\s'"`(=])\/(work|workspace|Users)\//,
      /\.\.\/(shared|brief)\b/,
      /\b(AI|LLM) (agent|assistant|session|helper)s?\b/,
      /\bas an? (AI|language model)\b/,
    ]
    const texts = paths.filter(
      (path) => /\.(ts|mjs|md|sh|json|yml|service|txt)$/.test(path) && !path.startsWith('tests/corpus/'),
    )
    const found = lines(texts, (line) =>
      foreign.some((pattern) => pattern.test(line))
        ? 'means nothing to a reader of this repository; say it in its terms'
        : undefined,
    )
    expect(found).toEqual([])
  })

  it('keeps its notes of changes under names that say what changed', () => {
    const wrong = paths
      .filter((path) => path.startsWith('changes/') && path !== 'changes/README.md')
      .filter((path) => !/^changes\/[a-z0-9]+(-[a-z0-9]+)+\.md$/.test(path))
      .map((path) => `${path}: name it changes/two-or-more-words.md`)
    expect(wrong).toEqual([])
  })
})

describe('how these rules read code', () => {
  const stripped: readonly [string, string][] = [
    ['a // Date.now()', 'a '],
    ['/* process\n */ b', '\n b'],
    ["say('process')", "say('')"],
    ["say('it\\'s process', x)", "say('', x)"],
    ['`at ${process.pid} // no`', '`${process.pid}`'],
    ['`a ${b ? `${process}` : {}} c`', '`${b ? `${process}` : {}}`'],
    ['if (/process[/]`/.test(x)) y', 'if (/ /.test(x)) y'],
    ['a / process / b', 'a / process / b'],
  ]

  it.each(stripped)('%s', (source, code) => {
    expect(codeOf(source)).toBe(code)
  })

  it('finds static, type, dynamic and bare imports', () => {
    const source =
      "import type { A } from './a.ts'\nimport './b.ts'\nconst c = await import('./c.ts')\nexport { d } from './d.ts'"
    expect(importsOf(source)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts'])
  })

  it('knows the layer of a file', () => {
    const layers = [
      'src/core/placement/match.ts',
      'src/engine/local/engine.ts',
      'src/compose.ts',
      'cli/main.ts',
    ].map(layerOf)
    expect(layers).toEqual(['core', 'engine/local', 'compose', 'cli'])
  })
})
