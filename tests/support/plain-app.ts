// An app as it comes out of normalising, with every default: what the builders of the tests vary.

import type { App } from '../../src/spec/app.ts'

/** A command app without ports; it has no history, so both its times are its version. */
export function plainApp(change: Partial<App> & Pick<App, 'id' | 'version'>): App {
  return {
    backoffFactor: 1.15,
    backoffSeconds: 1,
    cmd: 'sleep 600',
    constraints: [],
    cpus: 1,
    dependencies: [],
    disk: 0,
    env: {},
    executor: '',
    fetch: [],
    healthChecks: [],
    instances: 1,
    labels: {},
    maxLaunchDelaySeconds: 300,
    mem: 128,
    gpus: 0,
    networks: [{ mode: 'host' }],
    portDefinitions: [],
    readinessChecks: [],
    requirePorts: false,
    secrets: {},
    upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
    versionInfo: { lastScalingAt: change.version, lastConfigChangeAt: change.version },
    killSelection: 'YOUNGEST_FIRST',
    unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
    role: '*',
    ...change,
  }
}
