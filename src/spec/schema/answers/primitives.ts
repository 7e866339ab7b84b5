// What answers have in common. Answers are described by the same kind of schemas as bodies that users send, but
// nothing has a default: what is not optional is there. Keywords of ours: `x-name`, under which a schema is listed in
// the OpenAPI document, and `x-ref`, which stands for the schema of that name where writing it out would never end.

import * as Type from 'typebox'

/** `2031-04-02T09:15:20.480Z`: UTC, always with milliseconds (rest-api, conventions). */
export const Time = Type.String({ format: 'date-time' })
export const AbsoluteId = Type.String({ description: 'An absolute path id: /shop/web' })
export const Texts = Type.Record(Type.String(), Type.String())
export const Count = Type.Integer({ minimum: 0 })
/** Whatever it is: foreign data, or values the API has always shown as they are. */
export const Anything = Type.Unknown()
export const Facts = Type.Record(Type.String(), Anything)

export const Message = Type.Object(
  { message: Type.String(), details: Type.Optional(Type.Array(Anything)) },
  { 'x-name': 'Message' },
)

export const DeploymentResult = Type.Object(
  { deploymentId: Type.String({ format: 'uuid' }), version: Time },
  { 'x-name': 'DeploymentResult', description: 'The deployment that carries the change out' },
)
