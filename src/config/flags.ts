// Reads the flags of `marathon server` from its arguments and from the environment (events-metrics-flags 3.1), by the
// table of flags. What the values mean to the parts of the server is said in settings.ts.

import { parseArgs } from 'node:util'
import { nearestWord } from '../lib/nearest-word.ts'
import { checkTogether } from './contradictions.ts'
import { type Flag, FlagError, isOnOff, shownValue } from './flag.ts'
import { type FlagValues, flags } from './table.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A flag that was given, and its value as text; `on` or `off` for toggles and switches. */
export interface GivenFlag {
  readonly flag: Flag
  readonly text: string
}

/**
 * What the flags say, each and together.
 * @throws FlagError naming the flag, what was given and what is expected.
 */
export function parseFlags(argv: readonly string[], env: Environment): FlagValues {
  const given = new Map(givenFlags(argv, env).map(({ flag, text }) => [flag.name, text]))
  const entries = flags.map((flag) => [flag.name, convert(flag, given.get(flag.name))])
  const values = Object.fromEntries(entries) as FlagValues
  checkTogether(values)
  return values
}

/**
 * The flags a user gave, those of the environment first. Each is known, has a value and is given once.
 * @throws FlagError for the first that is not
 */
export function givenFlags(argv: readonly string[], env: Environment): readonly GivenFlag[] {
  const given = new Map<string, GivenFlag & { readonly source: string }>()
  for (const { source, name, value } of words(argv, env)) {
    const { flag, isNegated } = find(name, source)
    const earlier = given.get(flag.name)
    if (earlier !== undefined)
      throw new FlagError(
        earlier.source === source
          ? `${source} is given twice.`
          : `--${flag.name} is given both as ${earlier.source} and as ${source}; remove one of them.`,
      )
    given.set(flag.name, { flag, source, text: textOf(flag, value, isNegated, source) })
  }
  const byVariable = flags.flatMap((flag): GivenFlag[] => {
    const text = flag.variable === undefined ? undefined : env[flag.variable]
    // Start scripts set these to nothing to say nothing.
    return text === undefined || text === '' || given.has(flag.name) ? [] : [{ flag, text }]
  })
  return [...given.values(), ...byVariable].map(({ flag, text }) => ({ flag, text }))
}

interface Word {
  /** As the user wrote it. */
  readonly source: string
  readonly name: string
  readonly value: string | undefined
}

function* words(argv: readonly string[], env: Environment): Generator<Word> {
  yield* fromEnvironment(env)
  yield* fromArguments(argv)
}

const prefix = 'MARATHON_'
/** Variables of the client and of `bin/marathon` share the prefix; they are no flags of the server. */
const otherVariables = new Set(['MARATHON_URL', 'MARATHON_CREDENTIALS', 'MARATHON_HEAP_MB'])

function* fromEnvironment(env: Environment): Generator<Word> {
  for (const [key, value] of Object.entries(env)) {
    if (!key.startsWith(prefix) || key.startsWith(`${prefix}APP_`) || otherVariables.has(key)) continue
    if (value === undefined) continue
    const name = key.slice(prefix.length).toLowerCase()
    yield { source: key, name, value: value === '' ? undefined : value }
  }
}

function* fromArguments(argv: readonly string[]): Generator<Word> {
  const takesValue = flags.filter((flag) => !isOnOff(flag))
  const options = Object.fromEntries(takesValue.map(({ name }) => [name, { type: 'string' as const }]))
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  })
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new FlagError(`unexpected argument '${token.value}'; flags look like --name value. ${seeHelp}`)
    if (token.kind !== 'option') continue
    // The word after a flag that lacks its value is the next flag.
    const isNextFlag = token.inlineValue === false && token.value.startsWith('--')
    yield { source: token.rawName, name: token.name, value: isNextFlag ? undefined : token.value }
  }
}

const seeHelp = 'See `marathon server --help`.'

