// Where in the stream of events an answer stands: answers that show what is carry the number of the last event that was
// told of before they were made. Whoever goes on from there misses nothing; some of what follows the answer may show
// already, since what is shown is a commit ahead of what is told.

import type { FastifyInstance } from 'fastify'
import type { EventHub } from './sse.ts'

export const positionHeader = 'Marathon-Event-Id'

/** Answers to this, by method and path of the route, show what events tell of. */
export const showsState = (method: string, path: string): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  /^\/v2\/(apps|groups|pods|tasks|deployments|queue)(\/|$)/.test(path)

/** On the way in, so that nothing which is shown can have been told of before it was looked at. */
export function addPosition(server: FastifyInstance, hub: Pick<EventHub, 'last'>): void {
  server.addHook('onRequest', async ({ method, routeOptions }, reply) => {
    if (showsState(method, routeOptions.url ?? '')) reply.header(positionHeader, hub.last)
  })
}
