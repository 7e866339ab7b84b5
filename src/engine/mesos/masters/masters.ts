// Whom to ask for a subscription. Where the answer comes from (a list of the operator's, ZooKeeper) is the business of
// the implementations; the subscription asks one after the other.

export interface Masters {
  /**
   * Tells who may lead now, in the order to be asked in, once it is known and whenever that changes. An empty list: at
   * the moment nobody does.
   */
  start(changed: (candidates: readonly MasterUrl[]) => void): void
  stop(): Promise<void>
}

/** Where a master takes scheduler calls: with its path, without credentials. */
export type MasterUrl = URL

/** Masters the operator named. Those that do not lead redirect to the one that does. */
export class ListedMasters implements Masters {
  readonly #urls: readonly MasterUrl[]

  constructor(urls: readonly MasterUrl[]) {
    this.#urls = urls
  }

  start(changed: (candidates: readonly MasterUrl[]) => void): void {
    changed(this.#urls)
  }

  async stop(): Promise<void> {}
}

export const schedulerPath = '/api/v1/scheduler'

/** The endpoint of a master at `base`, which may have a path when something stands in front of it. */
export function schedulerUrl(base: URL): MasterUrl {
  const url = new URL(base)
  url.username = ''
  url.password = ''
  url.search = ''
  url.hash = ''
  const path = url.pathname.replace(/\/+$/, '')
  url.pathname = path.endsWith(schedulerPath) ? path : path + schedulerPath
  return url
}
