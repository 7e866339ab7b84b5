// Readiness checks (runtime 10): asked of what a deployment launches, until it answers that it is ready.

import type { Core } from './core.ts'
import type { ProbeResult } from './health/probe.ts'

export function readinessAnswered(_core: Core, _result: ProbeResult): void {}
