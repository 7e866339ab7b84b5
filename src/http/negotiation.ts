// Which of the media types a resource can give does the client want (RFC 9110 section 12.5.1).

interface Wanted {
  readonly type: string
  readonly subtype: string
  readonly quality: number
}

/**
 * The best of `offered` (most preferred by the server first), or undefined when the client accepts none. Without an
 * Accept header everything is welcome.
 */
export function negotiate<T extends string>(
  accept: string | undefined,
  offered: readonly T[],
): T | undefined {
  if (accept === undefined || accept.trim() === '') return offered[0]
  const wanted = accept
    .split(',')
    .map(parseRange)
    .filter((range) => range !== undefined)
  let best: T | undefined
  let bestQuality = 0
  for (const candidate of offered) {
    const quality = qualityOf(candidate, wanted)
    if (quality > bestQuality) {
      best = candidate
      bestQuality = quality
    }
  }
  return best
}

/** Whether an answer may be compressed with gzip, and had better be (RFC 9110 section 12.5.3). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const wanted = new Map<string, number>()
  for (const part of (acceptEncoding ?? '').toLowerCase().split(',')) {
    const [coding, ...parameters] = part.split(';').map((text) => text.trim())
    wanted.set(coding === 'x-gzip' ? 'gzip' : coding!, qualityIn(parameters))
  }
  const gzip = wanted.get('gzip') ?? wanted.get('*') ?? 0
  return gzip > 0 && gzip >= (wanted.get('identity') ?? 0)
}

function parseRange(text: string): Wanted | undefined {
  const [range, ...parameters] = text.split(';').map((part) => part.trim())
  // A lone `*` is what some old clients send for `*/*`.
  const [type, subtype] = (range === '*' ? '*/*' : (range ?? '')).toLowerCase().split('/')
  if (!type || !subtype) return undefined
  return { type, subtype, quality: qualityIn(parameters) }
}

/** The value of `q`; 1 without one, or with one that cannot be read. */
function qualityIn(parameters: readonly string[]): number {
  const q = parameters.find((parameter) => /^q\s*=/i.test(parameter))
  const quality = q === undefined ? 1 : Number(q.split('=')[1])
  return Number.isFinite(quality) ? quality : 1
}

/** The most specific range that covers the type decides. */
function qualityOf(candidate: string, wanted: readonly Wanted[]): number {
  const [type, subtype] = candidate.split('/')
  let quality = 0
  let specificity = -1
  for (const range of wanted) {
    const rank =
      range.type === type && range.subtype === subtype
        ? 2
        : range.type === type && range.subtype === '*'
          ? 1
          : range.type === '*' && range.subtype === '*'
            ? 0
            : -1
    if (rank > specificity) {
      specificity = rank
      quality = range.quality
    }
  }
  return quality
}
