// Health checks that Marathon runs (runtime 9): which tasks are asked, and what follows from their answers. What an
// answer means is decided in health/; here the decision is applied and told.

import type { Core } from './core.ts'
import type { ProbeResult } from './health/probe.ts'

export function healthAnswered(_core: Core, _result: ProbeResult): void {}