function find(name: string, source: string): { flag: Flag; isNegated: boolean } {
  const wanted = name.toLowerCase()
  const flag = flags.find((candidate) => candidate.name.toLowerCase() === wanted)
  if (flag !== undefined) return { flag, isNegated: false }
  const negated = flags.find(
    (candidate) => candidate.kind === 'toggle' && `disable_${candidate.name}` === wanted,
  )
  if (negated !== undefined) return { flag: negated, isNegated: true }
  const isVariable = source.startsWith(prefix)
  const nearest = nearestWord(wanted.replaceAll('-', '_'), names)
  const hint =
    nearest === undefined
      ? ''
      : ` Did you mean ${isVariable ? prefix + nearest.toUpperCase() : `--${nearest}`}?`
  throw new FlagError(
    `unknown flag ${isVariable ? `environment variable ${source}` : source}.${hint} ${seeHelp}`,
  )
}

const names = flags.flatMap((flag) =>
  flag.kind === 'toggle' ? [flag.name, `disable_${flag.name}`] : [flag.name],
)

function textOf(flag: Flag, value: string | undefined, isNegated: boolean, source: string): string {
  if (!isOnOff(flag)) {
    if (value === undefined) throw new FlagError(`${source} needs a value: ${flag.help}`)
    return value
  }
  const isOn = value === undefined || /^(true|on|1)$/i.test(value)
  if (!isOn && !/^(false|off|0)$/i.test(value))
    throw new FlagError(`${source} is '${value}'; expected nothing, true or false.`)
  return isOn !== isNegated ? 'on' : 'off'
}

/** @throws FlagError when the text cannot be what the flag wants, or the flag is refused */
function convert(flag: Flag, given: string | undefined): unknown {
  const text = given ?? flag.default
  const value = text === undefined ? undefined : readText(flag, text)
  const { standing } = flag
  if (given !== undefined && standing?.kind === 'refused' && value !== false) {
    const shown = isOnOff(flag) ? '' : ` is '${shownValue(flag, given)}'`
    throw new FlagError(`--${flag.name}${shown}: ${standing.why}`)
  }
  return value === undefined && flag.kind === 'list' ? [] : value
}

function readText(flag: Flag, text: string): unknown {
  switch (flag.kind) {
    case 'toggle':
    case 'switch':
      return text === 'on'
    case 'integer':
    case 'number':
      return numberOf(flag, text)
    case 'choice': {
      const choice = choiceOf(flag, text)
      if (choice === undefined) throw problem(flag, text, `one of ${flag.choices!.join(', ')}`)
      return choice
    }
    case 'list':
      return [...new Set(text.split(',').flatMap((item) => itemOf(flag, item.trim())))]
    case 'text':
      checkForm(flag, text)
      return text
  }
}

function itemOf(flag: Flag, item: string): readonly string[] {
  if (item === '') return []
  checkForm(flag, item)
  if (flag.choices === undefined) return [item]
  const choice = choiceOf(flag, item)
  if (choice !== undefined) return [choice]
  const nearest = nearestWord(item, flag.choices)
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`
  throw new FlagError(`--${flag.name} names '${item}'; expected some of ${flag.choices.join(', ')}.${hint}`)
}

const choiceOf = (flag: Flag, text: string): string | undefined =>
  flag.choices?.find((choice) => choice === text.toLowerCase())

function numberOf(flag: Flag, text: string): number {
  const value = Number(text)
  const isWrongKind =
    text.trim() === '' || !Number.isFinite(value) || (flag.kind === 'integer' && !Number.isInteger(value))
  if (isWrongKind) throw problem(flag, text, flag.kind === 'integer' ? 'a whole number' : 'a number')
  checkForm(flag, text)
  if (flag.min !== undefined && value < flag.min)
    throw new FlagError(`--${flag.name} is ${text}; expected ${flag.min} or more.`)
  if (flag.max !== undefined && value > flag.max)
    throw new FlagError(`--${flag.name} is ${text}; expected ${flag.max} or less.`)
  return value
}

function checkForm(flag: Flag, text: string): void {
  if (flag.form !== undefined && !flag.form.holds(text)) throw problem(flag, text, flag.form.expected)
}

const problem = (flag: Flag, text: string, expected: string): FlagError =>
  new FlagError(`--${flag.name} is '${shownValue(flag, text)}'; expected ${expected}.`)
