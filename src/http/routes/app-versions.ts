// /v2/apps/{id}/versions (rest-api 2.1).

import { formatInstant, type Version } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import { isPod } from '../../spec/run-spec.ts'
import { json, jsonBytes } from '../answer.ts'
import { fail } from '../errors.ts'
import { definitionTag } from '../etag.ts'
import { appJson } from '../render/app-body.ts'
import { type Endpoints, requireInstant } from '../resource.ts'
import type { Api } from './api.ts'

export const versionsEndpoints = (api: Api, id: PathId): Endpoints => ({
  GET: {
    handle: () => {
      const view = api.view()
      if (view.app(id) === undefined) fail({ kind: 'app-unknown', id })
      return json({ versions: view.versions(id) })
    },
  },
})

/** The bare App; the timestamp may be written in any zone. */
export const versionEndpoints = (
  api: Api,
  target: { readonly id: PathId; readonly version: string },
): Endpoints => ({
  GET: {
    handle: () => {
      const version: Version = formatInstant(requireInstant(target.version))
      const view = api.view()
      const app = view.runSpecVersion(target.id, version)
      // Those of an app that is gone are kept for former trees; here they are gone with it.
      const isGone = view.app(target.id) === undefined
      if (isGone || app === undefined || isPod(app))
        return fail({ kind: 'version-unknown', id: target.id, version })
      const bytes = Buffer.from(appJson(app))
      return jsonBytes(bytes, { tag: definitionTag(app.version, bytes) })
    },
  },
})
