// Which known word a mistyped one was probably meant to be: a field of a definition, a flag, a command.

/** Longer words are not compared: nobody mistypes them, and the comparison costs the product of the lengths. */
const comparedChars = 64

/**
 * The candidate that differs from `word` by its case alone, or else the one with the fewest slips (a letter missing,
 * too much, another, or two swapped), if those are at most a third of the word. The first of equals.
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > comparedChars) return undefined
  const wanted = word.toLowerCase()
  let fewest = Math.max(1, Math.floor(word.length / 3)) + 1
  let nearest: string | undefined
  for (const candidate of candidates) {
    const known = candidate.toLowerCase()
    if (known === wanted) return candidate
    if (Math.abs(known.length - wanted.length) >= fewest) continue
    const slips = slipsBetween(wanted, known)
    if (slips < fewest && slips < known.length) {
      fewest = slips
      nearest = candidate
    }
  }
  return nearest
}

/** Edit distance in which two neighbouring letters swapped count as one slip, row by row. */
function slipsBetween(left: string, right: string): number {
  let before: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1]
      const isSwapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      current.push(
        Math.min(
          last[column]! + 1,
          current[column - 1]! + 1,
          last[column - 1]! + (isSame ? 0 : 1),
          isSwapped ? before[column - 2]! + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    before = last
    last = current
  }
  return last[right.length]!
}
