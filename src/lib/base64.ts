// Bytes from base64 (RFC 4648, 4), for places that have neither Node nor a browser.

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const valueByLetter = new Map([...alphabet].map((letter, value) => [letter, value]))

/** Up to the first character that is none of base64, the padding among them. */
export function bytesOfBase64(text: string): number[] {
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (const letter of text) {
    const value = valueByLetter.get(letter)
    if (value === undefined) break
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes.push((held >> bits) & 0xff)
  }
  return bytes
}
