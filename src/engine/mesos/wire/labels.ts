// Labels: lists of keys and values on the wire, records in the core. Of a key that comes twice the last one counts; a
// label without a value has an empty one.

import { type Json, list, optionalText, text } from './fields.ts'

export interface Labels {
  readonly labels?: readonly { readonly key: string; readonly value: string }[]
}

type LabelRecord = Readonly<Record<string, string>>

const none: LabelRecord = Object.freeze({})

export function decodeLabels(labels: Json | undefined): LabelRecord {
  if (labels === undefined) return none
  const record: Record<string, string> = {}
  list(labels, 'labels', (label) => {
    record[text(label, 'key')] = optionalText(label, 'value') ?? ''
  })
  return record
}

/** `{}` when there are none. */
export function encodeLabels(record: LabelRecord): Labels {
  const labels = keysAndValues(record)
  return labels.length === 0 ? {} : { labels }
}

export function keysAndValues(record: LabelRecord): { readonly key: string; readonly value: string }[] {
  const pairs: { key: string; value: string }[] = []
  for (const key in record) pairs.push({ key, value: record[key]! })
  return pairs
}
