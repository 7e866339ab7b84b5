// A well-behaved service: it listens where it is told to, says how it is, and goes on serving for two seconds after it
// was asked to end, so that nobody who was sent to it in the meantime finds the door closed.

import { createServer } from 'node:http'

const drainMs = 2_000
const { PORT0, VERSION = 'unnamed' } = process.env

const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/plain')
  response.end(request.url === '/health' ? 'well\n' : `${VERSION}\n`)
})
server.listen(Number(PORT0))
process.on('SIGTERM', () => setTimeout(() => process.exit(0), drainMs))
