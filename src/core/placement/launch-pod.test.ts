import { describe, expect, test } from 'vitest'
import {
  buildOffer,
  fixedRng,
  ports,
  scalar,
  scheduledInstance,
} from '../../../tests/support/build-placement.ts'
import { plainContainer, plainEndpoint, plainPod } from '../../../tests/support/plain-pod.ts'
import { instant } from '../../lib/instant.ts'
import type { Pod, PodContainer } from '../../spec/pod.ts'
import type { Instance } from '../instances/instance.ts'
import { defaultSettings, type Settings } from '../settings.ts'
import { buildPlacedIndex } from './constraint-index.ts'
import { type MatchResult, matchOffer } from './match.ts'
import { openOffer } from './remaining.ts'

const uuid = '7a20c3f4-0b1f-11ec-9a03-0242ac110002'
const id = `shop_pair.instance-${uuid}`
const version = '2021-09-01T08:20:00.000Z'

const pair = (change: Partial<Pod> = {}): Pod => plainPod({ id: '/shop/pair', version, ...change })

const offered = [
  scalar('cpus', 4),
  scalar('mem', 4096),
  scalar('disk', 999),
  scalar('gpus', 2),
  ports([[31000, 31020]]),
]

interface Given {
  readonly instance?: Partial<Instance>
  readonly resources?: typeof offered
  readonly settings?: Partial<Settings>
  readonly draws?: readonly number[]
}

function matched(
  pod: Pod,
  { instance, resources = offered, settings, draws = [10] }: Given = {},
): MatchResult {
  return matchOffer({
    remaining: openOffer(buildOffer({ resources })),
    instance: scheduledInstance({ id, runSpecId: pod.id, runSpecVersion: version, ...instance }),
    runSpec: pod,
    placed: buildPlacedIndex([], pod),
    settings: { ...defaultSettings, gpuSchedulingBehavior: 'unrestricted', ...settings },
    rng: fixedRng(...draws),
    now: instant(0),
  })
}

function launched(pod: Pod, given: Given = {}) {
  const result = matched(pod, given)
  if (result.kind === 'no-match') throw new Error(`expected a match, got ${result.reasons.join()}`)
  const { tasks, executor } = result
  const environment = (i = 0): Record<string, string> =>
    Object.fromEntries(tasks[i]!.info.command.environment.map(({ name, value }) => [name, value]))
  return { tasks, infos: tasks.map(({ info }) => info), executor: executor!, environment }
}

/** One container with this in it. */
const only = (container: Partial<PodContainer>, change: Partial<Pod> = {}) =>
  launched(pair({ containers: [plainContainer(container)], ...change })).infos[0]!

const examplePod = pair({
  labels: { team: 'blue' },
  networks: [{ mode: 'container', name: 'overlay-1', labels: {} }],
  volumes: [{ name: 'tmp' }],
  containers: [
    plainContainer({
      name: 'front',
      exec: { command: { shell: 'exec ./front' } },
      resources: { cpus: 0.5, mem: 64, disk: 0, gpus: 0 },
      image: { kind: 'DOCKER', id: 'registry.invalid/front:2', labels: {} },
      endpoints: [plainEndpoint('http', { containerPort: 8080 })],
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp/x', readOnly: false }],
    }),
    plainContainer({
      name: 'side',
      exec: { command: { argv: ['./side', '-q'] } },
      resources: { cpus: 0.1, mem: 16, disk: 0, gpus: 0 },
    }),
  ],
})

