import { describe, expect, it } from 'vitest'
import { podOf, versionedPod } from '../../../tests/support/normalise.ts'
import { renderPod, renderPodInStatus } from './pod.ts'

const secrets = { enabledFeatures: new Set(['secrets']) }
const version = '2031-04-02T10:00:00.000Z'

describe('a pod as the API shows it', () => {
  // JSON as text, so that the order of the fields counts. Doubles are compared by value: 1.0 is 1.
  it('is what examples 4 shows for the answer to a creation', () => {
    const request = {
      id: '/shop/cache',
      containers: [
        {
          name: 'store',
          exec: { command: { shell: 'cached -p $ENDPOINT_MAIN' } },
          resources: { cpus: 0.2, mem: 48 },
          endpoints: [{ name: 'main', protocol: ['tcp'] }],
          healthCheck: { tcp: { endpoint: 'main' } },
          volumeMounts: [{ name: 'tmp', mountPath: 'scratch' }],
        },
      ],
      volumes: [{ name: 'tmp' }],
      scaling: { kind: 'fixed', instances: 1 },
    }
    const answer = {
      id: '/shop/cache',
      version,
      containers: [
        {
          name: 'store',
          exec: { command: { shell: 'cached -p $ENDPOINT_MAIN' } },
          resources: { cpus: 0.2, mem: 48, disk: 0, gpus: 0 },
          endpoints: [{ name: 'main', hostPort: 0, protocol: ['tcp'] }],
          healthCheck: {
            tcp: { endpoint: 'main' },
            gracePeriodSeconds: 300,
            intervalSeconds: 60,
            maxConsecutiveFailures: 3,
            timeoutSeconds: 20,
            delaySeconds: 15,
          },
          volumeMounts: [{ name: 'tmp', mountPath: 'scratch', readOnly: false }],
        },
      ],
      volumes: [{ name: 'tmp' }],
      scaling: { instances: 1, kind: 'fixed' },
      scheduling: {
        backoff: { backoff: 1, backoffFactor: 1.15, maxLaunchDelay: 300 },
        upgrade: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
        placement: {},
        killSelection: 'YOUNGEST_FIRST',
        unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
      },
      executorResources: { cpus: 0.1, mem: 32, disk: 10 },
      role: '*',
    }
    expect(JSON.stringify(renderPod(versionedPod(podOf(request), version)))).toBe(JSON.stringify(answer))
  })

  const everything = {
    id: '/p',
    labels: { a: 'b' },
    version,
    user: 'nobody',
    environment: { P: { secret: 's' } },
    containers: [
      {
        name: 'c',
        exec: { command: { argv: ['a', 'b'] }, overrideEntrypoint: true },
        resources: { cpus: 1, mem: 2, disk: 3, gpus: 4 },
        resourceLimits: { cpus: 'unlimited', mem: 3 },
        endpoints: [
          {
            name: 'e',
            containerPort: 80,
            hostPort: 8080,
            protocol: ['tcp'],
            labels: { c: 'd' },
            networkNames: ['n'],
          },
        ],
        linuxInfo: {
          seccomp: { profileName: 'f', unconfined: false },
          ipcInfo: { mode: 'PRIVATE', shmSize: 1 },
        },
        image: { kind: 'DOCKER', id: 'i', pullConfig: { secret: 's' }, forcePull: true, labels: { e: 'f' } },
        environment: { B: '2' },
        user: 'root',
        healthCheck: {
          http: { endpoint: 'e', path: '/', scheme: 'HTTPS' },
          gracePeriodSeconds: 1,
          intervalSeconds: 4,
          maxConsecutiveFailures: 2,
          timeoutSeconds: 3,
          delaySeconds: 5,
        },
        volumeMounts: [
          { name: 'v', mountPath: 'm', readOnly: true },
          { name: 'w', mountPath: 'n', readOnly: false },
          { name: 'x', mountPath: 'o', readOnly: false },
        ],
        artifacts: [{ uri: 'u', extract: false, executable: true, cache: true, destPath: 'd' }],
        labels: { g: 'h' },
        lifecycle: { killGracePeriodSeconds: 1.5 },
        tty: false,
      },
    ],
    secrets: { s: { source: '/s' } },
    volumes: [{ name: 'v', host: '/v' }, { name: 'w', secret: 's' }, { name: 'x' }],
    networks: [{ name: 'n', mode: 'container', labels: { i: 'j' } }],
    scaling: { instances: 2, kind: 'fixed' },
    scheduling: {
      backoff: { backoff: 2, backoffFactor: 3, maxLaunchDelay: 4 },
      upgrade: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0.25 },
      placement: {
        constraints: [
          { fieldName: 'rack', operator: 'GROUP_BY', value: '2' },
          { fieldName: 'hostname', operator: 'UNIQUE' },
        ],
        acceptedResourceRoles: ['*'],
      },
      killSelection: 'OLDEST_FIRST',
      unreachableStrategy: 'disabled',
    },
    executorResources: { cpus: 0.2, mem: 64, disk: 20 },
    role: '*',
    linuxInfo: { ipcInfo: { mode: 'SHARE_PARENT' } },
    legacySharedCgroups: true,
  }

  it('has its fields in the order of the wire, whatever order they were sent in', () => {
    const { resourceLimits: _limits, ...container } = everything.containers[0]!
    const definition = { ...everything, containers: [container] }
    const text = JSON.stringify(renderPod(versionedPod(podOf(backwards(definition), secrets), version)))
    expect(text).toBe(JSON.stringify(definition))
  })

  it('shows limits of resources after what is asked for', () => {
    const { legacySharedCgroups: _shared, ...definition } = everything
    const text = JSON.stringify(renderPod(versionedPod(podOf(backwards(definition), secrets), version)))
    expect(text).toBe(JSON.stringify(definition))
  })

  it('shows reservations in full', () => {
    const persistent = { type: 'mount', size: 1, maxSize: 2, profileName: 'p', constraints: [] }
    const pod = podOf(
      backwards({
        id: '/p',
        role: 'db',
        containers: [{ name: 'c', resources: {}, volumeMounts: [{ name: 'v', mountPath: 'm' }] }],
        volumes: [{ name: 'v', persistent }],
      }),
      { roles: { defaultRole: 'db', allowedRoles: ['db'] } },
    )
    expect(JSON.stringify(renderPod(pod)['volumes'])).toBe(JSON.stringify([{ name: 'v', persistent }]))
  })

  it('names the kind of scaling first within a status, and is the same otherwise', () => {
    const pod = versionedPod(podOf({ ...everything, legacySharedCgroups: false }, secrets))
    expect(renderPodInStatus(pod)).toEqual(renderPod(pod))
    expect(Object.keys(renderPodInStatus(pod))).toEqual(Object.keys(renderPod(pod)))
    expect(JSON.stringify(renderPodInStatus(pod)['scaling'])).toBe('{"kind":"fixed","instances":2}')
  })

  it('is shown without a version while it has none', () => {
    expect(renderPod(podOf({ id: '/p', containers: [{ name: 'c', resources: {} }] }))).not.toHaveProperty(
      'version',
    )
  })
})

/** The same JSON with the keys of every object in reverse. Lists keep their order. */
function backwards(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(backwards)
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(
    Object.entries(json)
      .reverse()
      .map(([key, value]) => [key, backwards(value)]),
  )
}
