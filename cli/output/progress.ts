// Shows progress: on a terminal one block that is drawn again in place, elsewhere a line for each app whenever
// it changes, so that the log of a build stays readable.

import { printable } from '../../src/lib/printable.ts'
import type { CliIo, Sink } from '../io.ts'
import type { AppProgress } from '../progress.ts'
import type { Palette } from './colour.ts'
import { shorten } from './table.ts'

export interface ProgressView {
  readonly headline: string
  readonly apps: readonly AppProgress[]
  readonly reasons: readonly string[]
}

export interface ProgressDisplay {
  show(view: ProgressView): void
  /** Leaves the terminal as it was found; what is said next starts on a line of its own. */
  end(): void
}

const barLength = 24
const defaultColumns = 80
/** A block higher than a small window could not be drawn in place; the rest is counted. */
const appsShown = 12
const reasonsShown = 4

/** `isQuiet`: JSON is on stdout, so plain lines go to stderr. */
export function createProgress(io: CliIo, palette: Palette, isQuiet: boolean): ProgressDisplay {
  if (isQuiet) return plainProgress(io.stderr)
  return io.isTTY && io.env['TERM'] !== 'dumb' ? liveProgress(io, palette) : plainProgress(io.stdout)
}

function liveProgress(io: CliIo, palette: Palette): ProgressDisplay {
  let height = 0
  // Cursor up to the first line of the block, then everything below it erased (ECMA-48 CUU, ED).
  const erase = (): string => (height === 0 ? '' : `\u001b[${height}A\u001b[0J`)
  return {
    show: (view) => {
      const lines = renderBlock(view, palette, io.columns ?? defaultColumns)
      io.stdout.write(`${erase()}${lines.map((line) => `${line}\n`).join('')}`)
      height = lines.length
    },
    end: () => {
      io.stdout.write(erase())
      height = 0
    },
  }
}

/** The block as lines, none longer than the terminal is wide: a wrapped line would break the redrawing. */
function renderBlock(view: ProgressView, palette: Palette, columns: number): readonly string[] {
  const shown = view.apps.slice(0, appsShown)
  const idWidth = Math.min(Math.max(0, ...shown.map((app) => app.id.length)), Math.floor(columns / 3))
  const lines = [palette('dim', shorten(view.headline, columns))]
  for (const app of shown) {
    const left = `  ${shorten(app.id, idWidth).padEnd(idWidth)}  `
    const textWidth = columns - left.length - barLength - 2
    lines.push(
      textWidth < 12
        ? shorten(`  ${app.id} ${app.text}`, columns)
        : `${left}${renderBar(app, palette)}  ${shorten(app.text, textWidth)}`,
    )
    for (const reason of app.reasons)
      lines.push(palette('busy', shorten(`    waiting: ${printable(reason)}`, columns)))
  }
  if (view.apps.length > shown.length) lines.push(`  and ${view.apps.length - shown.length} more`)
  for (const reason of view.reasons.slice(0, reasonsShown))
    lines.push(palette('busy', shorten(`  waiting: ${printable(reason)}`, columns)))
  return lines
}

function renderBar(app: AppProgress, palette: Palette): string {
  const full = app.wanted === 0 ? barLength : Math.floor((app.done / app.wanted) * barLength)
  return (
    palette(full === barLength ? 'good' : 'busy', '█'.repeat(full)) +
    palette('dim', '░'.repeat(barLength - full))
  )
}

function plainProgress(sink: Sink): ProgressDisplay {
  const last = new Map<string, string>()
  const line = (key: string, text: string): void => {
    if (last.get(key) === text) return
    last.set(key, text)
    sink.write(`${printable(text)}\n`)
  }
  return {
    show: (view) => {
      for (const app of view.apps) {
        const why = app.reasons.length === 0 ? '' : `, waiting: ${app.reasons.map(withoutTimes).join('; ')}`
        line(app.id, `${app.id}: ${app.text}${why}`)
      }
      if (view.reasons.length > 0) line('', `waiting: ${view.reasons.map(withoutTimes).join('; ')}`)
    },
    end: () => {},
  }
}

/** A countdown would print a line every second; plain lines tell that it waits, not how long still. */
const withoutTimes = (reason: string): string => reason.replace(/,? (next try )?in (\d+[dhms]){1,2}\b/g, '')
