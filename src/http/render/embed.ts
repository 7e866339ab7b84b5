// Which parts an answer about apps carries besides the app itself (rest-api 2).

export interface Embed {
  readonly counts: boolean
  readonly deployments: boolean
  readonly readiness: boolean
  readonly tasks: boolean
  readonly lastTaskFailure: boolean
  readonly taskStats: boolean
}

export const noEmbeds: Embed = {
  counts: false,
  deployments: false,
  readiness: false,
  tasks: false,
  lastTaskFailure: false,
  taskStats: false,
}

const embeds: Readonly<Record<string, Partial<Embed>>> = {
  tasks: { tasks: true, deployments: true },
  deployments: { deployments: true },
  counts: { counts: true },
  readiness: { readiness: true },
  lastTaskFailure: { lastTaskFailure: true },
  failures: { tasks: true, lastTaskFailure: true, deployments: true },
  taskStats: { taskStats: true },
}

const prefix = /^(?:group\.apps|apps|app)\./

/** Adds what the names ask for; unknown names ask for nothing. */
export function resolveEmbeds(names: readonly string[], always: Partial<Embed>): Embed {
  return Object.assign({}, noEmbeds, always, ...names.map((name) => embeds[name.replace(prefix, '')] ?? {}))
}
