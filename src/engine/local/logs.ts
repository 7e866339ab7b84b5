// Reading what tasks wrote. The launcher rotates by copy and truncate: `<stream>.1` is the part before `<stream>`, and
// `<stream>.start` counts the bytes before `<stream>` begins. Offsets are those of the whole stream.

import fs from 'node:fs/promises'
import path from 'node:path'

export interface StreamChunk {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly size: number
}

/** One file of a stream and the offset of its first byte. */
interface Part {
  readonly file: string
  readonly start: number
  readonly size: number
}

/**
 * Reads from a stream in `folder`.
 * @param offset of the first byte wanted; negative counts from the end
 * @param limit bytes at most
 * @returns undefined when there is no such stream
 */
export async function readStream(
  folder: string,
  stream: 'stdout' | 'stderr',
  offset: number,
  limit: number,
): Promise<StreamChunk | undefined> {
  const parts = await findParts(folder, stream)
  const last = parts.at(-1)
  if (!last) return undefined
  const size = last.start + last.size
  const oldest = parts[0]!.start
  const start = Math.min(size, Math.max(oldest, offset < 0 ? size + offset : offset))
  const pieces: Uint8Array[] = []
  let at = start
  for (const part of parts) {
    const wanted = Math.min(start + limit, part.start + part.size) - at
    if (wanted <= 0 || at < part.start) continue
    const piece = await readPiece(part.file, at - part.start, wanted)
    pieces.push(piece)
    at += piece.length
    // Rotated away between the look and the read: what follows is not its continuation.
    if (piece.length < wanted) break
  }
  return { bytes: Buffer.concat(pieces), start, end: at, size }
}

async function findParts(folder: string, stream: string): Promise<Part[]> {
  const file = path.join(folder, stream)
  const [current, before, start] = await Promise.all([
    fs.stat(file).catch(() => undefined),
    fs.stat(`${file}.1`).catch(() => undefined),
    fs.readFile(`${file}.start`, 'utf8').catch(() => '0'),
  ])
  if (!current) return []
  const begin = Number.parseInt(start, 10) || 0
  const parts: Part[] = []
  if (before && begin >= before.size)
    parts.push({ file: `${file}.1`, start: begin - before.size, size: before.size })
  parts.push({ file, start: begin, size: current.size })
  return parts
}

async function readPiece(file: string, position: number, length: number): Promise<Uint8Array> {
  const handle = await fs.open(file, 'r')
  try {
    const buffer = Buffer.alloc(length)
    const { bytesRead } = await handle.read(buffer, 0, length, position)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
