// The calls about pods (rest-api 3).

import { asked, type ChangeOptions } from './options.ts'
import { idPath } from './paths.ts'
import type { Answer, Transport } from './transport.ts'
import type { Body, ExplanationAnswer, KilledInstance, Pod, PodDefinition, PodStatus } from './wire.ts'

export class Pods {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  list(): Promise<Answer<readonly Pod[]>> {
    return this.#transport.json({ method: 'GET', path: '/v2/pods' })
  }

  statuses(): Promise<Answer<readonly PodStatus[]>> {
    return this.#transport.json({ method: 'GET', path: '/v2/pods/::status' })
  }

  get(id: string): Promise<Answer<Pod>> {
    return this.#transport.json({ method: 'GET', path: podPath(id) })
  }

  status(id: string): Promise<Answer<PodStatus>> {
    return this.#transport.json({ method: 'GET', path: `${podPath(id)}::status` })
  }

  /** Why a pod is not (yet) running or well, and what would help. */
  explain(id: string): Promise<Answer<ExplanationAnswer>> {
    return this.#transport.json({ method: 'GET', path: `${podPath(id)}::explain` })
  }

  versions(id: string): Promise<Answer<readonly string[]>> {
    return this.#transport.json({ method: 'GET', path: `${podPath(id)}::versions` })
  }

  version(id: string, version: string): Promise<Answer<Pod>> {
    return this.#transport.json({
      method: 'GET',
      path: `${podPath(id)}::versions/${encodeURIComponent(version)}`,
    })
  }

  /** `definition` is an object, or JSON text. The deployment is in the header `Marathon-Deployment-Id`. */
  add(definition: Body<PodDefinition>, options: ChangeOptions = {}): Promise<Answer<Pod>> {
    return this.#transport.json({ method: 'POST', path: '/v2/pods', body: definition, ...asked(options) })
  }

  /** Always a whole definition; creates what is not there. */
  replace(id: string, definition: Body<PodDefinition>, options: ChangeOptions = {}): Promise<Answer<Pod>> {
    return this.#transport.json({ method: 'PUT', path: podPath(id), body: definition, ...asked(options) })
  }

  /** The deployment is in the header `Marathon-Deployment-Id`. */
  remove(id: string, options: ChangeOptions = {}): Promise<Answer<undefined>> {
    return this.#transport.json({ method: 'DELETE', path: podPath(id), ...asked(options) })
  }

  /** The instances as they were; they are replaced. `wipe` forgets them with their volumes. */
  kill(
    id: string,
    instanceIds: readonly string[],
    options: { readonly wipe?: boolean | undefined } = {},
  ): Promise<Answer<readonly KilledInstance[]>> {
    return this.#transport.json({
      method: 'DELETE',
      path: `${podPath(id)}::instances`,
      query: { wipe: options.wipe || undefined },
      body: instanceIds,
    })
  }

  killOne(
    id: string,
    instanceId: string,
    options: { readonly wipe?: boolean | undefined } = {},
  ): Promise<Answer<KilledInstance>> {
    return this.#transport.json({
      method: 'DELETE',
      path: `${podPath(id)}::instances/${encodeURIComponent(instanceId)}`,
      query: { wipe: options.wipe || undefined },
    })
  }
}

export const podPath = (id: string): string => `/v2/pods/${idPath(id)}`
