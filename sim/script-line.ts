// The text of scenarios: blocks of command lines, their words, numbers and durations.

import { type Duration, seconds } from '../src/lib/instant.ts'

/** One command: its name, what is behind it in words, and the same as it stands. */
export interface ScriptLine {
  readonly command: string
  readonly words: readonly string[]
  readonly rest: string
}

export function parseLine(line: string): ScriptLine {
  const [command = '', ...words] = line.trim().split(/\s+/)
  return { command, words, rest: line.trim().slice(command.length).trim() }
}

export interface Block {
  readonly comment: readonly string[]
  readonly commands: readonly string[]
}

/** The blocks of a file, without what they came to when it was written. */
export function parseBlocks(text: string): Block[] {
  const blocks: Block[] = []
  let comment: string[] = []
  let commands: string[] = []
  let isOutput = false
  for (const line of text.split('\n')) {
    if (isOutput) {
      if (line.trim() === '') isOutput = false
    } else if (line === '----') {
      blocks.push({ comment, commands })
      comment = []
      commands = []
      isOutput = true
    } else if (line.startsWith('#') || (line.trim() === '' && comment.length > 0 && commands.length === 0)) {
      comment.push(line)
    } else if (line.trim() !== '') commands.push(line)
  }
  if (commands.length > 0) blocks.push({ comment, commands })
  return blocks
}

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3_600 }

/** `cpus=4 mem=128`, as properties. */
export const numbers = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values(words)).map(([name, value]) => {
      return [name, typeof value === 'number' ? value : noSuchCommand(`${name} is a number, not ${value}`)]
    }),
  )

/** `killChunkSize=5 killRetryTimeout=30s mesosRole=db`, as properties: numbers, durations and words. */
export const values = (words: readonly string[]): Record<string, number | string> =>
  Object.fromEntries(
    words.map((word) => {
      const [name = '', value = ''] = word.split('=')
      if (/^\d+(\.\d+)?(ms|s|m|h)$/.test(value)) return [name, durationOf(value)]
      return [name, value === '' || Number.isNaN(Number(value)) ? value : Number(value)]
    }),
  )

export function durationOf(text: string | undefined): Duration {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text ?? '')
  if (match === null) return noSuchCommand(`a duration like 5s, 10m or 1h is expected, not ${text}`)
  return seconds(Number(match[1]) * unitSeconds[match[2]!]!)
}

export function noSuchCommand(text: string): never {
  throw new Error(`no such command in a scenario: ${text}`)
}
