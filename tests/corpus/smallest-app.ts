// What the smallest app is shown as, `{"id": …, "cmd": "sleep 600"}`: what cases of the corpus are told on top of.

export const smallestApp = {
  backoffFactor: 1.15,
  backoffSeconds: 1,
  cmd: 'sleep 600',
  cpus: 1,
  disk: 0,
  executor: '',
  instances: 1,
  labels: {},
  maxLaunchDelaySeconds: 300,
  mem: 128,
  gpus: 0,
  networks: [{ mode: 'host' }],
  requirePorts: false,
  upgradeStrategy: { maximumOverCapacity: 1, minimumHealthCapacity: 1 },
  killSelection: 'YOUNGEST_FIRST',
  unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
  role: '*',
}
