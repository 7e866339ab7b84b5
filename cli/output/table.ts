// Tables: columns aligned, cut to the width of a terminal, whole when no terminal reads them. Ids are never
// cut, since people copy them; only columns marked `shrinkTo` give way, the widest first.

import { printable } from '../../src/lib/printable.ts'
import type { Palette, Tone } from './colour.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** The column may be cut down to this many characters. */
  readonly shrinkTo?: number
}

export type Cell = string | number | { readonly text: string; readonly tone: Tone | undefined }

export interface TableStyle {
  readonly palette: Palette
  /** Undefined: as wide as it gets. */
  readonly width: number | undefined
}

const gap = '  '

/** The table as lines, header first, without trailing blanks. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  style: TableStyle,
): string {
  const texts = rows.map((row) => row.map((cell) => textOf(cell)))
  const natural = columns.map((column, i) =>
    Math.max(lengthOf(column.title), ...texts.map((row) => lengthOf(row[i] ?? ''))),
  )
  const widths = fitWidths(natural, columns, style.width)
  const line = (cells: readonly string[], tones: readonly (Tone | undefined)[]): string => {
    const parts = columns.map((column, i) => {
      const text = shorten(cells[i] ?? '', widths[i]!)
      const blanks = ' '.repeat(widths[i]! - lengthOf(text))
      const coloured = style.palette(tones[i], text)
      if (column.align === 'right') return blanks + coloured
      return i === columns.length - 1 ? coloured : coloured + blanks
    })
    return `${parts.join(gap).trimEnd()}\n`
  }
  const header = line(
    columns.map((column) => column.title),
    columns.map(() => 'dim'),
  )
  return (
    header +
    rows
      .map((row, i) =>
        line(
          texts[i]!,
          row.map((cell) => toneOf(cell)),
        ),
      )
      .join('')
  )
}

/** Takes characters from the widest column that may still shrink until all fit, or nothing can give way. */
function fitWidths(
  natural: readonly number[],
  columns: readonly Column[],
  width: number | undefined,
): readonly number[] {
  const widths = [...natural]
  if (width === undefined) return widths
  let excess = widths.reduce((sum, each) => sum + each, 0) + gap.length * (widths.length - 1) - width
  while (excess > 0) {
    let widest = -1
    columns.forEach((column, i) => {
      const floor = Math.max(column.shrinkTo ?? Number.POSITIVE_INFINITY, lengthOf(column.title))
      if (widths[i]! > floor && (widest === -1 || widths[i]! > widths[widest]!)) widest = i
    })
    if (widest === -1) break
    widths[widest]!--
    excess--
  }
  return widths
}

/** `name  value` lines with aligned values; pairs without a value are left out. */
export function renderProperties(
  pairs: readonly (readonly [name: string, value: Cell | undefined])[],
  palette: Palette,
): string {
  const shown = pairs.filter(([, value]) => value !== undefined && textOf(value) !== '')
  const width = Math.max(0, ...shown.map(([name]) => lengthOf(name)))
  return shown
    .map(
      ([name, value]) =>
        `${palette('dim', name)}${' '.repeat(width - lengthOf(name))}${gap}${palette(toneOf(value!), textOf(value!))}\n`,
    )
    .join('')
}

const textOf = (cell: Cell): string => printable(typeof cell === 'object' ? cell.text : String(cell))

const toneOf = (cell: Cell): Tone | undefined => (typeof cell === 'object' ? cell.tone : undefined)

/** Characters as people count them, not UTF-16 units. */
const lengthOf = (text: string): number => [...text].length

/** The text, or as much of it as fits with an ellipsis behind. */
export const shorten = (text: string, width: number): string =>
  lengthOf(text) <= width ? text : `${[...text].slice(0, Math.max(0, width - 1)).join('')}…`
