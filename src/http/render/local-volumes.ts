// The volumes an agent keeps for an instance, as its tasks and the instances of a pod show them (app-definition 5).

import type { Instance } from '../../core/instances/instance.ts'

export interface LocalVolume {
  readonly runSpecId: string
  readonly containerPath: string
  readonly uuid: string
  readonly persistenceId: string
}

/** From the moment they are asked for, in use or not. Those of a pod are named where those of an app have a path. */
export const localVolumesOf = ({ runSpecId, reservation }: Instance): readonly LocalVolume[] =>
  reservation === undefined
    ? []
    : reservation.volumes.map(({ name, persistenceId }) => ({
        runSpecId,
        containerPath: name,
        uuid: persistenceId.slice(persistenceId.lastIndexOf('#') + 1),
        persistenceId,
      }))
