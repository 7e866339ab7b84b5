// Counts and life times of an app's tasks by the version they run (app-definition 2, `embed=taskStats`).

import type { Instance } from '../../core/instances/instance.ts'
import type { Instant } from '../../lib/instant.ts'
import type { App } from '../../spec/app.ts'
import type { HealthView } from './task.ts'
import { countTasks } from './task-counts.ts'

interface Stats {
  readonly stats: {
    readonly counts: ReturnType<typeof countTasks>
    readonly lifeTime?: { readonly averageSeconds: number; readonly medianSeconds: number }
  }
}

/** A group without tasks is left out. */
export function renderTaskStats(
  view: HealthView,
  app: App,
  instances: readonly Instance[],
  now: Instant,
): Readonly<Record<string, Stats>> {
  const launched = instances.filter((instance) => instance.tasks.length > 0)
  const { lastScalingAt, lastConfigChangeAt } = app.versionInfo
  const groups: Readonly<Record<string, readonly Instance[]>> = {
    startedAfterLastScaling: launched.filter((instance) => instance.runSpecVersion >= lastScalingAt),
    withLatestConfig: launched.filter((instance) => instance.runSpecVersion >= lastConfigChangeAt),
    withOutdatedConfig: launched.filter((instance) => instance.runSpecVersion < lastConfigChangeAt),
    totalSummary: launched,
  }
  return Object.fromEntries(
    Object.entries(groups)
      .filter(([, members]) => members.length > 0)
      .map(([name, members]) => [name, statsOf(view, members, now)]),
  )
}

function statsOf(view: HealthView, instances: readonly Instance[], now: Instant): Stats {
  const ages = instances
    .map((instance) => instance.tasks[0]?.startedAt)
    .filter((startedAt) => startedAt !== undefined)
    .map((startedAt) => (now - startedAt) / 1000)
    .sort((a, b) => a - b)
  const counts = countTasks(view, instances)
  if (ages.length === 0) return { stats: { counts } }
  return {
    stats: {
      counts,
      lifeTime: {
        averageSeconds: ages.reduce((sum, age) => sum + age, 0) / ages.length,
        medianSeconds: ages[Math.floor(ages.length / 2)]!,
      },
    },
  }
}
