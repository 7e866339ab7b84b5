// What --deprecated_features names (events-metrics-flags 3.8): features the original removed in two steps. First they
// have to be asked for, later the server does not start with them. What we keep is on and can be switched off.

export interface DeprecatedFeature {
  readonly key: string
  readonly about: string
  /** From this version on it is off unless asked for. */
  readonly softRemoval: Version
  /** From this version on asking for it is an error. */
  readonly hardRemoval: Version
  /** It never goes away here. */
  readonly isKept?: true
}

type Version = readonly [major: number, minor: number]

export const deprecatedFeatures = [
  {
    key: 'sync_proxy',
    about: 'requests to a standby proxied one thread each',
    softRemoval: [1, 6],
    hardRemoval: [1, 8],
  },
  {
    key: 'json_schemas_resource',
    about: '`/v2/schemas`',
    softRemoval: [1, 7],
    hardRemoval: [1, 8],
    isKept: true,
  },
  {
    key: 'api_heavy_events',
    about: 'events with all definitions in them',
    softRemoval: [1, 7],
    hardRemoval: [1, 8],
  },
  {
    key: 'proxy_events',
    about: 'event streams proxied by standbys',
    softRemoval: [1, 7],
    hardRemoval: [1, 8],
  },
  {
    key: 'kamon_metrics',
    about: 'the metrics of before 1.7',
    softRemoval: [1, 7],
    hardRemoval: [1, 8],
  },
  { key: 'app_c', about: 'AppC images', softRemoval: [1, 8], hardRemoval: [1, 9] },
  {
    key: 'sanitize_accepted_resource_roles',
    about: 'roles that cannot be accepted left out in silence',
    softRemoval: [1, 10],
    hardRemoval: [1, 11],
  },
  {
    key: 'text_plain_tasks',
    about: '`text/plain` task lists',
    softRemoval: [1, 10],
    hardRemoval: [1, 11],
    isKept: true,
  },
] as const satisfies readonly DeprecatedFeature[]

/** The version whose removals hold here. */
const measuredVersion: Version = [1, 11]

export interface FeatureSwitches {
  readonly isEnabled: (key: string) => boolean
  /** Sentences on features that were asked for and will be removed. */
  readonly warnings: readonly string[]
  /** Sentences on features that were asked for and are gone; with one of these the server does not start. */
  readonly errors: readonly string[]
}

/**
 * What the items of --deprecated_features switch: `key` on, `disable_key` off, the last of several.
 * @param items known keys, with or without `disable_`
 */
export function switchFeatures(
  items: readonly string[],
  version: Version = measuredVersion,
  features: readonly DeprecatedFeature[] = deprecatedFeatures,
): FeatureSwitches {
  const asked = new Map(
    items.map((item) =>
      item.startsWith('disable_') ? [item.slice('disable_'.length), false] : [item, true],
    ),
  )
  const asksFor = features.filter(({ key, isKept }) => asked.get(key) === true && isKept !== true)
  return {
    isEnabled: (key) => {
      const feature = features.find((candidate) => candidate.key === key)
      if (feature === undefined) return false
      return asked.get(key) ?? (feature.isKept === true || isBefore(version, feature.softRemoval))
    },
    warnings: asksFor
      .filter((each) => !isBefore(version, each.softRemoval) && isBefore(version, each.hardRemoval))
      .map(
        ({ key, hardRemoval }) =>
          `--deprecated_features names ${key}, which will be removed in ${shown(hardRemoval)}; do without it soon.`,
      ),
    errors: asksFor
      .filter((each) => !isBefore(version, each.hardRemoval))
      .map(
        ({ key, about, hardRemoval }) =>
          `--deprecated_features names ${key} (${about}), which was removed in ${shown(hardRemoval)}. Leave it out.`,
      ),
  }
}

const shown = ([major, minor]: Version): string => `${major}.${minor}.0`

const isBefore = (left: Version, right: Version): boolean =>
  left[0] < right[0] || (left[0] === right[0] && left[1] < right[1])
