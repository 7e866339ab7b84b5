// Lets a few through at one time, the others in the order they came.

export class Turnstile {
  #room: number
  readonly #waiting: (() => void)[] = []

  constructor(room: number) {
    this.#room = room
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#room > 0) this.#room--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // Whoever is let in takes the place.
      if (next !== undefined) next()
      else this.#room++
    }
  }
}
