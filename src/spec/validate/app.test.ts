// The rules about apps, each by what a user posts and is told (app-definition 10.1 to 10.4, 9).

import { describe, expect, it } from 'vitest'
import { appOf, problemsOf, readApp } from '../../../tests/support/normalise.ts'
import { limits } from '../../lib/limits.ts'

const base = { id: '/web', cmd: 'serve' }
const docker = { image: 'nginx' }
const bridge = [{ mode: 'container/bridge' }]
const volume = (kind: object): object => ({
  container: { type: 'MESOS', volumes: [{ containerPath: 'v', mode: 'RW', ...kind }] },
})
const persistent = (info: object): object => volume({ persistent: { size: 10, ...info } })
const external = (info: object): object =>
  volume({ external: { name: 'v', provider: 'dvdi', options: { 'dvdi/driver': 'x' }, ...info } })
const role = (...allowedRoles: string[]) => ({ roles: { defaultRole: allowedRoles[0] ?? '*', allowedRoles } })
const features = (...names: string[]) => ({ enabledFeatures: new Set(names) })
const problems = (fields: object, context: object = {}): string[] =>
  problemsOf(readApp({ ...base, ...fields }, context))

const segment =
  '^(([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])\\.)*([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])|(\\.|\\.\\.)$'

describe('a definition with deprecated fields', () => {
  it.each([
    [
      { container: { docker: { ...docker, credential: { principal: 'p' } } } },
      ['/container/docker/credential: must be empty'],
    ],
    [
      {
        container: {
          type: 'MESOS',
          docker: { ...docker, network: 'HOST', parameters: [{ key: 'a', value: 'b' }], portMappings: [] },
        },
      },
      [
        '/container/docker/network: must be empty',
        '/container/docker/parameters: must be empty',
        '/container/docker/portMappings: must be empty',
      ],
    ],
    [
      {
        container: { docker: { ...docker, network: 'BRIDGE', portMappings: [{ name: 'a' }, { name: 'a' }] } },
      },
      ['/container/docker/portMappings: Port names must be unique.'],
    ],
    [
      { container: { docker }, ipAddress: { discovery: {} } },
      ['/ipAddress: ipAddress/discovery is not allowed for Docker containers'],
    ],
    [{ uris: ['http://a', 'a b'] }, ['/uris(1): URI has invalid syntax.']],
    [
      { uris: ['http://a'], fetch: [{ uri: 'http://a' }] },
      ['/uris: may not be set in conjunction with fetch'],
    ],
    [
      { container: { docker: { ...docker, network: 'HOST' } }, networks: bridge },
      ['/: must not specify both container.docker.network and networks'],
    ],
    [{ ipAddress: {}, networks: bridge }, ['/: must not specify both networks and ipAddress']],
    [{ ports: [1, 0, 1, 0] }, ['/: ports must be unique']],
    [{ ports: [1], ipAddress: {} }, ['/: cannot specify both an IP address and port']],
    [{ ports: [1], portDefinitions: [{ port: 2 }] }, ['/: cannot specify both ports and port definitions']],
  ])('is refused for %j', (fields, expected) => expect(problems(fields)).toEqual(expected))
})

