// An endless stream of requests with something wrong in them: method, path, query, headers or body. The seeds are
// what clients really send.

import type { Rng } from '../../src/lib/rng.ts'
import { mutatedBody } from './bodies.ts'
import { anyUpload } from './uploads.ts'

export interface FuzzRequest {
  readonly method: string
  /** The path and query as they go on the wire. */
  readonly target: string
  /** A list: the header comes so many times. */
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body?: Buffer
  /** How the body says where it ends; by its length when absent. */
  readonly framing?: 'chunks' | 'broken chunks'
  /** The client hangs up after so many bytes. */
  readonly cutAt?: number
}

const apps = ['/fuzz/a', '/fuzz/b', '/fuzz/deep/er/c', '/plain']
const app = {
  id: '/fuzz/a',
  cmd: 'sleep 600',
  cpus: 0.1,
  mem: 32,
  disk: 0,
  instances: 1,
  constraints: [['hostname', 'UNIQUE']],
  env: { A: 'b', S: { secret: 'one' } },
  secrets: { one: { source: '/x' } },
  labels: { team: 'shop' },
  fetch: [{ uri: 'http://127.0.0.1:1/x.tgz' }],
  portDefinitions: [{ port: 0, name: 'http', protocol: 'tcp', labels: { VIP_0: '/web:80' } }],
  healthChecks: [{ protocol: 'HTTP', path: '/', portIndex: 0, gracePeriodSeconds: 3 }],
  readinessChecks: [{ name: 'ready', protocol: 'HTTP', path: '/', portName: 'http' }],
  upgradeStrategy: {
    minimumHealthCapacity: 0.5,
    maximumOverCapacity: 0.2,
    progressDeadlineSeconds: 5,
    canarySteps: [{ instances: 1, pauseSeconds: 1 }, { percent: 50 }],
  },
  unreachableStrategy: { inactiveAfterSeconds: 10, expungeAfterSeconds: 20 },
  dependencies: ['/fuzz/b'],
  acceptedResourceRoles: ['*'],
}
const dockerApp = {
  id: '/fuzz/b',
  container: {
    type: 'DOCKER',
    docker: { image: 'nginx', parameters: [{ key: 'a', value: 'b' }] },
    portMappings: [{ containerPort: 80, hostPort: 0, servicePort: 0, protocol: 'tcp', name: 'web' }],
    volumes: [{ containerPath: '/data', hostPath: '/var/data', mode: 'RO' }],
  },
  networks: [{ mode: 'container/bridge' }],
}
const residentApp = {
  id: '/fuzz/deep/er/c',
  cmd: 'sleep 600',
  container: {
    type: 'MESOS',
    volumes: [{ containerPath: 'data', mode: 'RW', persistent: { size: 10, type: 'root', constraints: [] } }],
  },
  residency: { taskLostBehavior: 'WAIT_FOREVER', relaunchEscalationTimeoutSeconds: 10 },
}
const pod = {
  id: '/fuzz/pod',
  containers: [
    {
      name: 'main',
      exec: { command: { shell: 'sleep 600' } },
      resources: { cpus: 0.1, mem: 32 },
      endpoints: [{ name: 'http', hostPort: 0, protocol: ['tcp'] }],
      healthCheck: { http: { endpoint: 'http', path: '/' } },
      volumeMounts: [{ name: 'tmp', mountPath: 'scratch' }],
      image: { kind: 'DOCKER', id: 'nginx' },
      environment: { A: 'b' },
    },
  ],
  volumes: [{ name: 'tmp' }],
  scaling: { kind: 'fixed', instances: 1 },
  scheduling: {
    backoff: { backoff: 1 },
    upgrade: { minimumHealthCapacity: 0, progressDeadlineSeconds: 5, canarySteps: [{ instances: 1 }] },
    placement: { constraints: [{ fieldName: 'a', operator: 'UNIQUE' }] },
  },
}
const group = {
  id: '/fuzz',
  apps: [app],
  groups: [{ id: 'deep', apps: [], dependencies: ['/fuzz/a'], groups: [] }],
  dependencies: [],
}

type Seed = readonly [method: string, path: string, body?: unknown]

const versions = ['2031-04-02T09:15:20.480Z', '1970-01-01T00:00:00.000Z', 'yesterday']
const uuid = '5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10'
const instance = `fuzz_a.instance-${uuid}`

/** Stands in paths for a deployment that runs, if one is known where requests are sent. */
export const someDeployment = '00000000-0000-4000-8000-000000000000'

const deployments = [uuid, someDeployment, someDeployment, someDeployment]

