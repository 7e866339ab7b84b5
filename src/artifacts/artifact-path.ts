// Which texts are paths of artifacts: names joined by slashes, beneath the store's folder and never out of it.

import { limits } from '../lib/limits.ts'
import { ArtifactError } from '../ports/artifacts.ts'

/** Uploads under way are kept in this folder of the store, which has no artifacts. */
export const uploadsFolder = '.uploads'

/**
 * The names a path consists of, at least one; doubled slashes count once.
 * @throws ArtifactError of kind `path`
 */
export function artifactNames(path: string): readonly [string, ...string[]] {
  const [first, ...rest] = path.split('/').filter((name) => name !== '')
  if (first === undefined) throw refusal('it is empty')
  if (Buffer.byteLength(path) > limits.artifactPathBytes) {
    throw refusal(`it has more than ${limits.artifactPathBytes} bytes`)
  }
  if (first === uploadsFolder) throw refusal(`${uploadsFolder} is the store's own`)
  for (const name of [first, ...rest]) {
    if (name === '.' || name === '..') throw refusal(`'${name}' leads elsewhere`)
    if (/\p{Cc}/u.test(name)) throw refusal('it holds a control character')
    // Half of a pair; no file system can keep it, and no URL name it.
    if (/\p{Cs}/u.test(name)) throw refusal('it holds half a character')
    if (Buffer.byteLength(name) > limits.artifactNameBytes) {
      throw refusal(`a name in it has more than ${limits.artifactNameBytes} bytes`)
    }
  }
  return [first, ...rest]
}

const refusal = (reason: string): ArtifactError => new ArtifactError('path', reason)
