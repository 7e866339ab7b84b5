// Where a text stops being JSON (RFC 8259). Run only after the parser has refused it, because the parser's messages
// name no line, and differ from one version of Node to the next.

export interface SyntaxFault {
  readonly message: string
  /** Index of the first character that cannot be there, or the length of the text. */
  readonly index: number
}

/** Undefined when the text is JSON. Nesting must be bounded by the caller. */
export function findSyntaxError(text: string): SyntaxFault | undefined {
  const scanner = new Scanner(text)
  try {
    scanner.value()
    scanner.end()
    return undefined
  } catch (error) {
    if (error instanceof Fault) return { message: error.message, index: error.index }
    throw error
  }
}

class Fault extends Error {
  readonly index: number

  constructor(message: string, index: number) {
    super(message)
    this.index = index
  }
}

const literals = ['true', 'false', 'null'] as const
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const stringPattern = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): void {
    const char = this.#next()
    if (char === '{') this.#object()
    else if (char === '[') this.#array()
    else if (char === '"') this.#string()
    else if (char === '-' || /^\d/.test(char)) this.#match(numberPattern, 'a number')
    else this.#literal()
  }

  end(): void {
    if (this.#next() !== '') throw this.#unexpected('nothing after the value')
  }

  #object(): void {
    const start = this.#at++
    if (this.#next() === '}') {
      this.#at++
      return
    }
    while (true) {
      if (this.#next() !== '"') throw this.#unexpected('a name in double quotes', 'Object', start)
      this.#string()
      if (this.#next() !== ':') throw this.#unexpected("':' after the name", 'Object', start)
      this.#at++
      this.value()
      const char = this.#next()
      this.#at++
      if (char === '}') return
      if (char !== ',') throw this.#unexpected("',' or '}'", 'Object', start, this.#at - 1)
    }
  }

  #array(): void {
    const start = this.#at++
    if (this.#next() === ']') {
      this.#at++
      return
    }
    while (true) {
      this.value()
      const char = this.#next()
      this.#at++
      if (char === ']') return
      if (char !== ',') throw this.#unexpected("',' or ']'", 'Array', start, this.#at - 1)
    }
  }

  #string(): void {
    const start = this.#at
    this.#match(stringPattern, 'a string')
    const char = this.#text[this.#at]
    if (char === '"') {
      this.#at++
      return
    }
    if (char === undefined) {
      throw new Fault(`Unexpected end-of-input in a string that starts at index ${start}`, this.#at)
    }
    if (char === '\\') throw new Fault('Unknown escape sequence in a string', this.#at)
    throw new Fault('A control character in a string must be escaped', this.#at)
  }

  #literal(): void {
    const literal = literals.find((word) => this.#text.startsWith(word, this.#at))
    if (literal === undefined) throw this.#unexpected('a value')
    this.#at += literal.length
  }

  #match(pattern: RegExp, what: string): void {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) throw this.#unexpected(what)
    this.#at += found[0].length
  }

  /** Skips white space; the character there, empty at the end. */
  #next(): string {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? '.')) this.#at++
    return this.#text[this.#at] ?? ''
  }

  #unexpected(expected: string, within?: 'Object' | 'Array', start?: number, index = this.#at): Fault {
    const char = this.#text[index]
    const where = within === undefined ? '' : ` for ${within} (start marker at index ${start})`
    if (char === undefined) {
      return new Fault(
        within === undefined
          ? `Unexpected end-of-input: expected ${expected}`
          : `Unexpected end-of-input: expected close marker${where}`,
        index,
      )
    }
    return new Fault(`Unexpected character (${JSON.stringify(char)}): expected ${expected}`, index)
  }
}