describe('a pod with two containers on a container network (worked-examples 9.4)', () => {
  const { infos, executor, tasks } = launched(examplePod)

  test('runs in an executor that has the ports, the networks and the labels of the pod', () => {
    expect(executor).toEqual({
      executorId: `instance-shop_pair.${uuid}`,
      resources: [scalar('cpus', 0.1), scalar('mem', 32), scalar('disk', 10), ports([[31010, 31010]])],
      labels: { team: 'blue' },
      container: {
        type: 'MESOS',
        linuxInfo: { shareCgroups: false },
        networks: [
          {
            name: 'overlay-1',
            labels: {},
            portMappings: [{ hostPort: 31010, containerPort: 8080, protocol: 'tcp' }],
          },
        ],
      },
    })
  })

  test('is a task per container, each with what it takes itself', () => {
    const variables = (name: string, cpus: string, mem: string) => [
      { name: 'HOST', value: 'node7.example' },
      { name: 'MESOS_TASK_ID', value: `${id}.${name}.1` },
      { name: 'MESOS_EXECUTOR_ID', value: `instance-shop_pair.${uuid}` },
      { name: 'MARATHON_APP_ID', value: '/shop/pair' },
      { name: 'MARATHON_APP_VERSION', value: version },
      { name: 'MARATHON_CONTAINER_ID', value: name },
      { name: 'MARATHON_CONTAINER_RESOURCE_CPUS', value: cpus },
      { name: 'MARATHON_CONTAINER_RESOURCE_MEM', value: mem },
      { name: 'MARATHON_CONTAINER_RESOURCE_DISK', value: '0.0' },
      { name: 'MARATHON_CONTAINER_RESOURCE_GPUS', value: '0' },
      { name: 'MARATHON_APP_ENFORCE_GROUP_ROLE', value: 'FALSE' },
      { name: 'MARATHON_APP_LABELS', value: 'TEAM' },
      { name: 'MARATHON_APP_LABEL_TEAM', value: 'blue' },
      { name: 'ENDPOINT_HTTP', value: '8080' },
      { name: 'EP_HOST_HTTP', value: '31010' },
      { name: 'EP_CONTAINER_HTTP', value: '8080' },
    ]
    expect(infos).toEqual([
      {
        name: 'front',
        taskId: `${id}.front.1`,
        agentId: '5d0c-S4',
        resources: [scalar('cpus', 0.5), scalar('mem', 64)],
        command: {
          shell: true,
          value: 'exec ./front',
          environment: variables('front', '0.5', '64.0'),
          uris: [],
        },
        container: {
          type: 'MESOS',
          image: 'registry.invalid/front:2',
          linuxInfo: { shareCgroups: false },
          volumes: [
            {
              containerPath: '/tmp/x',
              mode: 'RW',
              source: { type: 'SANDBOX_PATH', sandboxPath: { type: 'PARENT', path: 'volumes/tmp' } },
            },
          ],
        },
        labels: {},
        discovery: {
          visibility: 'FRAMEWORK',
          name: 'pair.shop',
          ports: [{ number: 31010, name: 'http', protocol: 'tcp', labels: { 'network-scope': 'host' } }],
        },
      },
      {
        name: 'side',
        taskId: `${id}.side.1`,
        agentId: '5d0c-S4',
        resources: [scalar('cpus', 0.1), scalar('mem', 16)],
        command: {
          shell: false,
          arguments: ['./side', '-q'],
          environment: variables('side', '0.1', '16.0'),
          uris: [],
        },
        container: { type: 'MESOS', linuxInfo: { shareCgroups: false } },
        labels: {},
        discovery: { visibility: 'FRAMEWORK', name: 'pair.shop', ports: [] },
      },
    ])
    expect(tasks.map(({ name, hostPorts }) => [name, hostPorts])).toEqual([
      ['front', [31010]],
      ['side', []],
    ])
  })

  test('relaunched: the next attempt in the same executor', () => {
    const again = launched(examplePod, { instance: { attempt: 1 } })
    expect(again.infos.map(({ taskId }) => taskId)).toEqual([`${id}.front.2`, `${id}.side.2`])
    expect(again.executor.executorId).toBe(executor.executorId)
  })
})

describe('what a pod takes of an offer', () => {
  const three = pair({
    containers: ['a', 'b', 'c'].map((name) =>
      plainContainer({ name, resources: { cpus: 0.1, mem: 32, disk: 5, gpus: 0 } }),
    ),
  })
  const exactly = [scalar('cpus', 0.4), scalar('mem', 128), scalar('disk', 25)]

  test('is the sum of its containers and of the executor, to the thousandth', () => {
    expect(matched(three, { resources: exactly }).kind).toBe('match')
  })

  test.each([
    [0, 'InsufficientCpus'],
    [1, 'InsufficientMemory'],
    [2, 'InsufficientDisk'],
  ] as const)('a thousandth less of resource %s is too little', (at, reason) => {
    const resources = exactly.map((resource, i) =>
      i === at ? { ...resource, scalar: resource.scalar! - 0.001 } : resource,
    )
    expect(matched(three, { resources })).toEqual({ kind: 'no-match', reasons: [reason] })
  })

  test('may come from several roles, a container at a time', () => {
    const resources = [
      scalar('cpus', 0.15, { role: 'dev' }),
      scalar('cpus', 1),
      scalar('mem', 512),
      scalar('disk', 99),
    ]
    const { infos, executor } = launched({ ...three, role: 'dev' }, { resources })
    const cpus = (list: readonly { name: string; scalar?: number; role: string }[]) =>
      list.filter(({ name }) => name === 'cpus').map(({ scalar: amount, role }) => [amount, role])
    expect(infos.map((info) => cpus(info.resources))).toEqual([
      [[0.1, 'dev']],
      [
        [0.05, '*'],
        [0.05, 'dev'],
      ],
      [[0.1, '*']],
    ])
    expect(cpus(executor.resources)).toEqual([[0.1, '*']])
  })

  test("gpus are the container's", () => {
    const info = only({ resources: { cpus: 0.1, mem: 32, disk: 0, gpus: 2 } })
    expect(info.resources).toEqual([scalar('cpus', 0.1), scalar('mem', 32), scalar('gpus', 2)])
  })

  test('the executor takes what the pod says it needs', () => {
    const { executor } = launched({ ...three, executorResources: { cpus: 0.5, mem: 100, disk: 0 } })
    expect(executor.resources).toEqual([scalar('cpus', 0.5), scalar('mem', 100)])
  })

  test('a pod without gpus leaves agents with gpus alone', () => {
    const settings = { gpuSchedulingBehavior: 'restricted' } as const
    expect(matched(three, { settings })).toEqual({ kind: 'no-match', reasons: ['DeclinedScarceResources'] })
  })
})

