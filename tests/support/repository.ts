// The repository as a test sees it: the files git tracks, their text, and their code without comments and strings. What
// nobody has added yet is not judged.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface TrackedFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string
  readonly isExecutable: boolean
}

/** The files of the repository, without those that are deleted and not yet committed. */
export function trackedFiles(): readonly TrackedFile[] {
  const { status, stdout, stderr } = spawnSync('git', ['-c', 'safe.directory=*', 'ls-files', '-s', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`git ls-files failed: ${stderr}`)
  return stdout
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [meta, path] = line.split('\t')
      return { path: path!, isExecutable: meta!.startsWith('100755') }
    })
    .filter(({ path }) => existsSync(join(root, path)))
}

const texts = new Map<string, string>()

export function textOf(path: string): string {
  let text = texts.get(path)
  if (text === undefined) {
    text = readFileSync(join(root, path), 'utf8')
    texts.set(path, text)
  }
  return text
}

/** What a module imports, as written: static, for types, and dynamic. */
export function importsOf(source: string): readonly string[] {
  const pattern = /(?:\bfrom\s+|^\s*import\s+|\bimport\()\s*'([^']+)'/gm
  return [...source.matchAll(pattern)].map((match) => match[1]!)
}

/**
 * TypeScript with its comments, strings and regular expressions emptied, line for line, so that a search finds code
 * only. Expressions inside template strings stay.
 */
export function codeOf(source: string): string {
  return new Stripper(source).strip()
}

/** What may stand before a slash that begins a regular expression and not a division. */
const beforeRegex = /(?:^|[(,=:[!&|?{};+\n]|=>|\breturn|\bcase)\s*$/

class Stripper {
  readonly #source: string
  #at = 0
  #code = ''

  constructor(source: string) {
    this.#source = source
  }

  strip(): string {
    this.#expression('')
    return this.#code
  }

  /** Code up to the brace that closes a template's expression, or to the end. */
  #expression(end: '}' | ''): void {
    let depth = 0
    while (this.#at < this.#source.length) {
      const char = this.#source[this.#at]!
      const pair = this.#source.slice(this.#at, this.#at + 2)
      if (pair === '//') this.#skipTo(this.#find('\n'))
      else if (pair === '/*') this.#skipTo(this.#find('*/') + 2)
      else if (char === "'" || char === '"') this.#literal(char)
      else if (char === '`') this.#template()
      else if (char === '/' && beforeRegex.test(this.#code.slice(-12))) this.#regex()
      else {
        if (char === '{') depth++
        if (char === '}' && depth-- === 0 && end === '}') return
        this.#code += char
        this.#at++
      }
    }
  }

  #find(text: string): number {
    const found = this.#source.indexOf(text, this.#at)
    return found === -1 ? this.#source.length : found
  }

  #skipTo(end: number): void {
    this.#code += this.#source.slice(this.#at, end).replace(/[^\n]/g, '')
    this.#at = end
  }

  #literal(quote: string): void {
    let end = this.#at + 1
    while (end < this.#source.length && this.#source[end] !== quote) end += this.#source[end] === '\\' ? 2 : 1
    this.#code += quote
    this.#skipTo(end)
    this.#code += quote
    this.#at++
  }

  #regex(): void {
    let end = this.#at + 1
    let isInClass = false
    while (end < this.#source.length && (isInClass || this.#source[end] !== '/')) {
      const char = this.#source[end]
      if (char === '[') isInClass = true
      if (char === ']') isInClass = false
      end += char === '\\' ? 2 : 1
    }
    this.#skipTo(end + 1)
    this.#code += '/ /'
  }

  #template(): void {
    this.#code += '`'
    this.#at++
    while (this.#at < this.#source.length && this.#source[this.#at] !== '`') {
      if (this.#source.startsWith('${', this.#at)) {
        this.#code += '${'
        this.#at += 2
        this.#expression('}')
        this.#code += '}'
        this.#at++
      } else {
        this.#skipTo(this.#at + (this.#source[this.#at] === '\\' ? 2 : 1))
      }
    }
    this.#code += '`'
    this.#at++
  }
}