const seeds: readonly Seed[] = [
  ['GET', '/v2/apps'],
  ['POST', '/v2/apps', app],
  ['POST', '/v2/apps', dockerApp],
  ['POST', '/v2/apps', residentApp],
  ['PUT', '/v2/apps', [app, dockerApp]],
  ['PATCH', '/v2/apps', [{ id: '/fuzz/a', instances: 2 }]],
  ...apps.flatMap((id): Seed[] => [
    ['GET', `/v2/apps${id}`],
    ['PUT', `/v2/apps${id}`, { ...app, id }],
    ['PUT', `/v2/apps${id}`, { instances: 3 }],
    ['PUT', `/v2/apps${id}`, { version: versions[0] }],
    ['PATCH', `/v2/apps${id}`, { cmd: 'other' }],
    ['DELETE', `/v2/apps${id}`],
    ['POST', `/v2/apps${id}/restart`],
    ['GET', `/v2/apps${id}/versions`],
    ['GET', `/v2/apps${id}/versions/${versions[0]}`],
    ['GET', `/v2/apps${id}/tasks`],
    ['DELETE', `/v2/apps${id}/tasks`],
    ['DELETE', `/v2/apps${id}/tasks/${instance}._app.1`],
    ['GET', `/v2/apps${id}/explain`],
    ['DELETE', `/v2/queue${id}/delay`],
  ]),
  ['GET', '/v2/apps/fuzz/*'],
  ['GET', '/v2/apps/fuzz/*/tasks'],
  ['GET', '/v2/pods'],
  ['GET', '/v2/pods/::status'],
  ['POST', '/v2/pods', pod],
  ['PUT', '/v2/pods/fuzz/pod', pod],
  ['GET', '/v2/pods/fuzz/pod'],
  ['GET', '/v2/pods/fuzz/pod::status'],
  ['GET', '/v2/pods/fuzz/pod::versions'],
  ['GET', '/v2/pods/fuzz/pod::explain'],
  ['DELETE', '/v2/pods/fuzz/pod'],
  ['DELETE', '/v2/pods/fuzz/pod::instances', [`fuzz_pod.instance-${uuid}`]],
  ['DELETE', `/v2/pods/fuzz/pod::instances/fuzz_pod.instance-${uuid}`],
  ['GET', '/v2/groups'],
  ['GET', '/v2/groups/fuzz'],
  ['GET', '/v2/groups/fuzz/apps'],
  ['GET', '/v2/groups/fuzz/versions'],
  ['POST', '/v2/groups', group],
  ['PUT', '/v2/groups/fuzz', { ...group, id: undefined }],
  ['PUT', '/v2/groups/fuzz', { scaleBy: 1.5 }],
  ['PUT', '/v2/groups/fuzz', { version: versions[0] }],
  ['PATCH', '/v2/groups/fuzz', { enforceRole: true }],
  ['DELETE', '/v2/groups/fuzz'],
  ['GET', '/v2/tasks'],
  ['POST', '/v2/tasks/delete', { ids: [`${instance}._app.1`] }],
  ['GET', `/v2/tasks/${instance}._app.1/logs/stdout`],
  ['GET', '/v2/deployments'],
  ...deployments.flatMap((id): Seed[] => [
    ['GET', `/v2/deployments/${id}/explain`],
    ['POST', `/v2/deployments/${id}/pause`],
    ['POST', `/v2/deployments/${id}/resume`],
    ['POST', `/v2/deployments/${id}/promote`],
    ['DELETE', `/v2/deployments/${id}`],
  ]),
  ['GET', '/v2/events'],
  ['GET', '/v2/queue'],
  ['GET', '/v2/info'],
  ['GET', '/v2/leader'],
  ['GET', '/v2/plugins'],
  ['GET', '/v2/plugins/none/x'],
  ['GET', '/v2/agents'],
  ['GET', '/v2/schemas/app'],
  ['GET', '/v2/eventSubscriptions'],
  ['POST', '/v2/eventSubscriptions?callbackUrl=http://127.0.0.1:1/x'],
  ['GET', '/v2/artifacts/a/b.txt'],
  ['PUT', '/v2/artifacts/a/b.txt', 'text'],
  ['GET', '/logging'],
  ['POST', '/logging', { logger: 'http', level: 'info' }],
  ['GET', '/config'],
  ['GET', '/metrics'],
  ['GET', '/metrics/prometheus'],
  ['GET', '/ping'],
  ['GET', '/'],
  ['GET', '/ui/'],
  ['GET', '/help'],
  ['GET', '/public/api/v2/openapi.json'],
  ['GET', '/v1/apps'],
  ['GET', '/v1/endpoints'],
  ['GET', '/v1/tasks'],
  ['POST', '/v1/apps/start', { id: 'one', cmd: 'sleep 600', instances: '1', mem: '32' }],
  ['POST', '/v1/apps/scale', { id: 'one', instances: 2 }],
  ['POST', '/v1/apps/stop', { id: 'one' }],
  ['GET', '/v1/apps/search?id=o'],
]

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']

