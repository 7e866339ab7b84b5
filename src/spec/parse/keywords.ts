// The keywords of JSON Schema that our schemas use, and our own (schema/app.ts says what those mean).

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
  readonly 'x-plain'?: boolean
  readonly 'x-or-default'?: boolean
  readonly 'x-excludes'?: string
  readonly 'x-marked-by'?: string
  readonly 'x-kind'?: string
  readonly 'x-ignored'?: readonly string[]
  readonly 'x-name'?: string
}
