// External volumes by name, for the rule that one is used by a single app (app-definition 10.5).

import type { AppSpec, CsiVolume } from './app.ts'
import { isPod, type RunSpecDraft } from './run-spec.ts'

export interface VolumeUse {
  readonly name: string
  /** Volumes of one name are the same volume only with one provider. */
  readonly provider: string
  /** Nobody else may use it meanwhile. */
  readonly isExclusive: boolean
  /** It is only read here, and made for one to write it meanwhile: who does that is no conflict. */
  readonly isIndifferent: boolean
}

/** The named external volumes of an app; pods have none. */
export function externalVolumesOf(runSpec: RunSpecDraft): readonly VolumeUse[] {
  if (isPod(runSpec)) return []
  return (runSpec.container?.volumes ?? []).flatMap((volume) => {
    if (!('external' in volume)) return []
    const { external, mode } = volume
    const { name, provider } = external
    if (!isCsi(external)) return [{ name, provider, isExclusive: !external.shared, isIndifferent: false }]
    const { accessMode } = external.options.capability
    const hasOneWriter = accessMode === 'MULTI_NODE_SINGLE_WRITER'
    return [
      {
        name,
        provider,
        isExclusive: exclusiveModes.includes(accessMode) || (mode === 'RW' && hasOneWriter),
        isIndifferent: mode === 'RO' && hasOneWriter,
      },
    ]
  })
}

type ExternalVolume = Extract<NonNullable<AppSpec['container']>['volumes'][number], { external: unknown }>

const isCsi = (external: ExternalVolume['external']): external is CsiVolume => !('shared' in external)

const exclusiveModes: readonly string[] = ['SINGLE_NODE_WRITER', 'SINGLE_NODE_READER_ONLY']

export const volumeKey = ({ provider, name }: Pick<VolumeUse, 'provider' | 'name'>): string =>
  `${provider} ${name}`
