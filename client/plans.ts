// What changes would do: the same calls with `dryRun`. Nothing is changed.

import { groupPath } from './groups.ts'
import { idPath } from './paths.ts'
import { podPath } from './pods.ts'
import type { Answer, Transport } from './transport.ts'
import type { AppDefinition, AppUpdate, Body, GroupUpdate, Plan, PodDefinition } from './wire.ts'

export class Plans {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  addApp(definition: Body<AppDefinition>): Promise<Answer<Plan>> {
    return this.#plan('POST', '/v2/apps', definition)
  }

  changeApp(id: string, change: Body<AppUpdate>): Promise<Answer<Plan>> {
    return this.#plan('PATCH', `/v2/apps/${idPath(id)}`, change)
  }

  /** Fields that are not given get their defaults; creates what is not there. */
  replaceApp(id: string, definition: Body<AppDefinition>): Promise<Answer<Plan>> {
    return this.#plan('PUT', `/v2/apps/${idPath(id)}`, definition, { partialUpdate: false })
  }

  changeApps(changes: Body<readonly AppUpdate[]>): Promise<Answer<Plan>> {
    return this.#plan('PATCH', '/v2/apps', changes)
  }

  restartApp(id: string): Promise<Answer<Plan>> {
    return this.#plan('POST', `/v2/apps/${idPath(id)}/restart`)
  }

  removeApp(id: string): Promise<Answer<Plan>> {
    return this.#plan('DELETE', `/v2/apps/${idPath(id)}`)
  }

  addGroup(definition: Body<GroupUpdate>): Promise<Answer<Plan>> {
    return this.#plan('POST', '/v2/groups', definition)
  }

  changeGroup(id: string, change: Body<GroupUpdate>): Promise<Answer<Plan>> {
    return this.#plan('PUT', groupPath(id), change)
  }

  removeGroup(id: string): Promise<Answer<Plan>> {
    return this.#plan('DELETE', groupPath(id))
  }

  addPod(definition: Body<PodDefinition>): Promise<Answer<Plan>> {
    return this.#plan('POST', '/v2/pods', definition)
  }

  replacePod(id: string, definition: Body<PodDefinition>): Promise<Answer<Plan>> {
    return this.#plan('PUT', podPath(id), definition)
  }

  removePod(id: string): Promise<Answer<Plan>> {
    return this.#plan('DELETE', podPath(id))
  }

  #plan(
    method: string,
    path: string,
    body?: unknown,
    query: { readonly partialUpdate?: boolean } = {},
  ): Promise<Answer<Plan>> {
    return this.#transport.json({
      method,
      path,
      query: { dryRun: true, ...query },
      ...(body === undefined ? {} : { body }),
    })
  }
}
