// Records are readonly to everyone but the function that puts them together, property by property.

/** The same record while it is being made. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] }
