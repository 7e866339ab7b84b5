// Which disks of an offer persistent volumes get (runtime 5.1). A volume names the kind of disk it wants: space of the
// agent's own disk (root), space of another one (path), or a whole one (mount). Space is never put together from disks
// of different sources; raw and block devices are for nobody.

import type { PersistentVolume } from '../../spec/app.ts'
import { isPod, type RunSpec } from '../../spec/run-spec.ts'
import type { Resource } from '../mesos.ts'
import { fromThousandths, thousandths } from './fixed-point.ts'
import { matchesPattern } from './known-patterns.ts'

/** A part of an offered disk, as placement keeps it (remaining.ts): `left` in thousandths of a MiB. */
export interface DiskEntry {
  readonly left: number
  readonly source: Resource
}

/** A persistent volume as an instance will have it. */
export interface NamedVolume extends PersistentVolume {
  /** Of an app its path in the sandbox, of a pod its name there, which containers mount it by. */
  readonly name: string
}

/** What one launch asks of the disks of an agent. */
export interface DiskRequest<V extends PersistentVolume = PersistentVolume> {
  /** Thousandths of a MiB for the sandbox: of the agent's own disk, whatever its profile. */
  readonly scratch: number
  readonly volumes: readonly V[]
}

/** Where a volume, or the sandbox, is put. */
export interface DiskClaim<V extends PersistentVolume = PersistentVolume> {
  /** Absent: the sandbox. */
  readonly volume?: V
  /** MiB the volume will have: a whole disk may be more than was asked for. */
  readonly size: number
  /** In the order resources are sent: of several entries the last one first. */
  readonly parts: readonly { readonly amount: number; readonly source: Resource }[]
}

/** What a volume asks for, or the sandbox, which has no `volume`. */
interface Wish<V extends PersistentVolume> {
  readonly amount: number
  readonly volume?: V
}

/** The kind of disk an offered resource is; undefined for devices, which nothing here can use. */
export function diskKind({ disk }: Resource): PersistentVolume['type'] | undefined {
  switch (disk?.source?.type) {
    case undefined:
      return 'root'
    case 'PATH':
      return 'path'
    case 'MOUNT':
      return 'mount'
    case 'RAW':
    case 'BLOCK':
      return undefined
  }
}

/** A volume with a profile takes disks of that profile, one without takes those that have none. */
export const hasProfile = (source: Resource, profileName: string | undefined): boolean =>
  (source.disk?.source?.profile || undefined) === profileName

/** Volumes know one field, the path of the disk, and two operators; the whole path must match. */
export function meetsVolumeConstraint(source: Resource, constraint: readonly string[]): boolean {
  const [field, operator, value = ''] = constraint
  if (field !== 'path' || (operator !== 'LIKE' && operator !== 'UNLIKE')) return false
  return matchesPattern(value, source.disk?.source?.root ?? '') === (operator === 'LIKE')
}

/** The persistent volumes of one instance, in the order of the definition. */
export function persistentVolumesOf(runSpec: RunSpec): readonly NamedVolume[] {
  const volumes = isPod(runSpec) ? runSpec.volumes : (runSpec.container?.volumes ?? [])
  return volumes.flatMap((volume) => {
    if (!('persistent' in volume)) return []
    return [{ ...volume.persistent, name: 'name' in volume ? volume.name : volume.containerPath }]
  })
}

/**
 * A place for everything that is asked for, of each kind of disk the biggest requests first; undefined when something
 * has none. Takes nothing.
 */
export function assignDisks<V extends PersistentVolume>(
  disks: readonly DiskEntry[],
  { scratch, volumes }: DiskRequest<V>,
): readonly DiskClaim<V>[] | undefined {
  const claims: DiskClaim<V>[] = []
  for (const kind of ['root', 'path', 'mount'] as const) {
    const entries = disks.filter(({ source }) => diskKind(source) === kind)
    const wishes: Wish<V>[] = volumes
      .filter(({ type }) => type === kind)
      .map((volume) => ({ amount: thousandths(volume.size), volume }))
    if (kind === 'root' && scratch > 0) wishes.unshift({ amount: scratch })
    wishes.sort((a, b) => b.amount - a.amount)
    const found = kind === 'mount' ? wholeDisks(entries, wishes) : space(entries, wishes, kind)
    if (found === undefined) return undefined
    claims.push(...found)
  }
  return claims
}

/** A whole disk for each, the first in offer order that is large enough and not too large. */
function wholeDisks<V extends PersistentVolume>(
  entries: readonly DiskEntry[],
  wishes: readonly Wish<V>[],
): DiskClaim<V>[] | undefined {
  const free = new Set(entries)
  const claims: DiskClaim<V>[] = []
  for (const { amount, volume } of wishes) {
    const most = volume?.maxSize === undefined ? Number.POSITIVE_INFINITY : thousandths(volume.maxSize)
    const disk = [...free].find(({ left, source }) => left >= amount && left <= most && isFor(source, volume))
    if (disk === undefined) return undefined
    free.delete(disk)
    claims.push(claimOf(volume, disk.left, [{ amount: disk.left, source: disk.source }]))
  }
  return claims
}

/** What is left of the entries of one disk, and of all of them together. */
interface Disk {
  left: number
  entries: { left: number; readonly source: Resource }[]
}

/** Space for each on one disk, of paths on the one with most left. */
function space<V extends PersistentVolume>(
  entries: readonly DiskEntry[],
  wishes: readonly Wish<V>[],
  kind: 'root' | 'path',
): DiskClaim<V>[] | undefined {
  const disks = disksOf(entries)
  const claims: DiskClaim<V>[] = []
  for (const { amount, volume } of wishes) {
    if (kind === 'path') disks.sort((a, b) => b.left - a.left)
    const disk = disks.find(
      ({ left, entries: [first] }) => left >= amount && first !== undefined && isFor(first.source, volume),
    )
    if (disk === undefined) return undefined
    claims.push(claimOf(volume, amount, take(disk, amount)))
  }
  return claims
}

/** Entries of one source are one disk, whatever they are reserved for. */
function disksOf(entries: readonly DiskEntry[]): Disk[] {
  const disks = new Map<string, Disk>()
  for (const { left, source } of entries) {
    const { type, root, profile, id } = source.disk?.source ?? {}
    const key = JSON.stringify([type, root, profile, id, source.providerId])
    const disk = disks.get(key)
    if (disk === undefined) disks.set(key, { left, entries: [{ left, source }] })
    else {
      disk.left += left
      disk.entries.push({ left, source })
    }
  }
  return [...disks.values()]
}

function take(disk: Disk, amount: number): DiskClaim['parts'] {
  const parts: { amount: number; source: Resource }[] = []
  let missing = amount
  for (const entry of disk.entries) {
    const part = Math.min(entry.left, missing)
    if (part === 0) continue
    parts.unshift({ amount: part, source: entry.source })
    entry.left -= part
    missing -= part
  }
  disk.left -= amount
  disk.entries = disk.entries.filter(({ left }) => left > 0)
  return parts
}

const claimOf = <V extends PersistentVolume>(
  volume: V | undefined,
  amount: number,
  parts: DiskClaim['parts'],
): DiskClaim<V> => {
  const claim = { size: fromThousandths(amount), parts }
  return volume === undefined ? claim : { ...claim, volume }
}

const isFor = (source: Resource, volume: PersistentVolume | undefined): boolean =>
  volume === undefined ||
  (hasProfile(source, volume.profileName) &&
    volume.constraints.every((constraint) => meetsVolumeConstraint(source, constraint)))
