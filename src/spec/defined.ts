// Records whose optional properties are absent instead of undefined, as exactOptionalPropertyTypes wants them and as
// JSON shows them.

type OptionalKeys<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T]

export type Defined<T> = { [K in Exclude<keyof T, OptionalKeys<T>>]: T[K] } & {
  [K in OptionalKeys<T>]?: Exclude<T[K], undefined>
}

/** A copy without the properties whose value is undefined; order is kept. */
export function defined<T extends object>(record: T): Defined<T> {
  const out: Record<string, unknown> = {}
  // Every definition passes here several times: an array for each property would be most of what a write allocates.
  for (const key of Object.keys(record)) {
    const value = (record as Readonly<Record<string, unknown>>)[key]
    if (value !== undefined) out[key] = value
  }
  return out as Defined<T>
}

export const isEmpty = (record: object): boolean => Object.keys(record).length === 0
