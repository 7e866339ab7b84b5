// HTTP Basic authentication with one user (--http_credentials). The comparison takes the same time whatever was sent,
// so that nobody can guess the password letter by letter.

import { createHash, timingSafeEqual } from 'node:crypto'

export interface Credentials {
  readonly user: string
  readonly password: string
}

/** Whether the Authorization header carries these credentials (RFC 7617). */
export function isAuthenticated(header: string | undefined, credentials: Credentials): boolean {
  const [scheme, token] = (header ?? '').split(' ')
  const isBasic = scheme?.toLowerCase() === 'basic'
  const given = digest(Buffer.from(token ?? '', 'base64'))
  const expected = digest(Buffer.from(`${credentials.user}:${credentials.password}`, 'utf8'))
  return timingSafeEqual(given, expected) && isBasic
}

export const challenge = (realm: string): string => `Basic realm="${realm.replace(/["\\]/g, '\\$&')}"`

/** Equal lengths for the comparison, whatever was sent. */
const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
