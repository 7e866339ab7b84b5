// The Instance object: what the kill of a pod's instances answers (app-definition 6, examples 4).

import type { Instance } from '../../core/instances/instance.ts'
import { formatInstant } from '../../lib/instant.ts'
import type { UnreachableStrategy } from '../../spec/app.ts'

/** `strategy` is that of the version the instance runs. */
export function renderInstance(
  instance: Instance,
  strategy: UnreachableStrategy | undefined,
): Readonly<Record<string, unknown>> {
  const { agent, activeSince } = instance
  return {
    instanceId: instance.id,
    state: {
      condition: instance.condition,
      since: formatInstant(instance.since),
      activeSince: activeSince === undefined ? undefined : formatInstant(activeSince),
      healthy: instance.healthy,
      goal: instance.goal,
    },
    agentInfo:
      agent === undefined
        ? undefined
        : {
            host: agent.hostname,
            agentId: agent.agentId,
            region: agent.region,
            zone: agent.zone,
            attributes: [],
          },
    runSpecVersion: instance.runSpecVersion,
    unreachableStrategy: strategy,
  }
}
