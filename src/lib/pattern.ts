// Regular expressions of users, matched in a bounded time. JavaScript's own try one way after the other, which takes
// `(.|.)*!` for ever on a host's name of forty letters; here all ways are followed at once, so that a match costs at
// most the states of the expression times the length of the text.

import { limits } from './limits.ts'
import {
  type Edge,
  type Expression,
  isWordUnit,
  type PatternError,
  parsePattern,
  type UnitSet,
} from './pattern-syntax.ts'
import { ok, type Result, refused } from './result.ts'

export interface Pattern {
  /** Whether the whole text matches. */
  test(text: string): boolean
}

/**
 * The pattern, or what is wrong with it. How long it may be, repeats written out, is limits.patternStates.
 */
export function compilePattern(source: string): Result<Pattern, PatternError> {
  const parsed = parsePattern(source)
  if (!parsed.ok) return parsed
  const automaton = new Automaton()
  const isComplete = automaton.build(parsed.value)
  return isComplete
    ? ok(automaton)
    : refused({ kind: 'unsupported', what: `has more than ${limits.patternStates} states` })
}

type State =
  | { readonly kind: 'unit'; readonly isIn: UnitSet; readonly next: number }
  /** Left without taking anything, if what is asked holds. */
  | { readonly kind: 'free' }
  | { readonly kind: 'edge'; readonly edge: Edge }
  | { readonly kind: 'ahead'; readonly first: number; readonly isNegated: boolean }

/** Part of the automaton that is decided before those that look ahead by it. */
interface Level {
  readonly end: number
  readonly units: number[]
}

/**
 * Runs from the end of the text to its start: for each place, the states from which the end is reached. A state that
 * looks ahead then only reads what is known of the same place already.
 */
class Automaton implements Pattern {
  readonly #states: State[] = []
  /** By state, those that lead to it without taking anything. */
  readonly #before: number[][] = []
  /** Inner ones first; the last is the expression itself. */
  readonly #levels: Level[] = []
  #first = 0
  #isTooLarge = false

  build(expression: Expression): boolean {
    this.#first = this.#level(expression)
    return !this.#isTooLarge
  }

  #level(expression: Expression): number {
    const level: Level = { end: this.#add({ kind: 'free' }), units: [] }
    const first = this.#lead(expression, level.end, level)
    this.#levels.push(level)
    return first
  }

  #add(state: State): number {
    this.#states.push(state)
    this.#before.push([])
    if (this.#states.length > limits.patternStates) this.#isTooLarge = true
    return this.#states.length - 1
  }

  /** A state that leads to each of these without taking anything. */
  #leadingTo(state: State, ...nexts: readonly number[]): number {
    const at = this.#add(state)
    for (const next of nexts) this.#before[next]!.push(at)
    return at
  }

  /** The state from which the expression leads to `next`. */
  #lead(expression: Expression, next: number, level: Level): number {
    if (this.#isTooLarge) return next
    switch (expression.kind) {
      case 'unit': {
        const at = this.#add({ kind: 'unit', isIn: expression.isIn, next })
        level.units.push(at)
        return at
      }
      case 'sequence':
        return expression.parts.reduceRight((after, part) => this.#lead(part, after, level), next)
      case 'choice':
        return this.#leadingTo(
          { kind: 'free' },
          ...expression.options.map((option) => this.#lead(option, next, level)),
        )
      case 'repeat':
        return this.#repeat(expression, next, level)
      case 'edge':
        return this.#leadingTo(expression, next)
      case 'ahead': {
        const first = this.#level(expression.of)
        return this.#leadingTo({ kind: 'ahead', first, isNegated: expression.isNegated }, next)
      }
    }
  }

  #repeat({ of, least, most }: Extract<Expression, { kind: 'repeat' }>, next: number, level: Level): number {
    let first = next
    if (most === Number.POSITIVE_INFINITY) {
      const around = this.#leadingTo({ kind: 'free' }, next)
      this.#before[this.#lead(of, around, level)]!.push(around)
      first = around
    } else {
      for (let n = least; n < most && !this.#isTooLarge; n++) {
        first = this.#leadingTo({ kind: 'free' }, next, this.#lead(of, first, level))
      }
    }
    for (let n = 0; n < least && !this.#isTooLarge; n++) first = this.#lead(of, first, level)
    return first
  }

  test(text: string): boolean {
    const { length } = this.#states
    let reaching = new Uint8Array(length)
    let after = new Uint8Array(length)
    for (let at = text.length; at >= 0; at--) {
      const last = this.#levels.length - 1
      for (let i = 0; i <= last; i++) {
        const { end, units } = this.#levels[i]!
        if (i < last || at === text.length) this.#reach(end, reaching, text, at)
        if (at === text.length) continue
        const unit = text.charCodeAt(at)
        for (const state of units) {
          const { isIn, next } = this.#states[state] as Extract<State, { kind: 'unit' }>
          if (after[next] === 1 && isIn(unit)) this.#reach(state, reaching, text, at)
        }
      }
      ;[reaching, after] = [after, reaching]
      reaching.fill(0)
    }
    return after[this.#first] === 1
  }

  /** From this state the end is reached, and so from all that lead to it here. */
  #reach(state: number, reaching: Uint8Array, text: string, at: number): void {
    if (reaching[state] === 1) return
    reaching[state] = 1
    const found = [state]
    for (let known = found.pop(); known !== undefined; known = found.pop()) {
      for (const before of this.#before[known]!) {
        if (reaching[before] === 1 || !this.#holds(this.#states[before]!, reaching, text, at)) continue
        reaching[before] = 1
        found.push(before)
      }
    }
  }

  #holds(state: State, reaching: Uint8Array, text: string, at: number): boolean {
    if (state.kind === 'edge') return holdsEdge[state.edge](text, at)
    if (state.kind === 'ahead') return (reaching[state.first] === 1) !== state.isNegated
    return true
  }
}

const isWordAt = (text: string, at: number): boolean =>
  at >= 0 && at < text.length && isWordUnit(text.charCodeAt(at))
const isWordEdge = (text: string, at: number): boolean => isWordAt(text, at - 1) !== isWordAt(text, at)

const holdsEdge: Readonly<Record<Edge, (text: string, at: number) => boolean>> = {
  start: (_text, at) => at === 0,
  end: (text, at) => at === text.length,
  word: isWordEdge,
  'no-word': (text, at) => !isWordEdge(text, at),
}
