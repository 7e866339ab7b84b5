// The instances of one version that wait for a launch, in the order they began to wait. Those of an app with volumes
// may be in several roles, since what is reserved keeps its role, so the roles are counted: asking for offers must not
// look at everybody who waits.

import type { Instance, InstanceId } from '../instances/instance.ts'

export class WaitingInstances extends Map<InstanceId, Instance> {
  /** By role, how many wait, and how many of those for the one agent that keeps their volumes. */
  readonly roles = new Map<string, { count: number; bound: number }>()

  put(instance: Instance): void {
    this.set(instance.id, instance)
    const { role, reservation } = instance
    const counts = this.roles.get(role)
    const bound = reservation === undefined ? 0 : 1
    if (counts === undefined) this.roles.set(role, { count: 1, bound })
    else {
      counts.count++
      counts.bound += bound
    }
  }

  /** False: it was not there. */
  take({ id, role, reservation }: Instance): boolean {
    if (!this.delete(id)) return false
    const counts = this.roles.get(role)!
    counts.count--
    if (reservation !== undefined) counts.bound--
    if (counts.count === 0) this.roles.delete(role)
    return true
  }
}
