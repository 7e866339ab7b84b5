// The calls about groups (rest-api 4). `/` is the root.

import { asked, type ChangeOptions, type EmbedOption, embedQuery } from './options.ts'
import { idPath } from './paths.ts'
import type { Answer, Transport } from './transport.ts'
import type { AppInfo, Body, DeploymentResult, Group, GroupUpdate } from './wire.ts'

export class Groups {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** With all its groups, apps and pods, unless `embed` names some. */
  get(id = '/', options: EmbedOption = {}): Promise<Answer<Group>> {
    return this.#transport.json({ method: 'GET', path: groupPath(id), query: embedQuery(options) })
  }

  /** All apps in the group, those of groups within it as well. */
  apps(id = '/', options: EmbedOption = {}): Promise<Answer<readonly AppInfo[]>> {
    return this.#transport.json({ method: 'GET', path: `${groupPath(id)}/apps`, query: embedQuery(options) })
  }

  versions(id = '/'): Promise<Answer<readonly string[]>> {
    return this.#transport.json({ method: 'GET', path: `${groupPath(id)}/versions` })
  }

  version(id: string, version: string): Promise<Answer<Group>> {
    return this.#transport.json({
      method: 'GET',
      path: `${groupPath(id)}/versions/${encodeURIComponent(version)}`,
    })
  }

  /** `definition` is an object with an id, or JSON text. */
  add(definition: Body<GroupUpdate>, options: ChangeOptions = {}): Promise<Answer<DeploymentResult>> {
    return this.#transport.json({
      method: 'POST',
      path: '/v2/groups',
      body: definition,
      ...asked(options),
    })
  }

  /** A structure, `{"scaleBy": 1.5}`, or `{"version": …}` to go back to; creates what is not there. */
  change(
    id: string,
    change: Body<GroupUpdate>,
    options: ChangeOptions = {},
  ): Promise<Answer<DeploymentResult>> {
    return this.#transport.json({ method: 'PUT', path: groupPath(id), body: change, ...asked(options) })
  }

  /** Whether the services in a top-level group must have its role. */
  enforceRole(id: string, enforceRole: boolean): Promise<Answer<undefined>> {
    return this.#transport.json({ method: 'PATCH', path: groupPath(id), body: { enforceRole } })
  }

  /** Everything in it goes, too. */
  remove(id: string, options: ChangeOptions = {}): Promise<Answer<DeploymentResult>> {
    return this.#transport.json({ method: 'DELETE', path: groupPath(id), ...asked(options) })
  }
}

export function groupPath(id: string): string {
  const path = idPath(id)
  return path === '' ? '/v2/groups' : `/v2/groups/${path}`
}
