// What a regular expression says, as a tree: the part of JavaScript's syntax that can be matched in a time bounded by
// the lengths of expression and text (pattern.ts), and of Java's what people write all the same: `(?i)` in front, \A,
// \z. References back and looking behind cannot, and are refused by name.

import { ok, type Result, refused } from './result.ts'

export type Expression =
  /** One UTF-16 unit out of a set. */
  | { readonly kind: 'unit'; readonly isIn: UnitSet }
  | { readonly kind: 'sequence'; readonly parts: readonly Expression[] }
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly of: Expression; readonly least: number; readonly most: number }
  /** Takes nothing; what must be at this place. */
  | { readonly kind: 'edge'; readonly edge: Edge }
  | { readonly kind: 'ahead'; readonly of: Expression; readonly isNegated: boolean }

export type UnitSet = (unit: number) => boolean
export type Edge = 'start' | 'end' | 'word' | 'no-word'

export interface PatternError {
  /** Whether it is a regular expression all the same, to others. */
  readonly kind: 'malformed' | 'unsupported'
  /** To be read after "a regular expression that". */
  readonly what: string
}

/** The tree, or what is wrong with the text. */
export function parsePattern(text: string): Result<Expression, PatternError> {
  const ignoresCase = text.startsWith('(?i)')
  const reader = new Reader(ignoresCase ? text.slice(4) : text, ignoresCase)
  try {
    return ok(reader.whole())
  } catch (error) {
    if (error instanceof Refused) return refused({ kind: error.kind, what: error.message })
    throw error
  }
}

export const isWordUnit: UnitSet = (unit) => isDigit(unit) || isLetter(unit) || unit === 0x5f

class Refused extends Error {
  readonly kind: PatternError['kind']

  constructor(what: string, kind: PatternError['kind'] = 'malformed') {
    super(what)
    this.kind = kind
  }
}

const isBetween =
  (first: number, last: number): UnitSet =>
  (unit) =>
    first <= unit && unit <= last
const isNot =
  (set: UnitSet): UnitSet =>
  (unit) =>
    !set(unit)
const isDigit = isBetween(0x30, 0x39)
const isLetter: UnitSet = (unit) => isBetween(0x61, 0x7a)(unit | 0x20)
const isSpace: UnitSet = (unit) => /\s/.test(String.fromCharCode(unit))
const isLineEnd: UnitSet = (unit) => unit === 10 || unit === 13 || unit === 0x2028 || unit === 0x2029

const classes: Readonly<Record<string, UnitSet>> = {
  d: isDigit,
  D: isNot(isDigit),
  w: isWordUnit,
  W: isNot(isWordUnit),
  s: isSpace,
  S: isNot(isSpace),
}
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 }
const edges: Readonly<Record<string, Edge>> = { b: 'word', B: 'no-word', A: 'start', z: 'end', Z: 'end' }
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4 }

const upperOf = (unit: number): number => String.fromCharCode(unit).toUpperCase().charCodeAt(0)
const lowerOf = (unit: number): number => String.fromCharCode(unit).toLowerCase().charCodeAt(0)

class Reader {
  readonly #text: string
  readonly #ignoresCase: boolean
  #at = 0

  constructor(text: string, ignoresCase: boolean) {
    this.#text = text
    this.#ignoresCase = ignoresCase
  }

  whole(): Expression {
    const expression = this.#choice()
    if (this.#at < this.#text.length) throw new Refused("has a ')' too many")
    return expression
  }

  /** Takes this text if it comes next. */
  #takes(next: string): boolean {
    if (!this.#text.startsWith(next, this.#at)) return false
    this.#at += next.length
    return true
  }

  #next(missing: string): string {
    const char = this.#text[this.#at++]
    if (char === undefined) throw new Refused(missing)
    return char
  }

  #choice(): Expression {
    const options = [this.#sequence()]
    while (this.#takes('|')) options.push(this.#sequence())
    return options.length === 1 ? options[0]! : { kind: 'choice', options }
  }

  #sequence(): Expression {
    const parts: Expression[] = []
    while (this.#at < this.#text.length && !'|)'.includes(this.#text[this.#at]!)) parts.push(this.#repeated())
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts }
  }