describe('endpoints', () => {
  const endpoints = (change: Partial<Pod>, ...lists: readonly ReturnType<typeof plainEndpoint>[][]) =>
    launched(
      pair({
        containers: lists.map((list, i) => plainContainer({ name: `c${i}`, endpoints: list })),
        ...change,
      }),
    )
  const overlay = { networks: [{ mode: 'container' as const, name: 'overlay-1' }] }

  test('of all containers get their ports in their order: any, fixed, none', () => {
    const { tasks, executor } = endpoints(
      overlay,
      [plainEndpoint('a', { containerPort: 80 }), plainEndpoint('b', { containerPort: 81, hostPort: 31000 })],
      [{ name: 'c', containerPort: 82, protocol: ['tcp'], labels: {}, networkNames: [] }],
      [plainEndpoint('d', { containerPort: 83 })],
    )
    expect(tasks.map(({ hostPorts }) => hostPorts)).toEqual([[31010, 31000], [], [31011]])
    expect(executor.resources.at(-1)).toEqual(
      ports([
        [31010, 31010],
        [31000, 31000],
        [31011, 31011],
      ]),
    )
  })

  test('a fixed port that is not offered is InsufficientPorts', () => {
    const pod = pair({
      containers: [plainContainer({ endpoints: [plainEndpoint('a', { hostPort: 80 })] })],
    })
    expect(matched(pod)).toEqual({ kind: 'no-match', reasons: ['InsufficientPorts'] })
  })

  test('on the host network ENDPOINT is the host port (worked-examples 7.2)', () => {
    const { environment, executor } = endpoints({}, [plainEndpoint('web-ui')], [])
    for (const i of [0, 1]) {
      const ofEndpoints = Object.entries(environment(i)).filter(([name]) => /^(ENDPOINT|EP)_/.test(name))
      expect(ofEndpoints).toEqual([
        ['ENDPOINT_WEB_UI', '31010'],
        ['EP_HOST_WEB_UI', '31010'],
      ])
    }
    expect(executor.container?.networks).toBeUndefined()
  })

  test('without a host port ENDPOINT is the container port, and discovery names the networks', () => {
    const { environment, infos } = endpoints(overlay, [
      { name: 'db', containerPort: 5432, protocol: ['tcp', 'udp'], labels: { VIP_0: 'x' }, networkNames: [] },
    ])
    expect(environment()).toMatchObject({ ENDPOINT_DB: '5432', EP_CONTAINER_DB: '5432' })
    expect(environment()).not.toHaveProperty('EP_HOST_DB')
    const labels = { VIP_0: 'x', 'network-scope': 'container', 'network-name': 'overlay-1' }
    expect(infos[0]!.discovery.ports).toEqual([
      { number: 5432, name: 'db', protocol: 'tcp', labels },
      { number: 5432, name: 'db', protocol: 'udp', labels },
    ])
  })

  test('a mapping per protocol, on the networks an endpoint names; the bridge by its configured name', () => {
    const { executor } = endpoints(
      {
        networks: [
          { mode: 'container', name: 'one' },
          { mode: 'container', name: 'two' },
        ],
      },
      [plainEndpoint('a', { containerPort: 80, protocol: ['tcp', 'udp'], networkNames: ['two'] })],
    )
    const mapped = ['tcp', 'udp'].map((protocol) => ({ hostPort: 31010, containerPort: 80, protocol }))
    expect(executor.container?.networks).toEqual([
      { name: 'one', labels: {}, portMappings: [] },
      { name: 'two', labels: {}, portMappings: mapped },
    ])
    const bridge = endpoints({ networks: [{ mode: 'container/bridge' }] }, [plainEndpoint('a')])
    // Without a port of its own the container listens on the host's number; without protocols it is TCP.
    expect(bridge.executor.container?.networks).toEqual([
      {
        name: 'mesos-bridge',
        labels: {},
        portMappings: [{ hostPort: 31010, containerPort: 31010, protocol: 'tcp' }],
      },
    ])
  })

  test('the prefix is for endpoint variables alone, in upper case', () => {
    const pod = pair({ containers: [plainContainer({ endpoints: [plainEndpoint('http')] })] })
    const { environment } = launched(pod, { settings: { envVarsPrefix: 'my_' } })
    expect(environment()).toMatchObject({ MY_ENDPOINT_HTTP: '31010', MY_EP_HOST_HTTP: '31010' })
    expect(environment()).toMatchObject({ HOST: 'node7.example', MARATHON_APP_ID: '/shop/pair' })
  })
})

