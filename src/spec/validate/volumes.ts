// Rules about the volumes of an app's container (app-definition 10.2): host, persistent, external, secret.

import { isOperator, patternError } from '../constraint-rules.ts'
import type { Issues } from '../parse/issues.ts'
import type { AppInput, ContainerInput, VolumeInput } from '../schema/app.ts'
import { canNotBeOneOf, double, featureNotEnabled, mustMatch, mustNotBeEmpty, notDefined } from './phrases.ts'
import { hasDuplicates } from './ports.ts'
import type { SecretContext } from './secrets.ts'

type Persistent = Extract<VolumeInput, { persistent: unknown }>
type External = Extract<VolumeInput, { external: unknown }>
type Dvdi = Exclude<External['external'], { provider: 'csi' }>

export function checkVolumes(container: ContainerInput, context: SecretContext, issues: Issues): void {
  const path = '/container/volumes'
  const names = container.volumes.flatMap((volume) =>
    'external' in volume && volume.external.name !== undefined ? [volume.external.name] : [],
  )
  if (hasDuplicates(names)) issues.add(path, 'Volume names must be unique')
  if (container.volumes.some((volume) => 'secret' in volume) && !context.enabledFeatures.has('secrets')) {
    issues.add(path, featureNotEnabled('secrets'))
  }
  for (const [index, volume] of container.volumes.entries()) {
    const at = `${path}(${index})`
    if ('persistent' in volume) checkPersistent(volume, at, issues)
    else if ('external' in volume) checkExternal(volume, container.type, at, context, issues)
    else if ('secret' in volume) {
      if (!Object.hasOwn(context.secrets, volume.secret)) {
        issues.add(at, unknownVolumeSecret)
      }
    }
  }
}

export const unknownVolumeSecret = 'volume.secret must refer to an existing secret'

const dotPaths = ['.', '..']

function checkPersistent(
  { containerPath, mode, persistent }: Persistent,
  path: string,
  issues: Issues,
): void {
  if (dotPaths.includes(containerPath)) issues.add(`${path}/containerPath`, canNotBeOneOf(dotPaths))
  if (containerPath.includes('/')) issues.add(`${path}/containerPath`, 'value must not contain "/"')
  if (mode !== 'RW') issues.add(`${path}/mode`, 'does not equal RW')
  const info = `${path}/persistent`
  const { type, size, maxSize, profileName, constraints } = persistent
  if (size <= 0) issues.add(`${info}/size`, `got ${size}, expected more than 0`)
  for (const [index, constraint] of constraints.entries()) {
    const error = volumeConstraintError(constraint)
    if (error !== undefined) issues.add(`${info}/constraints(${index})`, error)
  }
  // As in 1.11: a type that is not given counts as root here, although a profile makes it mount later.
  const kind = type ?? 'root'
  if (kind !== 'mount' && maxSize !== undefined) issues.add(info, 'Only mount volumes can have maxSize')
  if (kind === 'root' && constraints.length > 0)
    issues.add(info, 'Constraints on root volumes are not supported')
  if (maxSize !== undefined && maxSize <= size) issues.add(info, 'Max size must be larger than size')
  if (profileName === '') issues.add(`${info}/profileName`, mustNotBeEmpty)
}

function volumeConstraintError(constraint: readonly string[]): string | undefined {
  const [field, operator, value] = constraint
  if (field === undefined && operator === undefined) return 'Missing field and operator'
  if (field !== 'path' || operator === undefined || value === undefined) {
    return `Unsupported constraint ${constraint.join(',')}`
  }
  if (!isOperator(operator)) return `unknown constraint operator ${operator}`
  if (operator !== 'LIKE' && operator !== 'UNLIKE') return 'Operator must be one of LIKE, UNLIKE'
  return patternError(value) === undefined ? undefined : 'Invalid regular expression'
}

const labelPattern = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?'
const optionPattern = '[A-Za-z0-9](?:[-A-Za-z0-9\\._:]*[A-Za-z0-9])?'
const labelRegex = `^${labelPattern}$`
const optionKeyRegex = `^${labelPattern}/${optionPattern}$`
const isLabel = (text: string): boolean => new RegExp(labelRegex).test(text)
const isOptionKey = (text: string): boolean => new RegExp(optionKeyRegex).test(text)
const driverOption = 'dvdi/driver'

