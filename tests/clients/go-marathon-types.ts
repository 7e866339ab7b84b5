// The types of go-marathon (gambol99/go-marathon at 94e7bcb) as far as it decodes answers into them: members and
// what they are in Go. Those of its types that read every value of JSON are left out.

import type { Shape } from './conversation.ts'

const ints: Shape = ['int']
export const strings: Shape = ['string']
const map: Shape = { '*': 'string' }
const ipAddresses: Shape = [{ ipAddress: 'string', protocol: 'string' }]
export const task: Shape = {
  id: 'string',
  appId: 'string',
  host: 'string',
  healthCheckResults: [
    {
      alive: 'boolean',
      consecutiveFailures: 'int',
      firstSuccess: 'string',
      lastFailure: 'string',
      lastFailureCause: 'string',
      lastSuccess: 'string',
      taskId: 'string',
    },
  ],
  ports: ints,
  servicePorts: ints,
  slaveId: 'string',
  stagedAt: 'string',
  startedAt: 'string',
  state: 'string',
  ipAddresses,
  version: 'string',
}
const portMapping: Shape = {
  containerPort: 'int',
  hostPort: 'int',
  labels: map,
  name: 'string',
  servicePort: 'int',
  protocol: 'string',
  networkNames: strings,
}
export const app: Shape = {
  id: 'string',
  cmd: 'string',
  args: strings,
  constraints: [strings],
  container: {
    type: 'string',
    docker: {
      forcePullImage: 'boolean',
      image: 'string',
      network: 'string',
      parameters: [{ key: 'string', value: 'string' }],
      portMappings: [portMapping],
      privileged: 'boolean',
    },
    volumes: [{ containerPath: 'string', hostPath: 'string', mode: 'string', secret: 'string' }],
    portMappings: [portMapping],
  },
  cpus: 'number',
  gpus: 'number',
  disk: 'number',
  networks: [{ name: 'string', mode: 'string', labels: map }],
  executor: 'string',
  healthChecks: [
    {
      command: { value: 'string' },
      portIndex: 'int',
      port: 'int',
      path: 'string',
      maxConsecutiveFailures: 'int',
      protocol: 'string',
      gracePeriodSeconds: 'int',
      intervalSeconds: 'int',
      timeoutSeconds: 'int',
      ignoreHttp1xx: 'boolean',
    },
  ],
  instances: 'int',
  mem: 'number',
  tasks: [task],
  ports: ints,
  portDefinitions: [{ port: 'int', protocol: 'string', name: 'string', labels: map }],
  requirePorts: 'boolean',
  backoffSeconds: 'number',
  backoffFactor: 'number',
  maxLaunchDelaySeconds: 'number',
  taskKillGracePeriodSeconds: 'number',
  deployments: [map],
  dependencies: strings,
  tasksRunning: 'int',
  tasksStaged: 'int',
  tasksHealthy: 'int',
  tasksUnhealthy: 'int',
  taskStats: { '*': { stats: { counts: { '*': 'int' }, lifeTime: { '*': 'number' } } } },
  user: 'string',
  upgradeStrategy: { minimumHealthCapacity: 'number', maximumOverCapacity: 'number' },
  unreachableStrategy: { inactiveAfterSeconds: 'number', expungeAfterSeconds: 'number' },
  killSelection: 'string',
  uris: strings,
  version: 'string',
  versionInfo: { lastScalingAt: 'string', lastConfigChangeAt: 'string' },
  labels: map,
  env: map,
  acceptedResourceRoles: strings,
  lastTaskFailure: map,
  fetch: [{ uri: 'string', executable: 'boolean', extract: 'boolean', cache: 'boolean' }],
  role: 'string',
}
export const deploymentId: Shape = { deploymentId: 'string', version: 'string' }
const action: Shape = {
  action: 'string',
  type: 'string',
  app: 'string',
  readinessCheckResults: [{ name: 'string', taskId: 'string', ready: 'boolean' }],
}
export const deployment: Shape = {
  id: 'string',
  version: 'string',
  currentStep: 'int',
  totalSteps: 'int',
  affectedApps: strings,
  affectedPods: strings,
  steps: [{ actions: [action] }],
  currentActions: [action],
}
const funnel: Shape = [{ reason: 'string', declined: 'int', processed: 'int' }]
const ranges: Shape = [{ begin: 'int', end: 'int' }]
export const queue: Shape = {
  queue: [
    {
      count: 'int',
      delay: { overdue: 'boolean', timeLeftSeconds: 'int' },
      app,
      role: 'string',
      since: 'string',
      processedOffersSummary: {
        processedOffersCount: 'int',
        unusedOffersCount: 'int',
        lastUnusedOfferAt: 'string',
        lastUsedOfferAt: 'string',
        rejectSummaryLastOffers: funnel,
        rejectSummaryLaunchAttempt: funnel,
      },
      lastUnusedOffers: [
        {
          offer: {
            id: 'string',
            hostname: 'string',
            agentId: 'string',
            resources: [{ name: 'string', role: 'string', scalar: 'number', ranges, set: strings }],
            attributes: [{ name: 'string', text: 'string', scalar: 'number', ranges, set: strings }],
          },
          reason: strings,
          timestamp: 'string',
        },
      ],
    },
  ],
}
export const group: Shape = {
  id: 'string',
  apps: [app],
  dependencies: strings,
  groups: [{ id: 'string', apps: [app], dependencies: strings }],
}
export const info: Shape = {
  frameworkId: 'string',
  http_config: { http_port: 'number', https_port: 'number' },
  leader: 'string',
  marathon_config: {
    checkpoint: 'boolean',
    executor: 'string',
    failover_timeout: 'number',
    framework_name: 'string',
    ha: 'boolean',
    hostname: 'string',
    leader_proxy_connection_timeout_ms: 'number',
    leader_proxy_read_timeout_ms: 'number',
    local_port_max: 'number',
    local_port_min: 'number',
    master: 'string',
    mesos_leader_ui_url: 'string',
    webui_url: 'string',
    mesos_role: 'string',
    mesos_user: 'string',
    reconciliation_initial_delay: 'number',
    reconciliation_interval: 'number',
    task_launch_timeout: 'number',
    task_reservation_timeout: 'number',
  },
  name: 'string',
  version: 'string',
  zookeeper_config: { zk: 'string', zk_timeout: 'number' },
}
export const pod: Shape = {
  id: 'string',
  labels: map,
  version: 'string',
  user: 'string',
  containers: [
    {
      name: 'string',
      exec: { command: { shell: 'string', argv: strings } },
      resources: { cpus: 'number', mem: 'number', disk: 'number', gpus: 'int' },
      endpoints: [{ name: 'string', containerPort: 'int', hostPort: 'int', protocol: strings, labels: map }],
    },
  ],
  networks: [{ name: 'string', mode: 'string', labels: map }],
  scaling: { kind: 'string', instances: 'int', maxInstances: 'int' },
  scheduling: {
    backoff: { backoff: 'number', backoffFactor: 'number', maxLaunchDelay: 'number' },
    upgrade: { minimumHealthCapacity: 'number', maximumOverCapacity: 'number' },
    placement: { constraints: [{ fieldName: 'string', operator: 'string', value: 'string' }] },
  },
  executorResources: { cpus: 'number', mem: 'number', disk: 'number' },
  role: 'string',
}
const conditions: Shape = [{ name: 'string', value: 'string', reason: 'string', lastChanged: 'string' }]
export const podStatus: Shape = {
  id: 'string',
  spec: pod,
  status: 'string',
  statusSince: 'string',
  message: 'string',
  instances: [
    {
      agentHostname: 'string',
      conditions,
      containers: [
        {
          conditions,
          containerId: 'string',
          endpoints: [{ name: 'string', allocatedHostPort: 'int' }],
          name: 'string',
          resources: { cpus: 'number', mem: 'number', disk: 'number', gpus: 'int' },
          status: 'string',
          statusSince: 'string',
          termination: { exitCode: 'int', message: 'string' },
        },
      ],
      id: 'string',
      networks: [{ addresses: strings, name: 'string' }],
      specReference: 'string',
      status: 'string',
      statusSince: 'string',
    },
  ],
  lastUpdated: 'string',
  lastChanged: 'string',
}
const plan: Shape = { id: 'string', version: 'string', steps: [{ actions: [action] }] }
const timed = { eventType: 'string', timestamp: 'string' } as const
const inSteps: Shape = { ...timed, plan, currentStep: { actions: [action] } }
export const events: { readonly [type: string]: Shape } = {
  api_post_event: { ...timed, clientIp: 'string', uri: 'string', appDefinition: app },
  status_update_event: {
    ...timed,
    slaveId: 'string',
    taskId: 'string',
    taskStatus: 'string',
    message: 'string',
    appId: 'string',
    host: 'string',
    ports: ints,
    ipAddresses,
    version: 'string',
  },
  event_stream_attached: { ...timed, remoteAddress: 'string' },
  app_terminated_event: { ...timed, appId: 'string' },
  group_change_success: { ...timed, groupId: 'string', version: 'string' },
  deployment_info: inSteps,
  deployment_step_success: inSteps,
  deployment_success: { ...timed, id: 'string', plan },
}
