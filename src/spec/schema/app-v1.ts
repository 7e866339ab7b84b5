// The app of the v1 API (rest-api 12.1): today's app, where the fields of that time have the defaults of that time.
// `taskRateLimit` is gone without replacement and ignored like any unknown field.

import * as Type from 'typebox'
import { App, ignoredAppFields } from './app.ts'
import { AppHealthCheck } from './checks.ts'
import { AnyPortOrZero, Count } from './primitives.ts'

const HealthCheckV1 = Type.Object({
  ...AppHealthCheck.properties,
  path: Type.String({ default: '/' }),
  portIndex: AnyPortOrZero,
  gracePeriodSeconds: Count(15),
  intervalSeconds: Count(10),
})

export const AppV1 = Type.Object(
  {
    ...App.properties,
    instances: Count(0),
    healthChecks: Type.Array(HealthCheckV1, { uniqueItems: true, default: [] }),
  },
  { 'x-ignored': ignoredAppFields, 'x-name': 'V1App' },
)

/** What `/v1/apps/scale` reads: only the instances are applied, and missing ones are none. */
export const ScaleV1 = Type.Object({ id: App.properties.id, instances: Count(0) })

/** What `/v1/apps/stop` reads. */
export const StopV1 = Type.Object({ id: App.properties.id })