describe('the environment of a container (runtime 6.2)', () => {
  test('pod, container, then what the launch says', () => {
    const pod = pair({
      env: { A: 'pod', B: 'pod', HOST: 'pod' },
      containers: [plainContainer({ env: { B: 'container', MARATHON_APP_ID: 'mine' } })],
    })
    const { environment } = launched(pod)
    expect(environment()).toMatchObject({
      A: 'pod',
      B: 'container',
      HOST: 'node7.example',
      MARATHON_APP_ID: '/shop/pair',
    })
  })

  test('secrets are sent apart, each with its source, in the same order of precedence', () => {
    const secret = { secret: 'db' }
    const pod = pair({
      secrets: { db: { source: '/db/password' }, own: { source: '/own' } },
      env: { A: secret, B: secret, C: 'pod', D: secret, HOST: secret },
      containers: [plainContainer({ env: { B: 'container', C: secret, D: { secret: 'own' } } })],
    })
    const { infos, environment } = launched(pod)
    expect(infos[0]!.command.secrets).toEqual([
      { name: 'A', secret: '/db/password' },
      { name: 'C', secret: '/db/password' },
      { name: 'D', secret: '/own' },
    ])
    expect(environment()).toMatchObject({ B: 'container', HOST: 'node7.example' })
    for (const name of ['A', 'C', 'D']) expect(environment()).not.toHaveProperty(name)
  })

  test('labels of the pod and of the container, which wins', () => {
    const pod = pair({
      labels: { team: 'blue', zone: 'a' },
      containers: [plainContainer({ labels: { team: 'red' } })],
    })
    const { environment, infos } = launched(pod)
    expect(environment()).toMatchObject({
      MARATHON_APP_LABELS: 'TEAM ZONE',
      MARATHON_APP_LABEL_TEAM: 'red',
      MARATHON_APP_LABEL_ZONE: 'a',
    })
    expect(infos[0]!.labels).toEqual({ team: 'red' })
  })
})

