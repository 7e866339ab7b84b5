// What went wrong with a file, in words, and steps whose failure must not stop what comes after them.

const failureTexts: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EMFILE: 'too many open files',
}

/** What went wrong with a file, in words, with its name. */
export function describeFailure(error: unknown): string {
  const { code, path: file, message } = error as NodeJS.ErrnoException
  const text = code && failureTexts[code]
  return text ? `${text}${file ? ` (${file})` : ''}` : message
}

/** Hears of what could not be done and is gone on from. */
export type OnProblem = (message: string) => void

/**
 * Runs a step whose failure (a full disk) must not stop the rest: the sweep or the next start repeats it.
 * @param doing what is done, for the message
 * @returns undefined when it has failed
 */
export function attempt<T>(onProblem: OnProblem, doing: string, step: () => T): T | undefined {
  try {
    return step()
  } catch (error) {
    onProblem(`${doing}: ${describeFailure(error)}`)
    return undefined
  }
}
