// Who runs a health check of an app, by its protocol (runtime 9).

import type { AppHealthCheck } from './app.ts'

type Protocol = AppHealthCheck['protocol']

const marathonProtocols = ['HTTP', 'HTTPS', 'TCP'] as const satisfies readonly Protocol[]

export type MarathonProtocol = (typeof marathonProtocols)[number]

/** Checks of this protocol are run by Marathon itself, from outside; the others by the engine, beside the task. */
export const isMarathonProtocol = (protocol: Protocol): protocol is MarathonProtocol =>
  (marathonProtocols as readonly Protocol[]).includes(protocol)