describe('the task of a container (runtime 6.3)', () => {
  test.each([
    ['shell', { command: { shell: './run' } }, { shell: true, value: './run' }],
    ['argv', { command: { argv: ['run', 'x'] } }, { shell: false, arguments: ['run', 'x'] }],
    [
      'argv in place of the entry point',
      { command: { argv: ['run', 'x'] }, overrideEntrypoint: true },
      { shell: false, value: 'run', arguments: ['run', 'x'] },
    ],
  ])('%s', (_, exec, command) => {
    expect(only({ exec }).command).toEqual({ ...command, uris: [], environment: expect.any(Array) })
  })

  test('without a command the image says what runs', () => {
    const { exec: _exec, ...rest } = plainContainer()
    const { command } = launched(pair({ containers: [rest] })).infos[0]!
    expect(command).toEqual({ shell: false, uris: [], environment: expect.any(Array) })
  })

  test("the container's user, else the pod's", () => {
    expect(only({}, { user: 'pod' }).command.user).toBe('pod')
    expect(only({ user: 'own' }, { user: 'pod' }).command.user).toBe('own')
    expect(only({}).command).not.toHaveProperty('user')
  })

  test('artifacts, limits, grace period, terminal', () => {
    const info = only({
      artifacts: [{ uri: 'https://r/x.tgz', extract: true, executable: false, cache: true, destPath: 'y' }],
      resourceLimits: { cpus: 'unlimited', mem: 64 },
      lifecycle: { killGracePeriodSeconds: 7 },
      tty: true,
    })
    expect(info).toMatchObject({
      command: {
        uris: [{ value: 'https://r/x.tgz', extract: true, executable: false, cache: true, outputFile: 'y' }],
      },
      limits: { cpus: Number.POSITIVE_INFINITY, mem: 64 },
      killGracePeriod: 7_000,
      container: { tty: true },
    })
  })

  test('image: whether it is pulled again is said only when it was asked for', () => {
    const image = { kind: 'DOCKER' as const, id: 'i', labels: {}, pullConfig: { secret: 'p' } }
    expect(only({ image }).container).toEqual({
      type: 'MESOS',
      linuxInfo: { shareCgroups: false },
      image: 'i',
      pullSecret: 'p',
    })
    expect(only({ image: { ...image, forcePull: true } }).container?.forcePullImage).toBe(true)
  })

  test('mounts: of the host, in the shared sandbox, of a secret, which is only read', () => {
    const mount = (name: string, readOnly = false) => ({ name, mountPath: `/m/${name}`, readOnly })
    const { container } = only(
      { volumeMounts: [mount('h', true), mount('e'), mount('s')] },
      {
        secrets: { x: { source: '/tls/key' } },
        volumes: [{ name: 'h', host: '/srv' }, { name: 'e' }, { name: 's', secret: 'x' }],
      },
    )
    expect(container?.volumes).toEqual([
      { containerPath: '/m/h', mode: 'RO', hostPath: '/srv' },
      {
        containerPath: '/m/e',
        mode: 'RW',
        source: { type: 'SANDBOX_PATH', sandboxPath: { type: 'PARENT', path: 'volumes/e' } },
      },
      { containerPath: '/m/s', mode: 'RO', source: { type: 'SECRET', secret: '/tls/key' } },
    ])
  })

  test('an ephemeral volume that two containers mount is one folder of the sandbox they share', () => {
    const mounting = (name: string, mountPath: string) =>
      plainContainer({ name, volumeMounts: [{ name: 'tmp', mountPath, readOnly: false }] })
    const { infos } = launched(
      pair({ volumes: [{ name: 'tmp' }], containers: [mounting('a', '/in'), mounting('b', '/out')] }),
    )
    const [a, b] = infos.map(({ container }) => container!.volumes![0]!)
    expect([a!.containerPath, b!.containerPath]).toEqual(['/in', '/out'])
    expect(a!.source).toEqual(b!.source)
  })

  test('control groups are shared when asked for, and always said; memory for IPC on both levels', () => {
    const { infos, executor } = launched(
      pair({
        legacySharedCgroups: true,
        linuxInfo: { ipcInfo: { mode: 'PRIVATE', shmSize: 16 } },
        containers: [plainContainer({ linuxInfo: { ipcInfo: { mode: 'SHARE_PARENT' } } })],
      }),
    )
    expect(executor.container?.linuxInfo).toEqual({
      shareCgroups: true,
      ipcInfo: { mode: 'PRIVATE', shmSize: 16 },
    })
    expect(infos[0]!.container?.linuxInfo).toEqual({ shareCgroups: true, ipcInfo: { mode: 'SHARE_PARENT' } })
  })
})

describe('the health check of a container', () => {
  const times = {
    gracePeriodSeconds: 300,
    intervalSeconds: 60,
    maxConsecutiveFailures: 3,
    timeoutSeconds: 20,
    delaySeconds: 15,
  }
  const sent = {
    gracePeriod: 300_000,
    interval: 60_000,
    consecutiveFailures: 3,
    timeout: 20_000,
    delay: 15_000,
  }
  const endpoints = [plainEndpoint('a', { containerPort: 80 })]
  const bridge = { networks: [{ mode: 'container/bridge' as const }] }

  test.each([
    [
      'http on a container network',
      { http: { endpoint: 'a', path: '/up', scheme: 'HTTPS' } },
      bridge,
      {
        http: { scheme: 'https', port: 80, path: '/up' },
      },
    ],
    ['tcp on the host', { tcp: { endpoint: 'a' } }, {}, { tcp: { port: 31010 } }],
    ['a command', { exec: { command: { shell: 'ok' } } }, {}, { command: { shell: true, value: 'ok' } }],
    [
      'a program',
      { exec: { command: { argv: ['ok', '-q'] } } },
      {},
      {
        command: { shell: false, value: 'ok', arguments: ['ok', '-q'] },
      },
    ],
  ] as const)('%s', (_, target, change, shown) => {
    expect(only({ endpoints, healthCheck: { ...target, ...times } }, change).healthCheck).toEqual({
      ...shown,
      ...sent,
    })
  })

  test('is left out when its port cannot be found', () => {
    const info = only({ endpoints, healthCheck: { tcp: { endpoint: 'other' }, ...times } })
    expect(info).not.toHaveProperty('healthCheck')
  })
})
