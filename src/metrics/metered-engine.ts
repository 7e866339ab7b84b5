// An engine that counts what passes through it: offers, operations, kills, statuses, launched tasks. It wraps any
// engine, so that none of them has to know about metrics.

import type { EngineEvent } from '../core/events.ts'
import { launchedTasks, type Operation } from '../core/mesos.ts'
import type { EngineEffect } from '../core/ready.ts'
import type { Engine } from '../ports/engine.ts'
import type { Counter, Metrics } from './registry.ts'

export function meterEngine(engine: Engine, metrics: Metrics): Engine {
  const countEvent = eventCounter(metrics)
  const countEffect = effectCounter(metrics)
  const countRoles = roleCounter(metrics)
  return {
    start: (report, registration) =>
      engine.start((event) => {
        countEvent(event)
        countRoles(event)
        report(event)
      }, registration),
    perform: (effects) => {
      for (const effect of effects) {
        countEffect(effect)
        countRoles(effect)
      }
      engine.perform(effects)
    },
    stop: () => engine.stop(),
    ...(engine.needsFrameworkId === undefined ? {} : { needsFrameworkId: engine.needsFrameworkId }),
    ...(engine.describeIsolation === undefined
      ? {}
      : { describeIsolation: engine.describeIsolation.bind(engine) }),
    ...(engine.prober === undefined ? {} : { prober: engine.prober }),
    ...(engine.agents === undefined ? {} : { agents: engine.agents }),
    ...(engine.logs === undefined ? {} : { logs: engine.logs }),
  }
}

function eventCounter(metrics: Metrics): (event: EngineEvent) => void {
  const incoming = metrics.counter('mesos.offers.incoming')
  const memoryExceeded = metrics.counter('mesos.task.oom.memory-limit-exceeded')
  return (event) => {
    if (event.kind === 'offers') incoming.add(event.offers.length)
    if (event.kind !== 'status') return
    metrics.counter(`mesos.task-updates.${event.status.state.toLowerCase().replaceAll('_', '-')}`).add()
    if (event.status.reason === 'REASON_CONTAINER_LIMITATION_MEMORY') memoryExceeded.add()
  }
}

function effectCounter(metrics: Metrics): (effect: EngineEffect) => void {
  const used = metrics.counter('mesos.offers.used')
  const declined = metrics.counter('mesos.offers.declined')
  const operations: Partial<Record<Operation['type'], Counter>> = {
    LAUNCH: metrics.counter('mesos.offer-operations.launch'),
    LAUNCH_GROUP: metrics.counter('mesos.offer-operations.launch-group'),
    RESERVE: metrics.counter('mesos.offer-operations.reserve'),
  }
  const launched = metrics.counter('tasks.launched')
  return (effect) => {
    switch (effect.kind) {
      case 'accept':
        used.add(effect.offerIds.length)
        for (const operation of effect.operations) {
          operations[operation.type]?.add()
          launched.add(launchedTasks(operation).length)
        }
        return
      case 'decline':
        declined.add(effect.offerIds.length)
        return
      default:
        return
    }
  }
}

/** Also those that an update of the framework leaves without offers (events-metrics-flags 2.2). */
function roleCounter(metrics: Metrics): (event: EngineEvent | EngineEffect) => void {
  const revives = metrics.counter('mesos.calls.revive')
  const suppressions = metrics.counter('mesos.calls.suppress')
  /** The roles that get offers. */
  let offered = new Set<string>()
  const offerAllBut = (roles: readonly string[], suppressed: readonly string[]): void => {
    offered = new Set(roles.filter((role) => !suppressed.includes(role)))
  }
  return (event) => {
    switch (event.kind) {
      case 'engine-connected':
        if (event.subscribed !== undefined)
          offerAllBut(event.subscribed.roles, event.subscribed.suppressedRoles)
        return
      case 'revive':
        revives.add(event.roles.length)
        for (const role of event.roles) offered.add(role)
        return
      case 'suppress':
        suppressions.add(event.roles.length)
        for (const role of event.roles) offered.delete(role)
        return
      case 'update-framework':
        suppressions.add(event.suppressedRoles.filter((role) => offered.has(role)).length)
        offerAllBut(event.roles, event.suppressedRoles)
        return
      default:
        return
    }
  }
}
