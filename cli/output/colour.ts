// Colours by meaning, as escape sequences of ECMA-48. A palette is either this or nothing at all: whoever
// writes text need not know whether a terminal reads it.

export type Tone = 'good' | 'busy' | 'bad' | 'dim' | 'strong'

export type Palette = (tone: Tone | undefined, text: string) => string

const codes: Readonly<Record<Tone, number>> = { good: 32, busy: 33, bad: 31, dim: 2, strong: 1 }

export const colours: Palette = (tone, text) =>
  tone === undefined || text === '' ? text : `\u001b[${codes[tone]}m${text}\u001b[0m`

export const noColours: Palette = (_tone, text) => text
