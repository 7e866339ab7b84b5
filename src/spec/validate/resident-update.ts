// What an app with persistent volumes may not change, since its reservations stay as they are (app-definition 10.3,
// update of resident app).

import type { AppSpec } from '../app.ts'
import { type Issue, Issues } from '../parse/issues.ts'
import { isApp, isResident, type RunSpecDraft } from '../run-spec.ts'
import { sameMembers, sameValue } from '../same-value.ts'

const remedy = 'If you need to make this change, please create a new service.'
const resourcesChanged = `Services with persistent volumes configured may not change resource requirements. ${remedy}`
const hostPortsChanged = `Services with persistent volumes configured may not change host ports. ${remedy}`

const fixed = ['cpus', 'mem', 'disk', 'gpus', 'requirePorts'] as const

/**
 * Reads both definitions with service ports assigned. Paths begin with `/app(index)`, the index counting the apps that
 * the same request changes.
 */
export function validateResidentUpdate(from: RunSpecDraft, to: RunSpecDraft, index: number): Issue[] {
  const issues = new Issues()
  if (!isApp(from) || !isApp(to)) return issues.list()
  if (!isResident(from) && !isResident(to)) return issues.list()
  const path = `/app(${index})`
  if (!sameMembers(persistentVolumes(from), persistentVolumes(to))) {
    issues.add(path, 'Persistent volumes can not be changed!')
  }
  for (const field of fixed) if (from[field] !== to[field]) issues.add(`${path}/${field}`, resourcesChanged)
  if (!sameValue(hostPorts(from), hostPorts(to))) issues.add(path, hostPortsChanged)
  return issues.list()
}

const persistentVolumes = (app: AppSpec): readonly unknown[] =>
  app.container?.volumes.filter((volume) => 'persistent' in volume) ?? []

function hostPorts(app: AppSpec): number[] {
  const mappings = app.container?.portMappings ?? []
  const ports =
    mappings.length > 0
      ? mappings.flatMap(({ hostPort }) => (hostPort === undefined ? [] : [hostPort]))
      : (app.portDefinitions ?? []).map(({ port }) => port)
  return [...new Set(ports)].sort((a, b) => a - b)
}
