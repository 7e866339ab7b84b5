// Writes an app as the API shows it: the fields in the order of the wire, empty ones left out where the original leaves
// them out (rest-api 11, examples 1). The order is written down as tables, one per object.

import type { App, AppCheck, AppSpec, Container, CsiVolume, DvdiVolume, Volume } from '../app.ts'
import { isEmpty } from '../defined.ts'
import {
  artifact,
  asIs,
  byTable,
  eachOf,
  inOrder,
  type JsonObject,
  network,
  nonEmptyEachOf,
  nonEmptyList,
  nonEmptyRecord,
  persistentVolume,
  unreachableStrategy,
  upgradeStrategy,
} from './fields.ts'

/** `created`: as answered to the creation of an app, which has no versionInfo yet (rest-api 2). */
export type Form = 'stored' | 'created'

/** The app as API JSON, one that has no version yet without. The caller passes the service ports it wants shown. */
export function renderApp(app: AppSpec & Partial<App>, form: Form = 'stored'): JsonObject {
  if (form === 'stored') return render(app)
  const { versionInfo: _versionInfo, ...created } = app
  return render(created)
}

/** A health check as it is shown, in an app or alone. */
export const renderHealthCheck = inOrder(
  'command',
  'gracePeriodSeconds',
  'ignoreHttp1xx',
  'intervalSeconds',
  'maxConsecutiveFailures',
  'path',
  'port',
  'portIndex',
  'protocol',
  'ipProtocol',
  'timeoutSeconds',
  'delaySeconds',
)
const readinessCheck = inOrder(
  'name',
  'protocol',
  'path',
  'portName',
  'intervalSeconds',
  'timeoutSeconds',
  'httpStatusCodesForReady',
  'preserveLastResponse',
)
const portDefinition = inOrder('port', 'labels', 'name', 'protocol')
const portMapping = inOrder(
  'containerPort',
  'hostPort',
  'labels',
  'name',
  'protocol',
  'servicePort',
  'networkNames',
)
const docker = inOrder('pullConfig', 'forcePullImage', 'image', 'parameters', 'privileged')
const parameter = inOrder('key', 'value')

const render = byTable<keyof App>([
  ['id', asIs],
  ['acceptedResourceRoles', nonEmptyList],
  ['args', nonEmptyList],
  ['backoffFactor', asIs],
  ['backoffSeconds', asIs],
  ['cmd', asIs],
  ['constraints', nonEmptyList],
  ['container', renderContainer],
  ['cpus', asIs],
  ['dependencies', nonEmptyList],
  ['disk', asIs],
  ['env', nonEmptyRecord],
  ['executor', asIs],
  ['executorResources', inOrder('cpus', 'mem', 'disk')],
  ['fetch', nonEmptyEachOf(artifact)],
  ['healthChecks', nonEmptyEachOf(renderHealthCheck)],
  ['check', renderCheck],
  ['instances', asIs],
  ['labels', asIs],
  ['maxLaunchDelaySeconds', asIs],
  ['mem', asIs],
  ['gpus', asIs],
  ['networks', eachOf(network)],
  ['portDefinitions', eachOf(portDefinition)],
  ['readinessChecks', nonEmptyEachOf(readinessCheck)],
  ['residency', inOrder('relaunchEscalationTimeoutSeconds', 'taskLostBehavior')],
  ['resourceLimits', inOrder('cpus', 'mem')],
  ['requirePorts', asIs],
  ['secrets', nonEmptyRecord],
  ['taskKillGracePeriodSeconds', asIs],
  ['upgradeStrategy', upgradeStrategy('maximumOverCapacity', 'minimumHealthCapacity')],
  ['user', asIs],
  ['version', asIs],
  ['versionInfo', inOrder('lastScalingAt', 'lastConfigChangeAt')],
  ['killSelection', asIs],
  ['unreachableStrategy', unreachableStrategy],
  ['tty', asIs],
  ['role', asIs],
])

function renderCheck(check: AppCheck): JsonObject {
  return inOrder('http', 'tcp', 'exec', 'intervalSeconds', 'timeoutSeconds', 'delaySeconds')(check)
}

function renderContainer(container: Container): JsonObject {
  return {
    type: container.type,
    ...(container.docker === undefined
      ? {}
      : { docker: docker({ ...container.docker, parameters: container.docker.parameters.map(parameter) }) }),
    ...(container.linuxInfo === undefined
      ? {}
      : { linuxInfo: inOrder('seccomp', 'ipcInfo')(container.linuxInfo) }),
    volumes: container.volumes.map(renderVolume),
    ...(container.portMappings === undefined
      ? {}
      : { portMappings: container.portMappings.map((mapping) => portMapping({ ...mapping })) }),
  }
}

function renderVolume(volume: Volume): JsonObject {
  const { containerPath } = volume
  if ('persistent' in volume) {
    return { containerPath, persistent: persistentVolume({ ...volume.persistent }), mode: volume.mode }
  }
  if ('external' in volume)
    return { containerPath, external: renderExternal(volume.external), mode: volume.mode }
  if ('secret' in volume) return { containerPath, secret: volume.secret }
  return { containerPath, hostPath: volume.hostPath, mode: volume.mode }
}

function renderExternal(external: DvdiVolume | CsiVolume): JsonObject {
  if (isDvdi(external)) {
    const { options, ...rest } = external
    return inOrder('size', 'name', 'provider', 'options', 'shared')(isEmpty(options) ? rest : external)
  }
  const { name, provider, options } = external
  const { capability } = options
  return {
    name,
    provider,
    options: {
      pluginName: options.pluginName,
      capability: {
        accessMode: capability.accessMode,
        accessType: capability.accessType,
        ...(capability.fsType === undefined ? {} : { fsType: capability.fsType }),
        ...((capability.mountFlags ?? []).length === 0 ? {} : { mountFlags: capability.mountFlags ?? [] }),
      },
      ...nonEmptyMaps(options),
    },
  }
}

const isDvdi = (external: DvdiVolume | CsiVolume): external is DvdiVolume => 'shared' in external

const nonEmptyMaps = (options: CsiVolume['options']): JsonObject =>
  Object.fromEntries(
    (['nodeStageSecret', 'nodePublishSecret', 'volumeContext'] as const).flatMap((key) => {
      const map = options[key]
      return map === undefined || isEmpty(map) ? [] : [[key, map]]
    }),
  )
