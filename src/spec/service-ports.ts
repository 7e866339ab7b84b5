// Service ports: the numbers that load balancers know a service by. Those left at 0 are assigned from a range when an
// app is new or changed (app-definition 8, end). In the order of a change this comes before its version is
// decided, so that posting the same definition again, ports at 0, changes nothing.

import { ok, type Result, refused } from '../lib/result.ts'
import type { AppSpec } from './app.ts'
import { isConfigChange } from './diff.ts'
import { isPod, type RunSpecDraft } from './run-spec.ts'

/** Both ends inclusive: `--local_port_min`, `--local_port_max`. */
export interface PortRange {
  readonly min: number
  readonly max: number
}

export interface PortsExhausted {
  readonly kind: 'ports-exhausted'
  readonly min: number
  readonly max: number
}

/** The service ports of an app, by port index. Pods have none. */
export function servicePorts(app: RunSpecDraft): number[] {
  if (isPod(app)) return []
  const mappings = app.container?.portMappings ?? []
  return mappings.length > 0
    ? mappings.map(({ servicePort }) => servicePort)
    : (app.portDefinitions ?? []).map(({ port }) => port)
}

/**
 * `app` with every service port that is 0 replaced: first by ports of `previous` that it does not use itself, then by
 * the lowest free ones. `used` holds the service ports of all apps before and after the change. An app that is only
 * scaled, or not changed at all, keeps what it has. `search`: where looking for a free port goes on, for one change of
 * many apps; none below it is free.
 */
export function assignServicePorts<T extends RunSpecDraft>(
  app: T,
  previous: RunSpecDraft | undefined,
  used: { has(port: number): boolean },
  range: PortRange,
  search: { next: number } = { next: range.min },
): Result<T, PortsExhausted> {
  if (isPod(app)) return ok(app)
  const wanted = servicePorts(app)
  if (!wanted.includes(0)) return ok(app)
  if (previous !== undefined && !isConfigChange(previous, app)) return ok(app)
  const kept = previous === undefined ? [] : servicePorts(previous)
  const own = kept.filter((port) => port >= range.min && port <= range.max && !wanted.includes(port))
  const assigned: number[] = []
  for (const port of wanted) {
    if (port !== 0) {
      assigned.push(port)
      continue
    }
    const again = own.shift()
    if (again === undefined) {
      while (search.next <= range.max && used.has(search.next)) search.next++
      if (search.next > range.max) return refused({ kind: 'ports-exhausted', ...range })
    }
    assigned.push(again ?? search.next++)
  }
  return ok(withServicePorts(app as T & AppSpec, assigned))
}

/** `app` with these service ports, by port index. */
function withServicePorts<T extends AppSpec>(app: T, ports: readonly number[]): T {
  const mappings = app.container?.portMappings ?? []
  if (app.container !== undefined && mappings.length > 0) {
    const portMappings = mappings.map((mapping, index) => ({ ...mapping, servicePort: ports[index] ?? 0 }))
    return { ...app, container: { ...app.container, portMappings } }
  }
  if (app.portDefinitions === undefined) return app
  const portDefinitions = app.portDefinitions.map((definition, index) => ({
    ...definition,
    port: ports[index] ?? 0,
  }))
  return { ...app, portDefinitions }
}
