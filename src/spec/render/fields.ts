// How single fields of definitions are written, and the parts that apps and pods share (rest-api 11).

import type { UpgradeStrategy } from '../app.ts'
import { isEmpty } from '../defined.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

/** The JSON of a field's value; undefined: the field is left out. */
export type Write = (value: never) => Json | undefined

export const asIs = (value: Json): Json => value
export const nonEmptyList = (value: readonly Json[]): Json | undefined =>
  value.length === 0 ? undefined : value
export const nonEmptyRecord = (value: JsonObject): Json | undefined => (isEmpty(value) ? undefined : value)

/** The properties named by `keys` that are there, in that order. */
export const inOrder =
  (...keys: readonly string[]) =>
  (value: JsonObject): JsonObject => {
    const out: Record<string, Json> = {}
    for (const key of keys) {
      const property = value[key]
      if (property !== undefined) out[key] = property
    }
    return out
  }

/** As a table says: the properties that are there, each written its own way, in the order of the table. */
export const byTable =
  <K extends string>(table: readonly (readonly [key: K, write: Write, nameOnTheWire?: string])[]) =>
  (value: { readonly [Key in K]?: unknown }): JsonObject => {
    const out: Record<string, Json> = {}
    for (const [key, write, name] of table) {
      const property = value[key]
      const written = property === undefined ? undefined : write(property as never)
      if (written !== undefined) out[name ?? key] = written
    }
    return out
  }

export const eachOf =
  <T = JsonObject>(write: (value: T) => JsonObject) =>
  (values: readonly T[]): Json =>
    values.map(write)

export const nonEmptyEachOf =
  <T = JsonObject>(write: (value: T) => JsonObject) =>
  (values: readonly T[]): Json | undefined =>
    values.length === 0 ? undefined : values.map(write)

export const artifact = inOrder('uri', 'extract', 'executable', 'cache', 'destPath')
export const network = inOrder('name', 'mode', 'labels')
export const persistentVolume = inOrder('type', 'size', 'maxSize', 'profileName', 'constraints')

const canaryStep = inOrder('instances', 'percent', 'pauseSeconds')

/** The capacities in the order of who shows them. */
export const upgradeStrategy =
  (...capacities: readonly string[]) =>
  ({ canarySteps, ...numbers }: UpgradeStrategy): JsonObject => ({
    ...inOrder(...capacities, 'progressDeadlineSeconds')(numbers),
    ...(canarySteps && { canarySteps: canarySteps.map((step) => canaryStep({ ...step })) }),
  })

const enabledUnreachable = inOrder('inactiveAfterSeconds', 'expungeAfterSeconds')
export const unreachableStrategy = (strategy: 'disabled' | JsonObject): Json =>
  strategy === 'disabled' ? strategy : enabledUnreachable(strategy)
