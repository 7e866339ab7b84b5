// What operators do to a process, where there is none to do it to.

import type { ServerControl } from '../../src/http/deps.ts'
import { LogLevels } from '../../src/logging/levels.ts'
import { fakeNow } from './fake-view.ts'
import { HandClock } from './hand-clock.ts'

export const fakeControl = (): ServerControl => ({
  logging: new LogLevels('info', new HandClock(fakeNow)),
  configuration: {},
  abdicate: () => undefined,
})
