// The App object as the API writes it, once per record: app records never change, so their JSON is made the first time
// somebody asks and kept as long as the record.

import { oncePer } from '../../lib/once.ts'
import type { App } from '../../spec/app.ts'
import { renderApp } from '../../spec/render/app.ts'

/** The JSON of the App object. */
export const appJson = oncePer((app: App): string => JSON.stringify(renderApp(app)))

/** The same without its closing brace, for objects that go on after the App's fields. */
export const openAppJson = (app: App): string => appJson(app).slice(0, -1)

/** The open JSON of the answer to a create request, which has no versionInfo yet (rest-api 2). */
export const openCreatedAppJson = (app: App): string => JSON.stringify(renderApp(app, 'created')).slice(0, -1)