describe('a definition', () => {
  it.each([
    ['/', ['/id: Path must contain at least one path element', '/: must not be root']],
    [`/${'a'.repeat(190)}`, ['/id: has 191 characters, expected 190 or fewer']],
    [`/${'a'.repeat(189)}`, []],
    [
      '/shop/restart',
      ['/id: must not end with any of the following reserved keywords: restart, tasks, versions, ., ..'],
    ],
    [
      '/shop/tasks',
      ['/id: must not end with any of the following reserved keywords: restart, tasks, versions, ., ..'],
    ],
    ['/restart/web', []],
  ])('with the id %s', (id, expected) => expect(problems({ id })).toEqual(expected))

  it.each([
    [{ cmd: 'x' }, ['/: must not be an empty string']],
    [{ cmd: null }, ["/: AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."]],
    [{ args: ['x'] }, ["/: AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."]],
    [
      { cmd: null, container: { type: 'MESOS' } },
      ["/: AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."],
    ],
    [{ cmd: null, container: { type: 'MESOS', docker } }, []],
    [{ cmd: null, container: { docker } }, []],
    [{ cmd: null, args: ['x'], container: { docker } }, []],
    [{ container: {} }, ['/container/docker: not defined']],
    [
      { dependencies: ['/A', 'versions'] },
      [
        `/dependencies(0): must fully match regular expression '${segment}'`,
        '/dependencies(1): must not end with any of the following reserved keywords: restart, tasks, versions, ., ..',
      ],
    ],
    [{ networks: [{ mode: 'host', name: 'n' }] }, ['/networks: Host networks may not have names or labels']],
    [
      { networks: [{ mode: 'host', labels: { a: 'b' } }] },
      ['/networks: Host networks may not have names or labels'],
    ],
    [
      { networks: [{ mode: 'container/bridge', name: 'n' }] },
      ['/networks: Bridge networks may not have names'],
    ],
    [{ networks: [{ name: 'n' }, { name: 'n' }] }, ['/networks: Duplicate networks are not allowed']],
    [
      { networks: [{ mode: 'host' }, { name: 'n' }] },
      [
        '/networks: May specify a single host network, single bridge network, or else 1-to-n container networks',
      ],
    ],
    [
      { networks: [{ name: 'a' }, { name: 'b' }], container: { docker } },
      ['/: may only specify a single container network when using the Docker container engine'],
    ],
    [
      {
        networks: [{ name: 'a' }, { name: 'b' }],
        container: { type: 'MESOS', portMappings: [{ hostPort: 0 }, { networkNames: ['c'] }] },
      },
      [
        '/container/portMappings(0): networkNames must be a single item list when hostPort is specified and more than 1 container network is defined',
        '/container/portMappings(1)/networkNames(0): is not one of (a,b)',
      ],
    ],
    [
      { networks: bridge, container: { docker, portMappings: [{ name: 'a' }, { name: 'a' }] } },
      ['/container/portMappings: Port names must be unique.'],
    ],
    [
      {
        portDefinitions: [
          { name: 'a', port: 1 },
          { name: 'a', port: 1 },
        ],
      },
      ['/portDefinitions: Port names must be unique.', '/portDefinitions: Ports must be unique.'],
    ],
    [
      { healthChecks: [{ portIndex: 1 }] },
      [
        '/healthChecks(0): Health check port indices must address an element of the ports array or container port mappings.',
      ],
    ],
    [
      { healthChecks: [{ protocol: 'MESOS_TCP', portIndex: 1 }] },
      [
        '/healthChecks(0): Health check port indices must address an element of the ports array or container port mappings.',
      ],
    ],
    [{ healthChecks: [{ port: 80 }], ports: [] }, []],
    [
      { ports: [1, 2], healthChecks: [{ protocol: 'TCP' }] },
      [
        '/healthChecks(0): Health check port indices must address an element of the ports array or container port mappings.',
      ],
    ],
    [
      { healthChecks: [{ protocol: 'TCP', ipProtocol: 'ipv6' }] },
      [
        '/healthChecks(0): IPv6 can only be used for container type DOCKER and Mesos http/https/tcp health checks',
      ],
    ],
    [
      { healthChecks: [{ protocol: 'MESOS_HTTP' }, { protocol: 'MESOS_TCP' }] },
      ['/: AppDefinition can contain at most one Mesos health check'],
    ],
    [
      {
        healthChecks: [
          { protocol: 'COMMAND', command: { value: 'a' } },
          { protocol: 'COMMAND', command: { value: 'b' } },
          { protocol: 'MESOS_TCP' },
        ],
      },
      [],
    ],
    [
      { readinessChecks: [{}] },
      ['/readinessChecks(0)/portName: No port definition reference for portName http-api'],
    ],
    [
      { portDefinitions: [{ name: 'http-api' }], readinessChecks: [{ timeoutSeconds: 30 }, {}] },
      [
        '/readinessChecks/size: got 2, expected 1 or less',
        '/readinessChecks(0)/timeoutSeconds: got 30, expected less than 30',
      ],
    ],
    [
      { check: { tcp: { portIndex: 3 } } },
      ['/check/get: check port index must address an element of the ports array or container port mappings.'],
    ],
    [
      { check: { tcp: {} }, container: { docker } },
      ["/: AppDefinition must not use 'checks' if using docker"],
    ],
    [{ fetch: [{ uri: 'a b' }] }, ['/fetch(0)/uri: URI has invalid syntax.']],
    [
      { resourceLimits: { cpus: 0.5, mem: 'lots' } },
      [
        '/resourceLimits/cpus: resource limit must be greater than or equal to requested resource (1.0)',
        "/resourceLimits/mem: 'lots' is an invalid resource limit. It must be 'unlimited' or a number",
      ],
    ],
    [
      { secrets: { s: { source: '/x' } } },
      ['/secrets: Feature secrets is not enabled. Enable with --enable_features secrets)'],
    ],
    [{ env: { '': 'x' } }, ['/env/keys(0): must not be empty']],
    [
      { env: { A: { secret: 's' } } },
      [
        '/env: use of secret-references in the environment requires the secrets feature to be enabled',
        '/env/A/secret: references an undefined secret',
      ],
    ],
    [{ acceptedResourceRoles: [] }, ['/acceptedResourceRoles: must not be empty']],
    [
      { acceptedResourceRoles: ['*', 'db'] },
      ['/acceptedResourceRoles: acceptedResourceRoles can only contain *'],
    ],
    [
      { acceptedResourceRoles: ['-a b'] },
      [
        "/acceptedResourceRoles(0): A role name must not start with a '-'.",
        '/acceptedResourceRoles(0): A role name must not include a space (\\x20) character.',
        '/acceptedResourceRoles: acceptedResourceRoles can only contain *',
      ],
    ],
    [{ role: 'db' }, ['/role: got db, expected one of: [*]']],
    [{ gpus: 1 }, ['/: Feature gpu_resources is not enabled. Enable with --enable_features gpu_resources)']],
    [
      { labels: { DCOS_MIGRATION_API_VERSION: 'v1' } },
      [
        '/: DCOS_PACKAGE_FRAMEWORK_NAME and DCOS_MIGRATION_API_PATH must be defined when using DCOS_MIGRATION_API_VERSION',
      ],
    ],
    [{ labels: { DCOS_MIGRATION_API_VERSION: '' } }, []],
    [
      {
        instances: 2,
        labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' },
        upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 1 },
      },
      [
        '/: Single instance app may only have one instance',
        '/upgradeStrategy/minimumHealthCapacity: got 0.5, expected 0.0',
        '/upgradeStrategy/maximumOverCapacity: got 1.0, expected 0.0',
      ],
    ],
    [
      { labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' } },
      [
        '/upgradeStrategy/minimumHealthCapacity: got 1.0, expected 0.0',
        '/upgradeStrategy/maximumOverCapacity: got 1.0, expected 0.0',
      ],
    ],
    [
      { residency: {}, unreachableStrategy: {} },
      ['/: unreachableStrategy must be disabled for resident tasks'],
    ],
    [
      { unreachableStrategy: { inactiveAfterSeconds: 5, expungeAfterSeconds: 4 } },
      [
        '/unreachableStrategy/inactiveAfterSeconds: inactiveAfterSeconds (5) must be less or equal to expungeAfterSeconds, which is 4',
      ],
    ],
    [
      { container: { type: 'MESOS', linuxInfo: { seccomp: {} } } },
      ['/container/linuxInfo/seccomp: Seccomp unconfined must be true when Profile is NOT defined'],
    ],
    [
      { container: { type: 'MESOS', linuxInfo: { seccomp: { profileName: 'p', unconfined: true } } } },
      ['/container/linuxInfo/seccomp: Seccomp unconfined can NOT be true when Profile is defined'],
    ],
    [
      { container: { type: 'MESOS', linuxInfo: { ipcInfo: { mode: 'SHARE_PARENT', shmSize: 1 } } } },
      ['/container/linuxInfo/ipcInfo: ipcInfo shmSize can NOT be set when mode is SHARE_PARENT'],
    ],
    [
      { container: { docker: { ...docker, pullConfig: { secret: 's' } } } },
      ['/container/docker/pullConfig: pullConfig is not supported with Docker containerizer'],
    ],
  ])('with %j', (fields, expected) => expect(problems(fields)).toEqual(expected))

  it('reports everything at once', () =>
    expect(problems({ id: '/tasks', cmd: 'x', gpus: 1 })).toHaveLength(3))
})

