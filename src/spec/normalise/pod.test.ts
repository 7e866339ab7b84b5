import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { podOf, problemsOf, readPod, versionedPod } from '../../../tests/support/normalise.ts'
import { renderPod } from '../render/pod.ts'

const container = { name: 'c', resources: {} }
const base = { id: '/p', containers: [container] }
const databaseRole = { roles: { defaultRole: 'db', allowedRoles: ['db'] } }
const endpoint = { ...container, endpoints: [{ name: 'e', containerPort: 1 }] }
const persistent = {
  containers: [{ ...container, volumeMounts: [{ name: 'v', mountPath: 'm' }] }],
  volumes: [{ name: 'v', persistent: { size: 1 } }],
}

describe('normalising a pod', () => {
  it('gives the smallest pod all it needs', () => {
    expect(podOf(base)).toEqual({
      kind: 'pod',
      id: '/p',
      labels: {},
      env: {},
      containers: [
        {
          name: 'c',
          resources: { cpus: 1, mem: 128, disk: 0, gpus: 0 },
          endpoints: [],
          env: {},
          volumeMounts: [],
          artifacts: [],
          labels: {},
        },
      ],
      secrets: {},
      volumes: [],
      networks: [],
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
    })
  })

  it.each([
    ['a bridge', [{ mode: 'container/bridge' }], 0],
    ['a container network', [{ name: 'n1' }], undefined],
    ['no network named', [], 0],
  ])('gives an endpoint without a host port, on %s, the host port %s', (_, networks, hostPort) =>
    expect(podOf({ ...base, containers: [endpoint], networks }).containers[0]!.endpoints[0]!.hostPort).toBe(
      hostPort,
    ),
  )

  it('gives container networks the default name, and no other network', () => {
    const context = { defaultNetworkName: 'dcos' }
    const networksOf = (networks: object[]) => podOf({ ...base, networks }, context).networks
    expect(networksOf([{}])).toEqual([{ name: 'dcos', mode: 'container' }])
    expect(networksOf([{ name: 'n' }])).toEqual([{ name: 'n', mode: 'container' }])
    expect(networksOf([{ mode: 'host' }])).toEqual([{ mode: 'host' }])
    expect(problemsOf(readPod({ ...base, networks: [{}] }))).toEqual([
      '/networks: Network name must be specified when container network is selected.',
    ])
  })

  it('fills in for reservations only what was not said', () => {
    const scheduling = {
      upgrade: { minimumHealthCapacity: 0.7, maximumOverCapacity: 0 },
      killSelection: 'OLDEST_FIRST',
    }
    expect(podOf({ ...base, ...persistent, scheduling }, databaseRole)).toMatchObject({
      upgradeStrategy: { minimumHealthCapacity: 0.7, maximumOverCapacity: 0 },
      unreachableStrategy: 'disabled',
      killSelection: 'OLDEST_FIRST',
    })
    expect(podOf({ ...base, ...persistent }, databaseRole)).toMatchObject({
      upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
      unreachableStrategy: 'disabled',
    })
  })

  it('judges the shape of a pod first, then the pod as it was sent, then the role it has come to', () => {
    const wrong = { ...base, ...persistent, user: '', role: 'x' }
    expect(problemsOf(readPod({ ...wrong, networks: 1 }))).toEqual(['/networks: error.expected.jsarray'])
    expect(problemsOf(readPod(wrong))).toEqual(['/user: must not be empty'])
    expect(problemsOf(readPod({ ...wrong, user: 'a' }))).toEqual(['/role: got x, expected one of: [*]'])
  })
})

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/)
const texts = fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), { maxKeys: 3 })
const env = fc.dictionary(fc.stringMatching(/^[A-Z_][A-Z0-9]{0,4}$/), fc.string(), { maxKeys: 3 })
const command = fc.oneof(
  fc.record({ shell: fc.string({ minLength: 1 }) }),
  fc.record({ argv: fc.array(fc.string(), { minLength: 1, maxLength: 3 }) }),
)
const amount = fc.double({ min: 0.001, max: 1000, noNaN: true })
const anyContainer = fc.record(
  {
    exec: fc.record({ command }),
    resources: fc.record({ cpus: amount, mem: amount, disk: amount, gpus: fc.nat(4) }, { requiredKeys: [] }),
    environment: env,
    labels: texts,
    user: fc.string(),
    healthCheck: fc.record({
      exec: fc.record({ command }),
      intervalSeconds: fc.integer({ min: 21, max: 99 }),
    }),
    artifacts: fc.array(fc.record({ uri: name, extract: fc.boolean() }), { maxLength: 2 }),
    lifecycle: fc.record({ killGracePeriodSeconds: amount }, { requiredKeys: [] }),
    tty: fc.boolean(),
    image: fc.record({ kind: fc.constantFrom('DOCKER', 'docker'), id: name, forcePull: fc.boolean() }),
    volumeMounts: fc.constant([{ name: 'v', mountPath: 'm' }]),
    protocol: fc.constantFrom([], ['tcp'], ['udp', 'tcp']),
  },
  { requiredKeys: ['resources', 'volumeMounts', 'protocol'] },
)
interface AnyNetwork {
  readonly mode?: string
  readonly name?: string
  readonly labels?: object
}
const anyNetworks = fc.constantFrom<(readonly AnyNetwork[])[]>(
  [],
  [{ mode: 'host' }],
  [{ mode: 'container/bridge' }],
  [{ name: 'n1' }, { name: 'n2', labels: { a: 'b' } }],
  [{}],
)
const anyVolume = fc.constantFrom({}, { host: '/v' }, { persistent: { size: 5, profileName: 'p' } })
const anyPod = fc
  .record({
    containers: fc.uniqueArray(fc.tuple(name, anyContainer), {
      minLength: 1,
      maxLength: 3,
      selector: ([of]) => of,
    }),
    networks: anyNetworks,
    volume: anyVolume,
    others: fc.record(
      {
        labels: texts,
        environment: env,
        scaling: fc.record({ kind: fc.constant('fixed'), instances: fc.nat(1000) }),
        scheduling: fc.record(
          {
            backoff: fc.record({ backoff: amount, maxLaunchDelay: amount }, { requiredKeys: [] }),
            upgrade: fc.constantFrom({ minimumHealthCapacity: 0.5, maximumOverCapacity: 0 }),
            placement: fc.record({
              constraints: fc.array(
                fc.constantFrom(
                  { fieldName: 'hostname', operator: 'UNIQUE' },
                  { fieldName: 'rack', operator: 'group_by', value: '2' },
                ),
                { maxLength: 2 },
              ),
              acceptedResourceRoles: fc.constantFrom([], ['*']),
            }),
            killSelection: fc.constantFrom('YOUNGEST_FIRST', 'OLDEST_FIRST'),
            unreachableStrategy: fc.constant('disabled'),
          },
          { requiredKeys: [] },
        ),
        executorResources: fc.record({ mem: fc.integer({ min: 32, max: 99 }) }, { requiredKeys: [] }),
        legacySharedCgroups: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ containers, networks, volume, others }) => ({
    id: '/a/p',
    ...others,
    networks,
    volumes: [{ name: 'v', ...volume }],
    containers: containers.map(([of, { protocol, user, ...fields }]) => ({
      name: of,
      ...fields,
      ...(user === undefined ? {} : { user }),
      endpoints: [
        {
          name: `e${of}`,
          ...(protocol.length === 0 ? {} : { protocol }),
          ...(networks.some(({ mode }) => mode === undefined) ? { containerPort: portOf(of) } : {}),
        },
      ],
    })),
  }))

/** Another port for each name. */
const portOf = (of: string): number => 1 + (Number.parseInt(of, 36) % 65_000)

const context = { ...databaseRole, defaultNetworkName: 'dcos' }

describe('a pod that was normalised', () => {
  it('stays as it is: what is written, read again, is the same', () => {
    fc.assert(
      fc.property(anyPod, (json) => {
        // Names that come to the same port are not what this is about.
        const read = readPod(json, context)
        fc.pre(read.ok || !problemsOf(read).some((problem) => problem.includes('ports must be unique')))
        const pod = podOf(json, context)
        const written = JSON.parse(JSON.stringify(renderPod(versionedPod(pod)))) as unknown
        expect(podOf(written, context)).toEqual(pod)
        expect(renderPod(versionedPod(podOf(written, context)))).toEqual(written)
      }),
    )
  })

  it('is told by issues or taken, whatever JSON it is made of', () => {
    const anything = fc.oneof(fc.jsonValue({ maxDepth: 4 }), mixed(anyPod))
    fc.assert(
      fc.property(anything, (json) => {
        const read = readPod(json, context)
        if (!read.ok) expect(problemsOf(read)).not.toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})

/** Pods with one value somewhere in them replaced by any other. */
const mixed = (pods: fc.Arbitrary<object>): fc.Arbitrary<unknown> =>
  fc.tuple(pods, fc.nat(200), fc.jsonValue({ maxDepth: 1 })).map(([pod, at, value]) => {
    let left = at
    return JSON.parse(JSON.stringify(pod), (_, part: unknown) => (left-- === 0 ? value : part)) as unknown
  })
