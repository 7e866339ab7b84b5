// The rules that a larger number of instances alone can break, for apps that are scaled without being sent again. What
// is wrong is found at the app and not at its field, since nobody wrote that field (app-definition 10.5).

import type { AppSpec } from '../app.ts'
import { type Issue, Issues } from '../parse/issues.ts'
import type { AppInput } from '../schema/app.ts'
import { singleInstanceLabel } from './canonical.ts'
import { checkExternalVolumesOfApp } from './volumes.ts'

export function validateScaledApp(app: AppSpec): Issue[] {
  const found = new Issues()
  if (app.labels[singleInstanceLabel] === 'true' && app.instances > 1) {
    found.add('/', 'Single instance app may only have one instance')
  }
  // The two types differ in what is optional; volumes and strategies are those of the wire.
  checkExternalVolumesOfApp(app as unknown as AppInput, found)
  const errors = found.list().flatMap((issue) => issue.errors)
  return errors.length === 0 ? [] : [{ path: `/apps/${app.id}`, errors }]
}