describe('a volume', () => {
  const enabled = { ...role('db'), ...features('external_volumes', 'secrets') }
  const iops = {
    options: { 'dvdi/driver': 'rexray', 'dvdi/iops': '-1', 'dvdi/overwritefs': 'no', 'dvdi/newfstype': 'A' },
  }
  it.each([
    [persistent({ size: 0 }), ['/container/volumes(0)/persistent/size: got 0, expected more than 0']],
    [persistent({ maxSize: 20 }), ['/container/volumes(0)/persistent: Only mount volumes can have maxSize']],
    [
      persistent({ type: 'mount', maxSize: 5 }),
      ['/container/volumes(0)/persistent: Max size must be larger than size'],
    ],
    [
      persistent({ constraints: [['path', 'LIKE', 'a']] }),
      ['/container/volumes(0)/persistent: Constraints on root volumes are not supported'],
    ],
    [
      persistent({ type: 'path', constraints: [['path', 'LIKE', '(']] }),
      ['/container/volumes(0)/persistent/constraints(0): Invalid regular expression'],
    ],
    [
      persistent({ type: 'path', constraints: [[]] }),
      ['/container/volumes(0)/persistent/constraints(0): Missing field and operator'],
    ],
    [
      persistent({ type: 'path', constraints: [['path', 'ALIKE', 'a']] }),
      ['/container/volumes(0)/persistent/constraints(0): unknown constraint operator ALIKE'],
    ],
    [
      persistent({ type: 'path', constraints: [['path', 'UNIQUE', 'a']] }),
      ['/container/volumes(0)/persistent/constraints(0): Operator must be one of LIKE, UNLIKE'],
    ],
    [
      persistent({ type: 'path', constraints: [['size', 'LIKE']] }),
      ['/container/volumes(0)/persistent/constraints(0): Unsupported constraint size,LIKE'],
    ],
    [
      persistent({ type: 'path', constraints: [['path', 'UNLIKE', 'a']] }),
      ['illegal volume constraint path,UNLIKE,a'],
    ],
    [persistent({ profileName: '' }), ['/container/volumes(0)/persistent/profileName: must not be empty']],
    [
      volume({ persistent: { size: 1 }, mode: 'RO', containerPath: '..' }),
      [
        '/container/volumes(0)/containerPath: can not be one of (.,..)',
        '/container/volumes(0)/mode: does not equal RW',
      ],
    ],
    [
      volume({ persistent: { size: 1 }, containerPath: 'a/b' }),
      ['/container/volumes(0)/containerPath: value must not contain "/"'],
    ],
    [
      { ...persistent({}), upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 } },
      ['/upgradeStrategy/maximumOverCapacity: got 1.0, expected 0.0'],
    ],
    [
      { ...persistent({}), acceptedResourceRoles: ['db'] },
      ['/acceptedResourceRoles: A resident app must have `acceptedResourceRoles = ["*"]`.'],
    ],
    [volume({ secret: 's' }), ['/container/volumes(0): volume.secret must refer to an existing secret']],
    [external({ name: null }), ['/container/volumes(0)/external/name: not defined']],
    [external({ provider: 'other' }), ['/container/volumes(0)/external/provider: is unknown provider']],
    [external({ options: {} }), ['/container/volumes(0)/external/options("dvdi/driver"): not defined']],
    [
      external({ options: { 'dvdi/driver': 'x', bad: 'y' } }),
      [
        "/container/volumes(0)/external/options/keys(1): must match regular expression '^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?/[A-Za-z0-9](?:[-A-Za-z0-9\\._:]*[A-Za-z0-9])?$'",
      ],
    ],
    [
      external(iops),
      [
        '/container/volumes(0)/external/options/"dvdi/newfstype": must match regular expression \'^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$\'',
        '/container/volumes(0)/external/options/"dvdi/iops": Expected a valid, positive integer instead of -1',
        '/container/volumes(0)/external/options/"dvdi/overwritefs": Expected a valid boolean',
      ],
    ],
    [
      { ...external({}), instances: 2 },
      ['/: Number of instances is limited to 1 when declaring DVDI volumes in app [/web]'],
    ],
    [
      { ...external({}), upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 } },
      ['/upgradeStrategy/maximumOverCapacity: got 1.0, expected 0.0'],
    ],
  ])('in %j', (fields, expected) => expect(problems(fields, enabled)).toEqual(expected))

  it('of Docker takes nothing but its driver', () => {
    const { container } = external({ size: 5, options: { 'dvdi/driver': 'x', 'dvdi/size': '5' } }) as {
      container: object
    }
    expect(problems({ container: { ...container, type: 'DOCKER', docker } }, enabled)).toEqual([
      '/container/volumes(0)/external/options: must only contain dvdi/driver',
      '/container/volumes(0)/external/size: must be undefined for Docker containers',
    ])
  })

  it('needs its feature', () => {
    expect(problems(external({}), role('db'))).toEqual([
      '/container/volumes(0): Feature external_volumes is not enabled. Enable with --enable_features external_volumes)',
    ])
    expect(problems(volume({ secret: 's' }), role('db'))).toContain(
      '/container/volumes: Feature secrets is not enabled. Enable with --enable_features secrets)',
    )
  })

  const csi = (accessMode: string, mode: string): object =>
    volume({
      mode,
      external: {
        name: 'c',
        provider: 'csi',
        options: { pluginName: 'p', capability: { accessMode, accessType: 'block' } },
      },
    })
  it.each([
    [
      'SINGLE_NODE_WRITER',
      'RW',
      2,
      ['/instances: got 2, expected 1 or less while non-shareable CSI volumes are defined'],
    ],
    [
      'MULTI_NODE_SINGLE_WRITER',
      'RW',
      2,
      [
        '/instances: got 2, expected 1 or less while a multi-node single-writer volume is defined mounted as read/write',
      ],
    ],
    ['MULTI_NODE_SINGLE_WRITER', 'RO', 2, []],
    ['MULTI_NODE_MULTI_WRITER', 'RW', 2, []],
    [
      'MULTI_NODE_READER_ONLY',
      'RW',
      1,
      ['/container/volumes(0)/volume: CSI volume must be mounted readonly with a read-only access mode'],
    ],
  ])('of CSI with %s mounted %s in %i instances', (accessMode, mode, instances, expected) =>
    expect(problems({ ...csi(accessMode, mode), instances }, enabled)).toEqual(expected),
  )
})

