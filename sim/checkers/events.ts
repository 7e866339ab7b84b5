// Who lists what there is and then follows the events, and who goes away and comes back with the number of the last
// event it has, knows in the end what there is: the condition of every instance, the deployments under way. Numbers
// have no holes, also not where a process ended, unless the log was cut and says so.

import { bodiesIn, type EventNumber } from '../../src/core/event-log/segment.ts'
import type { Instance } from '../../src/core/instances/instance.ts'
import type { Ready } from '../../src/core/ready.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import { type Rng, stream } from '../../src/lib/rng.ts'
import type { Disk } from '../disk.ts'
import type { Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'

/** How many batches pass, at most, before a restless client goes away, comes back or lists anew. */
const longestStay = 400

/** What a client believes. */
class Client {
  readonly name: string
  readonly isRestless: boolean
  last: EventNumber = 0
  isThere = false
  /** It lists as soon as it can. */
  mustList = true
  /** What it listed is all told of once so many batches have been released. */
  listedAt = 0
  /** Looked at whole next time, not only what changed. */
  isNew = true
  readonly conditions = new Map<string, string>()
  readonly deployments = new Set<string>()

  constructor(name: string, isRestless: boolean) {
    this.name = name
    this.isRestless = isRestless
  }

  take(body: Readonly<Record<string, unknown>>, number: EventNumber): void {
    if (number !== this.last + 1)
      throw new Violation('events', `${this.name} is told of event ${number} after ${this.last}`)
    this.last = number
    switch (body['eventType']) {
      case 'instance_changed_event':
        this.conditions.set(String(body['instanceId']), String(body['condition']))
        return
      case 'deployment_info':
        this.deployments.add((body['plan'] as { readonly id: string }).id)
        return
      case 'deployment_success':
      case 'deployment_failed':
        this.deployments.delete(String(body['id']))
        return
    }
  }
}

export class EventChecker implements Checker {
  readonly #disk: () => Disk
  readonly #rng: Rng
  readonly #clients = [new Client('who stays', false), new Client('who comes and goes', true)]
  #scheduler: InspectableScheduler | undefined
  /** The newest event that has been told of. */
  #told: EventNumber = 0
  #stepped = 0
  #released = 0
  #untilNextMove = 1
  readonly #changedInstances = new Set<string>()
  readonly #changedDeployments = new Set<string>()

  constructor(disk: () => Disk, seed: number | string) {
    this.#disk = disk
    this.#rng = stream(seed, 'clients of events')
  }

  started(scheduler: InspectableScheduler): void {
    this.#scheduler = scheduler
    this.#stepped = 0
    this.#released = 0
    const { last } = scheduler.core.state.eventLog
    if (last < this.#told)
      throw new Violation('events', `event ${this.#told} was told of, and the next process knows of ${last}`)
    this.#told = last
    if (!this.#isOn) return
    for (const client of this.#clients) {
      client.listedAt = 0
      if (client.isThere) this.#comeBack(client)
    }
  }

  /** Connections end with the process. What was seen and not told of yet may never have been. */
  crashed(): void {
    for (const client of this.#clients) if (this.#released < client.listedAt) client.mustList = true
    this.#scheduler = undefined
  }

  stepped(_step: Step): void {
    if (this.#isOn) for (const client of this.#clients) this.#compare(client)
    this.#changedInstances.clear()
    this.#changedDeployments.clear()
    this.#stepped++
  }

  released({ writes, notices, logged }: Ready): void {
    this.#released++
    if (!this.#isOn) return
    for (const { table, key } of writes) {
      if (table === 'instance') this.#changedInstances.add(key)
      if (table === 'deployment') this.#changedDeployments.add(key)
    }
    if ((logged === undefined) !== (notices.length === 0))
      throw new Violation('events', `${notices.length} events are told of, and they are not in the log`)
    if (logged !== undefined) this.#tell(notices, logged.first)
    if (--this.#untilNextMove > 0) return
    this.#untilNextMove = 1 + this.#rng.int(longestStay)
    for (const client of this.#clients) this.#move(client)
  }

  get #isOn(): boolean {
    return this.#scheduler !== undefined && this.#scheduler.core.settings.eventLogMaxEvents > 0
  }

  #tell(notices: Ready['notices'], first: EventNumber): void {
    if (first !== this.#told + 1) throw new Violation('events', `event ${first} follows ${this.#told}`)
    notices.forEach(({ body }, i) => {
      for (const client of this.#clients) if (client.isThere) client.take(body, first + i)
    })
    this.#told = first + notices.length - 1
  }

  #move(client: Client): void {
    if (client.mustList) this.#list(client)
    else if (!client.isRestless) return
    else if (client.isThere) client.isThere = false
    else if (this.#rng.chance(0.3)) this.#list(client)
    else this.#comeBack(client)
  }

  /** First where the stream stands, then what is: some of what follows the list may show already. */
  #list(client: Client): void {
    const { view } = this.#scheduler!
    client.last = this.#told
    client.isThere = true
    client.isNew = true
    client.mustList = false
    client.listedAt = this.#stepped
    client.conditions.clear()
    client.deployments.clear()
    for (const instance of view.instances()) client.conditions.set(instance.id, instance.condition)
    for (const deployment of view.deployments()) client.deployments.add(deployment.id)
  }

  /** Takes what follows the last event it has from the log, as far as that was told of. */
  #comeBack(client: Client): void {
    const { eventLog } = this.#scheduler!.core.state
    client.isThere = true
    client.isNew = true
    while (client.last < this.#told) {
      const place = eventLog.find(client.last)
      if (place.kind === 'gone') {
        client.isThere = false
        client.mustList = true
        return
      }
      if (place.kind === 'none')
        throw new Violation(
          'events',
          `${client.name} has event ${client.last}, ${this.#told} was told of, and nothing follows`,
        )
      const text = this.#disk().get<string>('event-log', place.key) ?? ''
      const bodies = bodiesIn(text).slice(client.last + 1 - place.first, this.#told + 1 - place.first)
      if (bodies.length === 0)
        throw new Violation('events', `what follows event ${client.last} is not on the disk`)
      for (const body of bodies)
        client.take(JSON.parse(body) as Readonly<Record<string, unknown>>, client.last + 1)
    }
  }

  /** Between two steps everything that is on the disk has been told of. */
  #compare(client: Client): void {
    if (!client.isThere || client.mustList || this.#released < client.listedAt) return
    const disk = this.#disk()
    const instances = client.isNew ? disk.keys('instance') : this.#changedInstances
    for (const id of instances) {
      const instance = disk.get<Instance>('instance', id)
      const condition = instance?.condition
      const told = client.conditions.get(id)
      // With its agent its volumes have gone: that is told, and it waits for any other as on its first day (runtime 3).
      if (condition === 'Scheduled' && told === 'Gone' && instance?.agent === undefined) continue
      if (condition !== undefined && told !== condition)
        throw new Violation(
          'events',
          `${id} is ${condition}, and ${client.name} holds it to be ${client.conditions.get(id)} (event ${client.last})`,
        )
      if (condition === undefined) client.conditions.delete(id)
    }
    const deployments = client.isNew
      ? new Set([...disk.keys('deployment'), ...client.deployments])
      : this.#changedDeployments
    for (const id of deployments) {
      const isUnderWay = disk.get('deployment', id) !== undefined
      if (isUnderWay !== client.deployments.has(id))
        throw new Violation(
          'events',
          `deployment ${id} is ${isUnderWay ? 'under way' : 'over'}, and ${client.name} believes otherwise (event ${client.last})`,
        )
    }
    client.isNew = false
  }
}