  #repeated(): Expression {
    const isGroup = this.#text[this.#at] === '('
    const of = this.#single()
    const times = this.#times()
    if (times === undefined) return of
    if (of.kind === 'edge' && !isGroup) throw new Refused('has nothing to repeat')
    if (times.least > times.most) throw new Refused('repeats from more times to less')
    this.#takes('?')
    if (this.#takes('+')) throw new Refused('repeats possessively', 'unsupported')
    if (this.#times() !== undefined) throw new Refused('has nothing to repeat')
    return { kind: 'repeat', of, ...times }
  }

  #times(): { readonly least: number; readonly most: number } | undefined {
    if (this.#takes('*')) return { least: 0, most: Number.POSITIVE_INFINITY }
    if (this.#takes('+')) return { least: 1, most: Number.POSITIVE_INFINITY }
    if (this.#takes('?')) return { least: 0, most: 1 }
    const counted = /^\{(\d+)(,(\d*))?\}/.exec(this.#text.slice(this.#at))
    if (counted === null) return undefined
    this.#at += counted[0].length
    const least = Number(counted[1])
    if (counted[2] === undefined) return { least, most: least }
    return { least, most: counted[3] === '' ? Number.POSITIVE_INFINITY : Number(counted[3]) }
  }

  #single(): Expression {
    if (this.#times() !== undefined) throw new Refused('has nothing to repeat')
    const char = this.#next('is not complete')
    switch (char) {
      case '(':
        return this.#group()
      case '[':
        return this.#unit(this.#set())
      case '.':
        return { kind: 'unit', isIn: isNot(isLineEnd) }
      case '^':
        return { kind: 'edge', edge: 'start' }
      case '$':
        return { kind: 'edge', edge: 'end' }
      case '\\':
        return this.#escaped()
      default:
        return this.#unit(sameAs(char.charCodeAt(0)))
    }
  }

  #unit(isIn: UnitSet): Expression {
    if (!this.#ignoresCase) return { kind: 'unit', isIn }
    return { kind: 'unit', isIn: (unit) => isIn(unit) || isIn(upperOf(unit)) || isIn(lowerOf(unit)) }
  }

  #group(): Expression {
    if (this.#takes('?=')) return this.#closed((of) => ({ kind: 'ahead', of, isNegated: false }))
    if (this.#takes('?!')) return this.#closed((of) => ({ kind: 'ahead', of, isNegated: true }))
    if (this.#takes('?<=') || this.#takes('?<!')) throw new Refused('looks behind', 'unsupported')
    const start = /^\?(:|<[A-Za-z_$][\w$]*>)/.exec(this.#text.slice(this.#at))
    if (start !== null) this.#at += start[0].length
    else if (this.#takes('?')) throw new Refused("has an unknown group after '(?'", 'unsupported')
    return this.#closed((of) => of)
  }

  #closed(make: (of: Expression) => Expression): Expression {
    const of = this.#choice()
    if (!this.#takes(')')) throw new Refused("lacks a ')'")
    return make(of)
  }

  #escaped(): Expression {
    const edge = edges[this.#text[this.#at] ?? '']
    if (edge === undefined) return this.#unit(asSet(this.#escape()))
    this.#at++
    return { kind: 'edge', edge }
  }

  /** After a backslash: a set of units, or one. */
  #escape(): UnitSet | number {
    const char = this.#next('ends with a backslash')
    const known = classes[char] ?? controls[char]
    if (known !== undefined) return known
    const length = hexDigits[char]
    if (length !== undefined) {
      const digits = this.#text.slice(this.#at, this.#at + length)
      if (digits.length < length || !/^[\da-fA-F]+$/.test(digits))
        throw new Refused(`has \\${char} without digits`)
      this.#at += length
      return Number.parseInt(digits, 16)
    }
    if (/[1-9k]/.test(char)) throw new Refused('refers back to a group', 'unsupported')
    if (isLetter(char.charCodeAt(0))) throw new Refused(`has \\${char}`, 'unsupported')
    return char.charCodeAt(0)
  }

  /** After `[`. */
  #set(): UnitSet {
    const isNegated = this.#takes('^')
    const sets: UnitSet[] = []
    while (!this.#takes(']')) {
      const first = this.#member()
      const isRange =
        this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']' && typeof first === 'number'
      if (!isRange) {
        sets.push(asSet(first))
        continue
      }
      this.#at++
      const last = this.#member()
      if (typeof last === 'number') {
        if (last < first) throw new Refused('has a range out of order')
        sets.push(isBetween(first, last))
      } else sets.push(sameAs(first), sameAs(0x2d), last)
    }
    const isIn = sets.length === 1 ? sets[0]! : (unit: number): boolean => sets.some((set) => set(unit))
    if (!isNegated) return isIn
    if (!this.#ignoresCase) return isNot(isIn)
    return (unit) => !(isIn(unit) || isIn(upperOf(unit)) || isIn(lowerOf(unit)))
  }

  #member(): UnitSet | number {
    const char = this.#next("lacks a ']'")
    if (char !== '\\') return char.charCodeAt(0)
    if (this.#takes('b')) return 8
    return this.#escape()
  }
}

const sameAs =
  (unit: number): UnitSet =>
  (other) =>
    other === unit
const asSet = (one: UnitSet | number): UnitSet => (typeof one === 'number' ? sameAs(one) : one)