function checkExternal(
  volume: External,
  engine: ContainerInput['type'],
  path: string,
  context: SecretContext,
  issues: Issues,
): void {
  if (!context.enabledFeatures.has('external_volumes'))
    issues.add(path, featureNotEnabled('external_volumes'))
  if (isCsi(volume.external)) return
  const info: Dvdi = volume.external
  const at = `${path}/external`
  if (info.name === undefined) issues.add(`${at}/name`, notDefined)
  else if (info.name === '') issues.add(`${at}/name`, mustNotBeEmpty)
  if (info.provider === undefined) issues.add(`${at}/provider`, notDefined)
  else if (info.provider !== 'dvdi') issues.add(`${at}/provider`, 'is unknown provider')
  for (const [index, key] of Object.keys(info.options).entries()) {
    if (!isOptionKey(key)) issues.add(`${at}/options/keys(${index})`, mustMatch(optionKeyRegex))
  }
  if (info.provider !== 'dvdi') return
  checkDvdiOptions(info.options, at, issues)
  if (dotPaths.includes(volume.containerPath)) issues.add(`${path}/containerPath`, canNotBeOneOf(dotPaths))
  if (engine === 'MESOS') {
    if (volume.mode !== 'RW') issues.add(`${path}/mode`, 'does not equal RW')
    return
  }
  if (Object.keys(info.options).some((key) => key !== driverOption)) {
    issues.add(`${at}/options`, `must only contain ${driverOption}`)
  }
  if (info.size !== undefined) issues.add(`${at}/size`, 'must be undefined for Docker containers')
}

function checkDvdiOptions(options: Dvdi['options'], path: string, issues: Issues): void {
  const driver = options[driverOption]
  const at = `${path}/options("${driverOption}")`
  if (driver === undefined) issues.add(at, notDefined)
  else if (!isLabel(driver)) issues.add(at, mustMatch(labelRegex))
  if (driver !== 'rexray') return
  for (const [key, rule] of Object.entries(rexrayOptions)) {
    const value = options[key]
    const error = value === undefined ? undefined : rule(value)
    if (error !== undefined) issues.add(`${path}/options/"${key}"`, error)
  }
}

const label = (value: string): string | undefined => (isLabel(value) ? undefined : mustMatch(labelRegex))

const rexrayOptions: Readonly<Record<string, (value: string) => string | undefined>> = {
  'dvdi/volumetype': label,
  'dvdi/newfstype': label,
  'dvdi/iops': (value) =>
    /^\+?\d{1,18}$/.test(value) && Number(value) > 0
      ? undefined
      : `Expected a valid, positive integer instead of ${value}`,
  'dvdi/overwritefs': (value) => (value.toLowerCase() === 'true' ? undefined : 'Expected a valid boolean'),
}

/** Rules about an app because of its external volumes. */
export function checkExternalVolumesOfApp(
  app: Pick<AppInput, 'instances' | 'container' | 'upgradeStrategy'> & { readonly id: string },
  issues: Issues,
): void {
  const external = app.container?.volumes.filter((volume) => 'external' in volume) ?? []
  checkCsiScaling(external, app.instances, issues)
  for (const [index, volume] of app.container?.volumes.entries() ?? []) {
    if (!('external' in volume) || !isCsi(volume.external) || volume.mode !== 'RW') continue
    if (readOnlyModes.includes(volume.external.options.capability.accessMode)) {
      issues.add(
        `/container/volumes(${index})/volume`,
        'CSI volume must be mounted readonly with a read-only access mode',
      )
    }
  }
  const dvdi = external.flatMap((volume) => (isCsi(volume.external) ? [] : [volume.external]))
  if (!dvdi.some(({ provider }) => provider === 'dvdi')) return
  const exclusive = dvdi.flatMap(({ name, shared }) => (name === undefined || shared ? [] : [name]))
  for (const name of new Set(exclusive.filter((name, index) => exclusive.indexOf(name) !== index))) {
    issues.add('/', `Requested DVDI volume '${name}' is declared more than once within app ${app.id}`)
  }
  if (app.instances > 1) {
    issues.add('/', `Number of instances is limited to 1 when declaring DVDI volumes in app [${app.id}]`)
  }
  const overCapacity = app.upgradeStrategy?.maximumOverCapacity ?? 0
  if (overCapacity !== 0) {
    issues.add('/upgradeStrategy/maximumOverCapacity', `got ${double(overCapacity)}, expected 0.0`)
  }
}

type Csi = Extract<External['external'], { provider: 'csi' }>
export const isCsi = (info: External['external']): info is Csi =>
  info.provider === 'csi' && typeof info.options === 'object' && 'capability' in info.options

const readOnlyModes: readonly string[] = ['SINGLE_NODE_READER_ONLY', 'MULTI_NODE_READER_ONLY']
const exclusiveModes: readonly string[] = ['SINGLE_NODE_WRITER', 'SINGLE_NODE_READER_ONLY']

function checkCsiScaling(volumes: readonly External[], instances: number, issues: Issues): void {
  const csi = volumes.flatMap(({ external, mode }) =>
    isCsi(external) ? [{ mode, accessMode: external.options.capability.accessMode }] : [],
  )
  if (csi.length === 0 || instances <= 1) return
  const limit = `got ${instances}, expected 1 or less while`
  if (csi.some(({ accessMode }) => exclusiveModes.includes(accessMode))) {
    issues.add('/instances', `${limit} non-shareable CSI volumes are defined`)
  } else if (csi.some(({ mode, accessMode }) => mode === 'RW' && accessMode === 'MULTI_NODE_SINGLE_WRITER')) {
    issues.add('/instances', `${limit} a multi-node single-writer volume is defined mounted as read/write`)
  }
}
