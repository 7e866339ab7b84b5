// …/explain of apps, pods and deployments: why something is not as it shall be, as a tree of causes or as text. Working
// it out takes the core's thread longer than other answers do, so that many who ask at once take turns.

import type { Subject } from '../../core/explain/cause.ts'
import { limits } from '../../lib/limits.ts'
import { type Answer, json, text } from '../answer.ts'
import { type ApiError, fail } from '../errors.ts'
import { explanationText, renderExplanation } from '../render/explanation.ts'
import type { Endpoint, Exchange } from '../resource.ts'
import type { Api } from './api.ts'

/** `unknown`: the error when there is no such thing. */
export const explainEndpoint = (api: Api, subject: Subject, unknown: ApiError): Endpoint => ({
  produces: ['application/json', 'text/plain'],
  handle: (exchange) => explain(api, exchange, { subject, unknown }),
})

async function explain(
  api: Api,
  exchange: Exchange,
  { subject, unknown }: { readonly subject: Subject; readonly unknown: ApiError },
): Promise<Answer> {
  await (api.explaining.next() ?? fail({ kind: 'too-many-requests', limit: limits.waitingExplanations }))
  const explanation = api.view().explain(subject)
  if (explanation === undefined) return fail(unknown)
  return exchange.mediaType === 'text/plain'
    ? text(explanationText(explanation))
    : json({ explanation: renderExplanation(explanation) })
}
