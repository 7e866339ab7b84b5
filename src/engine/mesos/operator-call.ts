// Calls of the operator APIs of masters and agents (POST /api/v1, one JSON document each way). Used for what people
// look at, never for scheduling.

import type { Dispatcher } from 'undici'
import { limits } from '../../lib/limits.ts'
import type { OperatorAnswer, OperatorCall } from './agent-files.ts'
import { mesosLimits } from './limits.ts'

/** Whom a call is made as; absent: nobody. */
export interface OperatorCredentials {
  readonly principal: string
  readonly secret: string
}

/** The header of HTTP Basic authentication (RFC 7617). */
export const basicAuthorization = ({ principal, secret }: OperatorCredentials): string =>
  `Basic ${Buffer.from(`${principal}:${secret}`).toString('base64')}`

/** @returns a call that never throws: what goes wrong is in its answer */
export function createOperatorCall(
  credentials: OperatorCredentials | undefined,
  mostBytes: number = mesosLimits.operatorAnswerBytes,
): OperatorCall {
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    ...(credentials === undefined
      ? {}
      : {
          authorization: basicAuthorization(credentials),
        }),
  }
  let connections: Dispatcher | undefined
  return async (url, call): Promise<OperatorAnswer> => {
    try {
      // Loaded late, for it takes its time. The default export: bundled, a CommonJS library has no others then.
      const { Agent, interceptors, request } = (await import('undici')).default
      connections ??= new Agent({
        headersTimeout: limits.operatorCallMs,
        bodyTimeout: limits.operatorCallMs,
        connectTimeout: limits.operatorCallMs,
        maxResponseSize: mostBytes,
        // A standby master sends on to the one that leads.
      }).compose(interceptors.redirect({ maxRedirections: 2 }))
      const { statusCode, body } = await request(url, {
        method: 'POST',
        headers,
        body: JSON.stringify(call),
        dispatcher: connections,
      })
      const text = await body.text()
      if (statusCode !== 200)
        return { kind: 'refused', status: statusCode, message: refusal(statusCode, text) }
      return { kind: 'ok', body: JSON.parse(text) as unknown }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      return { kind: 'refused', message: message === '' ? (code ?? 'no reason given') : message }
    }
  }
}

const refusal = (status: number, text: string): string =>
  `it answered ${status}${text === '' ? '' : `, ${JSON.stringify(text.slice(0, 200))}`}`
