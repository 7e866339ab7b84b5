// Writes a pod as the API shows it, as render/app.ts does for apps (rest-api 11, examples 4).

import type { Version } from '../../lib/instant.ts'
import type { PodContainer, PodEndpoint, PodSpec, PodVolume } from '../pod.ts'
import {
  artifact,
  asIs,
  byTable,
  eachOf,
  inOrder,
  type Json,
  type JsonObject,
  network,
  nonEmptyEachOf,
  nonEmptyList,
  nonEmptyRecord,
  persistentVolume,
  unreachableStrategy,
  upgradeStrategy,
} from './fields.ts'

type Renderable = PodSpec & { readonly version?: Version }

/** The pod as API JSON. One that has no version yet is shown without. */
export const renderPod = (pod: Renderable): JsonObject => ({
  ...upToNetworks(pod),
  scaling: { instances: pod.instances, kind: 'fixed' },
  ...fromScheduling(pod),
})

/** The same within the status of the pod, which another serializer wrote in the original. */
export const renderPodInStatus = (pod: Renderable): JsonObject => ({
  ...upToNetworks(pod),
  scaling: { kind: 'fixed', instances: pod.instances },
  ...fromScheduling(pod),
})

const resources = inOrder('cpus', 'mem', 'disk', 'gpus')
const volumeMount = inOrder('name', 'mountPath', 'readOnly')
const linuxInfo = inOrder('seccomp', 'ipcInfo')
const healthCheck = inOrder(
  'http',
  'tcp',
  'exec',
  'gracePeriodSeconds',
  'intervalSeconds',
  'maxConsecutiveFailures',
  'timeoutSeconds',
  'delaySeconds',
)

const endpoint = byTable<keyof PodEndpoint>([
  ['name', asIs],
  ['containerPort', asIs],
  ['hostPort', asIs],
  ['protocol', nonEmptyList],
  ['labels', nonEmptyRecord],
  ['networkNames', nonEmptyList],
])

const image = byTable<keyof NonNullable<PodContainer['image']>>([
  ['kind', asIs],
  ['id', asIs],
  ['pullConfig', asIs],
  ['forcePull', asIs],
  ['labels', nonEmptyRecord],
])

const container = byTable<keyof PodContainer>([
  ['name', asIs],
  ['exec', inOrder('command', 'overrideEntrypoint')],
  ['resources', resources],
  ['resourceLimits', inOrder('cpus', 'mem')],
  ['endpoints', nonEmptyEachOf(endpoint)],
  ['linuxInfo', linuxInfo],
  ['image', image],
  ['env', nonEmptyRecord, 'environment'],
  ['user', asIs],
  ['healthCheck', healthCheck],
  ['volumeMounts', nonEmptyEachOf(volumeMount)],
  ['artifacts', nonEmptyEachOf(artifact)],
  ['labels', nonEmptyRecord],
  ['lifecycle', asIs],
  ['tty', asIs],
])

const volume = (given: PodVolume): JsonObject =>
  'persistent' in given
    ? { name: given.name, persistent: persistentVolume({ ...given.persistent }) }
    : inOrder('name', 'host', 'secret')(given)

const upToNetworks = byTable<keyof Renderable>([
  ['id', asIs],
  ['labels', nonEmptyRecord],
  ['version', asIs],
  ['user', asIs],
  ['env', nonEmptyRecord, 'environment'],
  ['containers', eachOf(container)],
  ['secrets', nonEmptyRecord],
  ['volumes', nonEmptyEachOf(volume)],
  ['networks', nonEmptyEachOf(network)],
])

const afterScheduling = byTable<keyof Renderable>([
  ['executorResources', inOrder('cpus', 'mem', 'disk')],
  ['role', asIs],
  ['linuxInfo', linuxInfo],
  ['legacySharedCgroups', asIs],
])

const fromScheduling = (pod: Renderable): JsonObject => ({
  scheduling: renderScheduling(pod),
  ...afterScheduling(pod),
})

const placement = byTable<'constraints' | 'acceptedResourceRoles'>([
  ['constraints', nonEmptyEachOf(renderConstraint)],
  ['acceptedResourceRoles', nonEmptyList],
])

const renderScheduling = (pod: Renderable): JsonObject => ({
  backoff: {
    backoff: pod.backoffSeconds,
    backoffFactor: pod.backoffFactor,
    maxLaunchDelay: pod.maxLaunchDelaySeconds,
  },
  upgrade: upgradeStrategy('minimumHealthCapacity', 'maximumOverCapacity')(pod.upgradeStrategy),
  placement: placement(pod),
  killSelection: pod.killSelection,
  unreachableStrategy: unreachableStrategy(
    pod.unreachableStrategy === 'disabled' ? 'disabled' : { ...pod.unreachableStrategy },
  ),
})

function renderConstraint([fieldName, operator, value]: PodSpec['constraints'][number]): JsonObject {
  const constraint: Record<string, Json> = { fieldName, operator }
  if (value !== undefined) constraint['value'] = value
  return constraint
}
