// The keywords of JSON Schema that our schemas use, and our own.

export interface Keywords {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly properties?: Readonly<Record<string, Keywords>>
  readonly required?: readonly string[]
  readonly patternProperties?: Readonly<Record<string, Keywords>>
  readonly items?: Keywords
  readonly anyOf?: readonly Keywords[]
  readonly enum?: readonly string[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly pattern?: string
  readonly format?: string
  /** Of the items of a list: they are what the schema as a whole is of, whose name this is. */
  readonly 'x-ref'?: string
  /** Another JSON type here is `error.expected.jsobject` instead of being read as `{}` (rest-api 1.4). */
  readonly 'x-plain'?: boolean
  /** A wrong value silently becomes the default (app-definition 2.1, linuxInfo). */
  readonly 'x-or-default'?: boolean
  /** A key that must not be beside the others of this alternative. */
  readonly 'x-excludes'?: string
  /** A key whose presence says that this alternative is meant: the others are not tried. */
  readonly 'x-marked-by'?: string
  /** The key that says which kind of object it is, as its schema spells it (app-definition 3, scaling). */
  readonly 'x-kind'?: string
  /** Fields that are no slips although nothing reads them: no warning (spec/field-warnings.ts). */
  readonly 'x-ignored'?: readonly string[]
  /** Under which the schema is listed in the OpenAPI document. */
  readonly 'x-name'?: string
}
