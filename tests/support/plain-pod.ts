// Pods as they come out of normalising, with every default: what tests vary.

import type { Pod, PodContainer, PodEndpoint } from '../../src/spec/pod.ts'

/** One container, no endpoints; it has no history, so both its times are its version. */
export function plainPod(change: Partial<Pod> & Pick<Pod, 'id' | 'version'>): Pod {
  return {
    kind: 'pod',
    labels: {},
    env: {},
    containers: [plainContainer()],
    secrets: {},
    volumes: [],
    networks: [{ mode: 'host' }],
    instances: 1,
    backoffSeconds: 1,
    backoffFactor: 1.15,
    maxLaunchDelaySeconds: 300,
    upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
    constraints: [],
    killSelection: 'YOUNGEST_FIRST',
    unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
    executorResources: { cpus: 0.1, mem: 32, disk: 10 },
    role: '*',
    dependencies: [],
    versionInfo: { lastScalingAt: change.version, lastConfigChangeAt: change.version },
    ...change,
  }
}

/** `front`, which sleeps for ten minutes. */
export const plainContainer = (change: Partial<PodContainer> = {}): PodContainer => ({
  name: 'front',
  exec: { command: { shell: 'sleep 600' } },
  resources: { cpus: 0.1, mem: 32, disk: 0, gpus: 0 },
  endpoints: [],
  env: {},
  volumeMounts: [],
  artifacts: [],
  labels: {},
  ...change,
})

/** TCP, on any host port. */
export const plainEndpoint = (name: string, change: Partial<PodEndpoint> = {}): PodEndpoint => ({
  name,
  hostPort: 0,
  protocol: ['tcp'],
  labels: {},
  networkNames: [],
  ...change,
})
