// What a service with persistent volumes may not change, since its reservations stay as they are (app-definition 10.3,
// update of resident app; 10.6).

import type { AppSpec } from '../app.ts'
import { type Issue, Issues } from '../parse/issues.ts'
import type { PodSpec } from '../pod.ts'
import { isApp, isPod, isResident, type RunSpecDraft, resourcesOf } from '../run-spec.ts'
import { sameMembers, sameValue } from '../same-value.ts'
import { double } from './phrases.ts'

const remedy = 'If you need to make this change, please create a new service.'
const resourcesChanged = `Services with persistent volumes configured may not change resource requirements. ${remedy}`
const hostPortsChanged = `Services with persistent volumes configured may not change host ports. ${remedy}`

const fixed = ['cpus', 'mem', 'disk', 'gpus', 'requirePorts'] as const

/**
 * Reads both definitions with service ports assigned. Paths begin with `/app(index)` or `/pod(index)`, the index
 * counting the services that the same request changes.
 */
export function validateResidentUpdate(from: RunSpecDraft, to: RunSpecDraft, index: number): Issue[] {
  const issues = new Issues()
  if (!isResident(from) && !isResident(to)) return issues.list()
  if (isApp(from) && isApp(to)) checkApp(from, to, `/app(${index})`, issues)
  if (isPod(from) && isPod(to)) checkPod(from, to, `/pod(${index})`, issues)
  return issues.list()
}

function checkApp(from: AppSpec, to: AppSpec, path: string, issues: Issues): void {
  if (!sameMembers(persistentVolumes(from), persistentVolumes(to))) {
    issues.add(path, 'Persistent volumes can not be changed!')
  }
  for (const field of fixed) if (from[field] !== to[field]) issues.add(`${path}/${field}`, resourcesChanged)
  if (!sameValue(hostPorts(from), hostPorts(to))) issues.add(path, hostPortsChanged)
}

const persistentVolumes = (app: AppSpec): readonly unknown[] =>
  app.container?.volumes.filter((volume) => 'persistent' in volume) ?? []

function hostPorts(app: AppSpec): number[] {
  const mappings = app.container?.portMappings ?? []
  const ports =
    mappings.length > 0
      ? mappings.flatMap(({ hostPort }) => (hostPort === undefined ? [] : [hostPort]))
      : (app.portDefinitions ?? []).map(({ port }) => port)
  return inOrder(ports)
}

const inOrder = (ports: readonly number[]): number[] => [...new Set(ports)].sort((a, b) => a - b)

function checkPod(from: PodSpec, to: PodSpec, path: string, issues: Issues): void {
  if (!sameMembers(persistentVolumesOfPod(from), persistentVolumesOfPod(to))) {
    issues.add(path, 'persistent volumes cannot be updated')
  }
  const [before, after] = [resourcesOf(from), resourcesOf(to)]
  for (const resource of ['cpus', 'mem', 'disk', 'gpus'] as const) {
    // Sums of the same numbers in another order are the same resources.
    if (Math.abs(before[resource] - after[resource]) > 1e-6) {
      issues.add(path, `${resource} cannot be updated if a pod has persistent volumes`)
    }
  }
  if (!sameValue(hostPortsOfPod(from), hostPortsOfPod(to))) {
    issues.add(path, 'host ports cannot be updated if a pod has persistent volumes')
  }
  const { maximumOverCapacity } = to.upgradeStrategy
  if (maximumOverCapacity !== 0) {
    const error = `got ${double(maximumOverCapacity)}, expected 0.0`
    issues.add(`${path}/upgradeStrategy/maximumOverCapacity`, error)
  }
}

const persistentVolumesOfPod = (pod: PodSpec): readonly unknown[] =>
  pod.volumes.filter((volume) => 'persistent' in volume)

const hostPortsOfPod = (pod: PodSpec): number[] =>
  inOrder(
    pod.containers.flatMap(({ endpoints }) =>
      endpoints.flatMap(({ hostPort }) => (hostPort === undefined ? [] : [hostPort])),
    ),
  )
