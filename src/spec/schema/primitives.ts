// The strings and numbers that apps, pods and groups share (app-definition 1). The patterns accept exactly what
// the documented ones accept, written so that no input makes matching slow: each character has one way to match.

import * as Type from 'typebox'

const label = '[a-z0-9]+(?:-+[a-z0-9]+)*'
const segment = `${label}(?:\\.${label})*`

/** A path as users write it: relative or absolute, `..` and empty segments pass, `.`, upper case and `_` do not. */
const pathIdPattern = `^(?:(?:\\.\\.|${segment})?/)*(?:\\.\\.|${segment})?$`
/** One segment of a path id, or `.` or `..`. */
export const segmentPattern = `^(?:${segment}|\\.\\.?)$`
export const namePattern = '^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$'
export const networkNamePattern = '^[a-z0-9](?:[-a-z0-9_]*[a-z0-9])?$'
export const networkNameChars = 63

const int32 = { format: 'int32' } as const

/** Names of containers, endpoints and volumes of pods. */
export const Name = Type.String({ pattern: namePattern, minLength: 1, maxLength: 63 })
export const PathId = Type.String({ minLength: 1, pattern: pathIdPattern })
/** Port names in apps, of any length. */
export const LegacyName = Type.String({ pattern: namePattern, minLength: 1 })
export const NetworkName = Type.String({
  pattern: networkNamePattern,
  minLength: 1,
  maxLength: networkNameChars,
})
export const greatestUriChars = 1024
export const Uri = Type.String({ minLength: 1, maxLength: greatestUriChars })
export const Path = Type.String({ minLength: 1, maxLength: 1024 })
export const NonEmpty = Type.String({ minLength: 1 })
export const Timestamp = Type.String({ format: 'date-time' })

export const greatestPort = 65_535
export const Port = Type.Integer({ ...int32, minimum: 1, maximum: greatestPort })
export const AnyPort = Type.Integer({ ...int32, minimum: 0, maximum: greatestPort })
export const AnyPortOrZero = Type.Integer({ ...int32, minimum: 0, maximum: greatestPort, default: 0 })

/** A count or a number of seconds with a default. */
export const Count = (byDefault: number) => Type.Integer({ ...int32, minimum: 0, default: byDefault })

export const Labels = Type.Record(Type.String(), Type.String())
export const LabelsOrNone = Type.Record(Type.String(), Type.String(), { default: {} })

export const NetworkProtocol = Type.Enum(['tcp', 'udp', 'udp,tcp'], { default: 'tcp' })
export const HttpScheme = Type.Enum(['HTTP', 'HTTPS'], { default: 'HTTP' })
