// Files for browsers (rest-api 1.1, 10): /ui/* the web UI, /api-console/* the API console, /public/* everything that
// lies in the folder `public`. Only files are served, never a list of them. What reads them is loaded at the first
// request for one, so that a server nobody opens in a browser starts without it.

import type { FastifyInstance } from 'fastify'
import { type Answer, text } from '../answer.ts'
import { fail } from '../errors.ts'
import { type Endpoint, type Exchange, mount, pathOf } from '../resource.ts'
import type { Api } from './api.ts'

/** Where the paths of a site begin, and its folder beneath `public`. */
const sites = [
  { prefix: '/ui', folder: 'ui' },
  { prefix: '/api-console', folder: 'api-console' },
] as const

export function mountStaticFiles(server: FastifyInstance, api: Api): void {
  mount(server, '/', () => ({ GET: page(() => redirect('/ui/')) }))
  mount(server, '/help', () => ({ GET: page(() => redirect('/api-console/index.html')) }))
  for (const { prefix, folder } of sites) {
    const site = (rest: string) => ({
      GET: page((exchange) => {
        const isFolder = pathOf(exchange.request).endsWith('/')
        const file = isFolder ? `${withoutEnd(rest)}/index.html` : rest
        // A path whose last part has no dot is a folder's: browsers resolve links within it by the slash at its end.
        if (!lastPart(file).includes('.')) return redirect(`${prefix}/${encodePath(withEnd(rest))}`)
        return serve(api, exchange, `${folder}/${file}`)
      }),
    })
    mount(server, prefix, site)
    mount(server, `${prefix}/*`, site)
  }
  mount(server, '/public/*', (rest) => ({ GET: page((exchange) => serve(api, exchange, rest)) }))
}

const page = (handle: Endpoint['handle']): Endpoint => ({ produces: 'any', handle })

const redirect = (location: string): Answer => ({ kind: 'empty', status: 302, headers: { location } })

const withoutEnd = (path: string): string => path.replace(/\/+$/, '')
const withEnd = (path: string): string => (path === '' ? '' : `${withoutEnd(path)}/`)
const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

/** The file at `path` beneath the folder, or 404, whatever the reason that it is not to be had. */
async function serve(api: Api, exchange: Exchange, path: string): Promise<Answer> {
  const { publicDir } = api
  const parts = path.split('/').filter((part) => part !== '')
  if (publicDir === undefined || parts.includes('..') || path.includes('\0')) return notFound(exchange)
  const { default: send } = await import('@fastify/send')
  const found = await send(exchange.request.raw, `/${encodePath(parts.join('/'))}`, {
    root: publicDir,
    index: false,
    dotfiles: 'ignore',
    // Every answer has the headers against caching; parts of a file are no use at these sizes.
    cacheControl: false,
    acceptRanges: false,
  })
  if (found.type !== 'file') return notFound(exchange)
  const { 'Content-Type': type = 'application/octet-stream', ...headers } = found.headers
  if (found.statusCode === 304) return { kind: 'empty', status: 304, headers }
  return text(found.stream, { type, headers })
}

const notFound = (exchange: Exchange): never => fail({ kind: 'no-route', path: pathOf(exchange.request) })
