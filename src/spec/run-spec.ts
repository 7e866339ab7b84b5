// What the scheduler keeps running: an app or a pod. It reads what both have under one name each; where they differ it
// asks the functions here, or narrows by `isPod` and has a branch for each.

import type { App, AppSpec } from './app.ts'
import type { Pod, PodSpec } from './pod.ts'

export type RunSpec = App | Pod

/** A run spec before it has a version. */
export type RunSpecDraft = AppSpec | PodSpec

export const isPod = <S extends RunSpecDraft>(runSpec: S): runSpec is Extract<S, { kind: 'pod' }> =>
  'kind' in runSpec

export const isApp = <S extends RunSpecDraft>(runSpec: S): runSpec is Exclude<S, { kind: 'pod' }> =>
  !isPod(runSpec)

/** What one instance takes of an agent: cores, MiB of memory and disk, gpus. */
export function resourcesOf(runSpec: RunSpecDraft): {
  readonly cpus: number
  readonly mem: number
  readonly disk: number
  readonly gpus: number
} {
  if (isApp(runSpec)) {
    const { cpus, mem, disk, gpus } = runSpec
    return { cpus, mem, disk, gpus }
  }
  const total = { ...runSpec.executorResources, gpus: 0 }
  for (const { resources } of runSpec.containers) {
    total.cpus += resources.cpus
    total.mem += resources.mem
    total.disk += resources.disk
    total.gpus += resources.gpus
  }
  return total
}

/** Whether it keeps persistent volumes, and with them a reservation on one agent. */
export const isResident = (runSpec: RunSpecDraft): boolean =>
  isPod(runSpec)
    ? runSpec.volumes.some((volume) => 'persistent' in volume)
    : (runSpec.container?.volumes.some((volume) => 'persistent' in volume) ?? false)

export const isHostNetwork = (runSpec: Pick<RunSpecDraft, 'networks'>): boolean =>
  runSpec.networks.every((network) => network.mode === 'host')