describe('a resident app', () => {
  const resident = persistent({})
  it('needs a role of its own', () =>
    expect(problems(resident)).toEqual(['/role: Resident apps cannot have the role *']))

  it('keeps its role unless forced', () => {
    const change = (isRoleChangeForced: boolean) =>
      problems(resident, {
        roles: { defaultRole: 'new', allowedRoles: ['new', 'old'], previousRole: 'old', isRoleChangeForced },
      })
    expect(change(true)).toEqual([])
    expect(change(false)).toEqual([
      expect.stringMatching(
        /^\/role: It is not possible to change the role.*under the previous role, old\..*new role, new\..*\?force=true$/,
      ),
    ])
  })
})

describe('a constraint', () => {
  it.each([
    [['rack', 'UNIQUE', '1'], 'UNIQUE does not accept a value'],
    [['rack', 'GROUP_BY', 'x'], 'GROUP BY must define an integer value or else no value at all'],
    [['rack', 'MAX_PER'], 'MAX_PER requires an integer value'],
    [['rack', 'MAX_PER', '1.5'], 'MAX_PER requires an integer value'],
    [['rack', 'LIKE'], 'LIKE and UNLIKE require a non-empty, regular expression value'],
    [['rack', 'UNLIKE', '('], 'is not a valid regular expression'],
    [['rack', 'LIKE', 'a)|(b'], 'is not a valid regular expression'],
    [
      ['rack', 'LIKE', '(a)\\1'],
      'is a regular expression that refers back to a group, expected one of those the guide to constraints describes',
    ],
    [
      ['rack', 'LIKE', 'a'.repeat(limits.constraintPatternChars + 1)],
      'is a regular expression of 1025 characters, expected 1024 or less',
    ],
    [
      ['rack', 'IS', 'a b'],
      'IS only supports Mesos text and float values (see http://mesos.apache.org/documentation/latest/attributes-resources/)',
    ],
    [
      ['rack', 'IN', 'a'],
      'operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE or IS',
    ],
    [['', 'UNIQUE'], 'illegal constraint specification'],
    [['rack'], 'Each constraint must have either 2 or 3 fields'],
    [[], 'Each constraint must have either 2 or 3 fields'],
    [['a', 'LIKE', 'b', 'c'], 'Each constraint must have either 2 or 3 fields'],
  ])('%j is refused', (constraint, error) =>
    expect(problems({ constraints: [constraint] })).toEqual([`/constraints(0): ${error}`]),
  )

  it.each([
    [['rack', 'CLUSTER']],
    [['rack', 'CLUSTER', 'r1']],
    [['rack', 'GROUP_BY']],
    [['rack', 'GROUP_BY', '3']],
    [['rack', 'MAX_PER', '2']],
    [['rack', 'LIKE', 'r[12]']],
    [['rack', 'LIKE', '(?i)R1']],
    [['rack', 'IS', '1.5']],
    [['rack', 'IS']],
    [['@zone', 'UNIQUE']],
  ])('%j is taken', (constraint) =>
    expect(appOf({ ...base, constraints: [constraint] }).constraints).toEqual([constraint]),
  )
})