const queries = [
  'force=true',
  'force=maybe',
  'dryRun=true',
  'partialUpdate=false',
  'embed=apps.tasks&embed=apps.counts&embed=apps.taskStats',
  'embed=group.apps&embed=group.groups&embed=group.pods',
  'embed=lastUnusedOffers',
  'label=team==shop',
  'label=team%20in%20(a,b',
  'label=!!',
  'id=fuzz&cmd=s',
  'scale=true',
  'wipe=true',
  'scale=true&wipe=true',
  'host=*',
  'status=running&status[]=staging',
  'offset=-5&limit=99999999999',
  'callbackUrl=::::',
  'all=true',
  'last_event_id=0&event_type=status_update_event&event_type=%0a',
  'last_event_id=99999999999999999999',
  'a[b][c]=1&a=2&__proto__=3',
  '%',
  '%zz=%00',
  '='.repeat(500),
]

const headerValues: Readonly<Record<string, readonly string[]>> = {
  accept: [
    '*/*',
    'text/plain',
    'text/event-stream',
    'application/json;q=0',
    'text/*;q=x',
    ';;;',
    'image/png',
    ',',
  ],
  'content-type': [
    'application/json',
    'text/plain',
    'application/json; charset=utf-16',
    'x',
    'multipart/form-data',
  ],
  'accept-encoding': ['gzip', 'gzip;q=0', 'br, *;q=0', ''],
  'if-match': ['*', '"x"', 'W/"2031-04-02T09:15:20.480Z.1"', '"', ','],
  'if-none-match': ['*', '"x"', 'W/"', '"a", "b"'],
  'last-event-id': ['0', '1', '9007199254740991', '9007199254740992', '-1', '1e3', ' ', 'x'.repeat(9_000)],
  'x-request-id': ['abc', 'a b', 'x'.repeat(2_000), '\u00ff'],
  'x-marathon-via': ['1.1 nowhere:80'],
  range: ['bytes=0-10', 'bytes=10-0', 'bytes=-'],
  origin: ['http://127.0.0.1', 'null', 'http://evil.example'],
  authorization: ['Basic', 'Basic !!!', 'Bearer x', 'Basic dTpw'],
  expect: ['100-continue'],
  cookie: ['a=b; __proto__=c'],
}

const pathChanges: readonly ((path: string, rng: Rng) => string)[] = [
  (path) => path.replace('/', '//'),
  (path) => `${path}/`,
  (path) => `${path}/../..`,
  (path) => `${path}%00`,
  (path) => `${path}%zz`,
  (path) => `${path}/%2e%2e/%2f`,
  (path) => `${path}%ff%fe`,
  (path) => path.replaceAll('/', '%2f'),
  (path) => `${path}::status::versions`,
  (path) => path.toUpperCase(),
  (path) => `${path}/${'x'.repeat(3_000)}`,
  (path) => `${path}/restart/versions/tasks`,
  (path) => `${path}/*/*`,
  (path) => `${path};a=b#c`,
  (path, rng) => path.slice(0, 1 + rng.int(path.length)),
  (path, rng) => path + String.fromCharCode(33 + rng.int(94)),
]

/** Ends the process, and rightly so. */
const endsTheServer = ({ method, target }: FuzzRequest): boolean =>
  method === 'DELETE' && /^\/+v2\/+leader/i.test(target)

export function nextRequest(rng: Rng): FuzzRequest {
  for (;;) {
    const request = sent(rng.chance(0.1) ? anyUpload(rng) : anyRequest(rng), rng)
    if (!endsTheServer(request)) return request
  }
}

/** The same request, sent in another way. */
function sent(request: FuzzRequest, rng: Rng): FuzzRequest {
  if (rng.chance(0.02)) return { ...request, cutAt: 1 + rng.int(200 + (request.body?.length ?? 0)) }
  if (request.body === undefined || !rng.chance(0.1)) return request
  return { ...request, framing: rng.chance(0.8) ? 'chunks' : 'broken chunks' }
}

function anyRequest(rng: Rng): FuzzRequest {
  const [seedMethod, seedPath, seedBody] = rng.pick(seeds)
  const method = rng.chance(0.08) ? rng.pick(methods) : seedMethod
  let target = rng.chance(0.12) ? rng.pick(pathChanges)(seedPath, rng) : seedPath
  if (rng.chance(0.35)) target += `${target.includes('?') ? '&' : '?'}${rng.pick(queries)}`
  const headers: Record<string, string | string[]> = {}
  if (seedBody !== undefined) headers['content-type'] = 'application/json'
  while (rng.chance(0.2)) {
    const name = rng.pick(Object.keys(headerValues))
    const value = rng.pick(headerValues[name]!)
    headers[name] = rng.chance(0.1) ? [value, rng.pick(headerValues[name]!)] : value
  }
  if (rng.chance(0.005)) for (let n = rng.int(3_000); n > 0; n--) headers[`h${n}`] = 'x'
  if (seedBody === undefined && !rng.chance(0.03)) return { method, target, headers }
  const body = rng.chance(0.35)
    ? Buffer.from(JSON.stringify(seedBody ?? {}))
    : mutatedBody((seedBody ?? {}) as never, rng)
  return { method, target, headers, body }
}
