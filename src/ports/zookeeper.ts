// A session with a ZooKeeper ensemble, as those need it who look for a leader, elect one or keep state there. One
// session is one object: when it has ended it stays ended, and whoever relied on it (for ephemeral nodes, for
// watches) begins anew with another.

export interface ZookeeperOptions {
  /** Each `host` or `host:port`. */
  readonly hosts: readonly string[]
  /** For nodes that not everybody may read (scheme `digest`). */
  readonly credentials?: { readonly user: string; readonly password: string }
  /** Asked for; the ensemble may give another. */
  readonly sessionTimeoutMs: number
  /** Until one server must answer; then the next one is tried. */
  readonly connectionTimeoutMs: number
  /** Until an operation must be answered; then it fails, and may have been done all the same. */
  readonly operationTimeoutMs: number
}

export type ZookeeperState =
  /** Not yet connected for the first time. */
  | 'connecting'
  | 'connected'
  /** The connection is gone and another is looked for. The session may have ended without our knowing. */
  | 'suspended'
  /** The ensemble has ended it, or must have: we were cut off for longer than it lasts. Ephemeral nodes are gone. */
  | 'expired'
  /** The credentials are not accepted. */
  | 'refused'
  | 'closed'

export interface ZookeeperNode {
  readonly data: Uint8Array
  /** Of its data; for writes that rely on what was read. */
  readonly version: number
}

export interface ZookeeperSession {
  readonly state: ZookeeperState
  /**
   * A node's data; undefined when there is none. `changed` is called once, when what was read holds no more or nobody
   * can tell; never when there is no node, and not after the session has ended.
   * @throws ZookeeperError
   */
  get(path: string, changed?: () => void): Promise<ZookeeperNode | undefined>
  /** The names of a node's children, in no order; the rest as of `get`. */
  children(path: string, changed?: () => void): Promise<readonly string[] | undefined>
  /** Whether there is a node; `changed` is called once when there is one no more, or now is, or it has other data. */
  exists(path: string, changed?: () => void): Promise<boolean>
  /** Ends it, and with it its ephemeral nodes, if the ensemble can be told. Operations under way fail. */
  close(): Promise<void>
}

/** Begins at once; `changed` is told of each change of the state, after the call has returned. */
export type OpenZookeeper = (
  options: ZookeeperOptions,
  changed: (state: ZookeeperState) => void,
) => ZookeeperSession

export type ZookeeperErrorKind =
  /** What was under way may have been done. */
  'connection-lost' | 'timeout' | 'session-over' | 'not-allowed' | 'other'

/** What kept an operation from being done. */
export class ZookeeperError extends Error {
  override readonly name = 'ZookeeperError'
  readonly kind: ZookeeperErrorKind

  constructor(kind: ZookeeperErrorKind, message: string) {
    super(message)
    this.kind = kind
  }
}
