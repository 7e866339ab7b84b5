// The calls of the first releases (rest-api 12.1).

import { idPath } from './paths.ts'
import type { Answer, Transport } from './transport.ts'
import type { V1App, V1AppWithCounts, V1Endpoint, V1Task, V1TasksByApp } from './wire.ts'

export class V1 {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  start(definition: unknown): Promise<Answer<undefined>> {
    return this.#transport.json({ method: 'POST', path: '/v1/apps/start', body: definition })
  }

  stop(id: string): Promise<Answer<undefined>> {
    return this.#transport.json({ method: 'POST', path: '/v1/apps/stop', body: { id } })
  }

  scale(id: string, instances: number): Promise<Answer<undefined>> {
    return this.#transport.json({ method: 'POST', path: '/v1/apps/scale', body: { id, instances } })
  }

  apps(): Promise<Answer<readonly V1AppWithCounts[]>> {
    return this.#transport.json({ method: 'GET', path: '/v1/apps' })
  }

  search(filter: {
    readonly id?: string | undefined
    readonly cmd?: string | undefined
  }): Promise<Answer<readonly V1App[]>> {
    return this.#transport.json({ method: 'GET', path: '/v1/apps/search', query: { ...filter } })
  }

  /** By the app's id. */
  tasksOf(id: string): Promise<Answer<Readonly<Record<string, readonly V1Task[]>>>> {
    return this.#transport.json({ method: 'GET', path: `/v1/apps/${idPath(id)}/tasks` })
  }

  tasks(): Promise<Answer<V1TasksByApp>> {
    return this.#transport.json({ method: 'GET', path: '/v1/tasks' })
  }

  endpoints(): Promise<Answer<readonly V1Endpoint[]>> {
    return this.#transport.json({ method: 'GET', path: '/v1/endpoints' })
  }

  endpoint(id: string): Promise<Answer<V1Endpoint>> {
    return this.#transport.json({ method: 'GET', path: `/v1/endpoints/${idPath(id)}` })
  }

  kill(query: {
    readonly appId: string
    readonly host?: string | undefined
    readonly id?: string | undefined
    readonly scale?: boolean | undefined
  }): Promise<Answer<readonly V1Task[]>> {
    return this.#transport.json({ method: 'POST', path: '/v1/tasks/kill', query })
  }

  isLeader(): Promise<Answer<boolean>> {
    return this.#transport.json({ method: 'GET', path: '/v1/debug/isLeader' })
  }

  leaderUrl(): Promise<Answer<string>> {
    return this.#transport.text({ method: 'GET', path: '/v1/debug/leaderUrl' })
  }
}
