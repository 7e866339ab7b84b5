// How routes have a change of definitions carried out: refusals leave by the error table, a dry run is answered with
// its plan (rest-api 4), and what is deployed by each route in its own way.

import type { Outcome, RequestOf } from '../../core/requests.ts'
import { type Answer, accepted, deploymentResult, planResult, unexpected } from '../answer.ts'
import { dryRunOf, type Exchange } from '../resource.ts'
import type { Api } from './api.ts'

export type Deployed = Extract<Outcome, { readonly kind: 'deployed' }>

type ChangeRequest = RequestOf<
  | 'create-app'
  | 'update-app'
  | 'update-apps'
  | 'remove-app'
  | 'restart-app'
  | 'create-pod'
  | 'update-pod'
  | 'remove-pod'
  | 'create-group'
  | 'update-group'
  | 'remove-group'
  | 'kill-and-scale'
>

/** `answer`: to what is being deployed; by default its id and version. Whether it is a dry run, the query says. */
export async function deploy(
  api: Api,
  exchange: Exchange,
  request: ChangeRequest,
  answer: (done: Deployed) => Answer = (done) => deploymentResult(done),
): Promise<Answer> {
  const outcome = accepted(await api.submit({ ...request, ...dryRunOf(exchange) }))
  if (outcome.kind === 'planned') return planResult(outcome)
  return outcome.kind === 'deployed' ? answer(outcome) : unexpected(outcome.kind)
}

/** Where the original says that something was made: its path against the root of the server (rest-api 2). */
export const locationOf = (api: Api, exchange: Exchange, path: string): string =>
  `${exchange.serverRoot(api.options.scheme)}${encodeURI(path)}`
