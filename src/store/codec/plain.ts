// What survives being written as JSON and read again. The memory store checks it, so that a record that would come back
// changed fails in a unit test instead of after a restart.

import { assert } from '../../lib/assert.ts'

/** Throws when the value would not come back as it is: NaN, Infinity, a Map, a Date, undefined in a list … */
export function checkPlain(value: unknown, path: string): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return
    case 'number':
      assert(Number.isFinite(value), `${path} is ${value}, which JSON cannot hold`)
      return
    case 'object':
      checkPlainObject(value, path)
      return
    default:
      assert(false, `${path} is of type ${typeof value}, which JSON cannot hold`)
  }
}

function checkPlainObject(value: object | null, path: string): void {
  if (value === null) return
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkPlain(item, `${path}(${index})`)
    return
  }
  const prototype = Object.getPrototypeOf(value)
  assert(
    prototype === Object.prototype || prototype === null,
    `${path} is a ${value.constructor?.name}, not plain data`,
  )
  for (const [name, field] of Object.entries(value)) {
    // A field that is undefined comes back absent, which means the same everywhere here.
    if (field !== undefined) checkPlain(field, `${path}/${name}`)
  }
}
