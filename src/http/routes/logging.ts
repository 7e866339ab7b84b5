// /logging (rest-api 10): how much each part of the server logs, and changing it while it runs.

import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import { seconds } from '../../lib/instant.ts'
import type { LoggerLevel } from '../../ports/logger.ts'
import { interpret } from '../../spec/parse/interpreter.ts'
import { type Answer, json } from '../answer.ts'
import { fail } from '../errors.ts'
import { type Exchange, mount } from '../resource.ts'
import type { Api } from './api.ts'

const LoggerChange = Type.Object({
  level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error']),
  logger: Type.String(),
  durationSeconds: Type.Optional(Type.Integer({ format: 'int32', minimum: 1 })),
})

export function mountLogging(server: FastifyInstance, api: Api): void {
  mount(server, '/logging', () => ({
    GET: { handle: () => json(Object.fromEntries(api.control.logging.list().map(renderLevel))) },
    POST: { handle: (exchange) => change(api, exchange) },
  }))
}

const renderLevel = ({ name, level, isInherited }: LoggerLevel): [string, string] => [
  name,
  isInherited ? `${level.toUpperCase()} (inherited)` : level.toUpperCase(),
]

function change(api: Api, exchange: Exchange): Answer {
  const parsed = interpret(LoggerChange, exchange.body())
  if (!parsed.ok) return fail({ kind: 'invalid-json-shape', issues: parsed.error })
  const { level, logger, durationSeconds } = parsed.value
  const lasting = durationSeconds === undefined ? undefined : seconds(durationSeconds)
  if (logger === '') return refuse('must not be empty')
  if (!api.control.logging.set(logger, level, lasting)) {
    const known = api.control.logging.list().map(({ name }) => name)
    return refuse(`got ${logger}, expected one of: [${known.join(', ')}]`)
  }
  return json({ level, logger, ...(durationSeconds === undefined ? {} : { durationSeconds }) })
}

const refuse = (error: string): never =>
  fail({ kind: 'invalid-object', issues: [{ path: '/logger', errors: [error] }] })
