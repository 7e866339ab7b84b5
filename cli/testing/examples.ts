// Bodies as the original sends them (examples 1 to 7), shared by the tests of the command line.

export const webId = 'shop_web.instance-0a1c7e50-3b5d-11ff-8d2e-02420a000501._app.1'
export const sickId = 'shop_web.instance-0a1c7e51-3b5d-11ff-8d2e-02420a000501._app.2'
export const deploymentId = '5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10'
export const version = '2031-04-02T09:15:20.480Z'

export const created = {
  id: '/shop/web',
  backoffFactor: 1.15,
  cmd: './serve --port $PORT0',
  constraints: [['hostname', 'UNIQUE']],
  cpus: 0.25,
  disk: 0,
  env: { MODE: 'live' },
  healthChecks: [{ path: '/ok', portIndex: 0, protocol: 'HTTP' }],
  instances: 2,
  labels: { tier: 'front' },
  mem: 64,
  gpus: 0,
  networks: [{ mode: 'host' }],
  portDefinitions: [{ port: 0, name: 'http', protocol: 'tcp' }],
  version,
  role: '*',
  tasksStaged: 0,
  tasksRunning: 0,
  tasksHealthy: 0,
  tasksUnhealthy: 0,
  deployments: [{ id: deploymentId }],
}

const task = {
  appId: '/shop/web',
  servicePorts: [],
  state: 'TASK_RUNNING',
  version,
  localVolumes: [],
  role: '*',
}

export const tasks = [
  {
    ...task,
    healthCheckResults: [{ alive: true, consecutiveFailures: 0 }],
    host: 'n3.example',
    id: webId,
    ports: [31544],
    stagedAt: '2031-04-02T09:15:22.310Z',
    startedAt: '2031-04-02T09:15:24.870Z',
  },
  {
    ...task,
    healthCheckResults: [
      { alive: false, consecutiveFailures: 2, lastFailureCause: '503 Service Unavailable' },
    ],
    host: 'n1.example',
    id: sickId,
    ports: [31090],
    stagedAt: '2031-04-02T09:19:02.118Z',
    startedAt: '2031-04-02T09:19:03.964Z',
  },
]

export const app = {
  ...created,
  portDefinitions: [{ port: 10007, name: 'http', protocol: 'tcp' }],
  versionInfo: { lastScalingAt: version, lastConfigChangeAt: version },
  tasksRunning: 2,
  tasksHealthy: 1,
  tasksUnhealthy: 1,
  deployments: [],
  tasks,
  lastTaskFailure: {
    appId: '/shop/web',
    host: 'n1.example',
    message: 'Command exited with status 3',
    state: 'TASK_FAILED',
    taskId: 'shop_web.instance-0a1c7e51-3b5d-11ff-8d2e-02420a000501._app.1',
    timestamp: '2031-04-02T09:19:00.730Z',
    version,
  },
}

/** The same app with so many of its instances running, none of them checked for health. */
export const appWith = (running: number, instances: number) => ({
  app: {
    ...app,
    healthChecks: [],
    instances,
    tasksRunning: running,
    tasksStaged: instances - running,
    tasksHealthy: 0,
    tasksUnhealthy: 0,
    lastTaskFailure: undefined,
    tasks: Array.from({ length: running }, (_, i) => ({
      ...tasks[0],
      id: `shop_web.instance-0a1c7e5${i}-3b5d-11ff-8d2e-02420a000501._app.1`,
    })),
  },
})

export const result = { deploymentId, version }

export const deployment = {
  id: deploymentId,
  steps: [
    { actions: [{ action: 'StartApplication', app: '/shop/web' }] },
    { actions: [{ action: 'ScaleApplication', app: '/shop/web' }] },
  ],
  version,
  affectedApps: ['/shop/web'],
  affectedPods: [],
  currentActions: [{ action: 'ScaleApplication', app: '/shop/web', readinessCheckResults: [] }],
  currentStep: 2,
  totalSteps: 2,
}

export const queueItem = {
  count: 1,
  role: '*',
  delay: { timeLeftSeconds: 0, overdue: true },
  since: '2031-04-02T09:15:20.600Z',
  processedOffersSummary: {
    processedOffersCount: 4,
    unusedOffersCount: 4,
    lastUnusedOfferAt: '2031-04-02T09:16:00.020Z',
    rejectSummaryLastOffers: [
      { reason: 'UnfulfilledRole', declined: 0, processed: 3 },
      { reason: 'UnfulfilledConstraint', declined: 1, processed: 3 },
      { reason: 'InsufficientCpus', declined: 2, processed: 2 },
      { reason: 'InsufficientMemory', declined: 0, processed: 0 },
    ],
    rejectSummaryLaunchAttempt: [],
  },
  app: { id: '/shop/web' },
}

export const locked = {
  message:
    "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.",
  deployments: [{ id: deploymentId }],
}

export const agents = {
  agents: [
    {
      id: 'agent-1',
      hostname: '127.0.0.1',
      connected: true,
      attributes: { rack_id: 'rack-1' },
      resources: { cpus: 4, mem: 8192, disk: 10000, gpus: 0, ports: '31000-31499' },
      used: { cpus: 0.30000000000000004, mem: 64, disk: 0, gpus: 0, ports: '31000' },
      tasks: 1,
    },
    {
      id: 'agent-2',
      hostname: '127.0.0.1',
      connected: false,
      attributes: {},
      resources: { cpus: 4, mem: 8192 },
      used: {},
      tasks: 0,
    },
  ],
}
