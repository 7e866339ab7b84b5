// Flags about definitions of apps and pods: defaults, limits, optional and removed features.

import { deprecatedFeatures } from '../deprecated-features.ts'
import type { Flag } from '../flag.ts'
import { networkName, roleName } from '../forms.ts'

const features = ['vips', 'task_killing', 'external_volumes', 'secrets', 'gpu_resources'] as const

export const definitionFlags = [
  { name: 'mesos_role', kind: 'text', default: '*', form: roleName, help: 'Default role of apps.' },
  {
    name: 'new_group_enforce_role',
    kind: 'choice',
    choices: ['off', 'top'],
    default: 'off',
    help: 'enforceRole of new top-level groups.',
  },
  {
    name: 'accepted_resource_roles_default_behavior',
    kind: 'choice',
    choices: ['any', 'unreserved', 'reserved'],
    default: 'any',
    help: 'Which resources an app without acceptedResourceRoles takes.',
  },
  {
    name: 'default_accepted_resource_roles',
    kind: 'list',
    help: 'Roles of apps without acceptedResourceRoles.',
    standing: {
      kind: 'refused',
      why: 'it was removed in 1.10.0. Use --accepted_resource_roles_default_behavior any, unreserved or reserved.',
    },
  },
  { name: 'executor', kind: 'text', default: '//cmd', help: 'Default executor.' },
  { name: 'env_vars_prefix', kind: 'text', help: 'Prefix of the port variables a task gets.' },
  { name: 'default_network_name', kind: 'text', help: 'Name for container networks that have none.' },
  {
    name: 'mesos_bridge_name',
    kind: 'text',
    default: 'mesos-bridge',
    form: networkName,
    help: 'Name of the bridge network.',
  },
  {
    name: 'local_port_min',
    kind: 'integer',
    default: '10000',
    min: 0,
    max: 65_535,
    help: 'First automatic service port.',
  },
  {
    name: 'local_port_max',
    kind: 'integer',
    default: '20000',
    min: 0,
    max: 65_535,
    help: 'Last automatic service port.',
  },
  {
    name: 'max_apps',
    kind: 'integer',
    help: 'Apps there may be.',
    standing: { kind: 'without-effect', why: 'nothing has enforced it in 1.11 either; 20,000 apps work.' },
  },
  {
    name: 'zk_max_versions',
    kind: 'integer',
    default: '50',
    min: 1,
    help: 'Versions kept of each app or pod, besides those in use.',
  },
  {
    name: 'max_running_deployments',
    kind: 'integer',
    default: '100',
    min: 1,
    help: 'Deployments under way at one time; more are answered 403. Less than half of --group_versions_cache_size.',
  },
  {
    name: 'group_versions_cache_size',
    kind: 'integer',
    default: '1000',
    min: 1,
    help: 'Versions of the groups kept in memory.',
    standing: {
      kind: 'without-effect',
      why: 'nothing is cached, but it still has to be more than twice --max_running_deployments.',
    },
  },
  {
    name: 'enable_features',
    kind: 'list',
    choices: features,
    help: `Comma separated: ${features.join(', ')}.`,
  },
  {
    name: 'deprecated_features',
    kind: 'list',
    choices: deprecatedFeatures.flatMap(({ key }) => [key, `disable_${key}`]),
    help: 'Features that were removed at some time and shall be on, or, as `disable_<feature>`, off.',
  },
  {
    name: 'gpu_scheduling_behavior',
    kind: 'choice',
    choices: ['restricted', 'unrestricted'],
    default: 'restricted',
    help: 'Whether apps without gpus may use agents that have some.',
  },
] as const satisfies readonly Flag[]
