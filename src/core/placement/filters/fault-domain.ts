// Offers of remote regions are for those who ask for them (runtime 5.3, "Fault domain").

import type { RunSpec } from '../../../spec/run-spec.ts'
import type { Offer } from '../../mesos.ts'

/** Whether the run spec speaks about fault domains and so decides by its constraints alone. */
export const choosesRegion = (runSpec: Pick<RunSpec, 'constraints'>): boolean =>
  runSpec.constraints.some(([field]) => field === '@region' || field === '@zone')

/**
 * Whether the offer is of the home region, that of the master. Offers without a region count as local; when the
 * master has none (`homeRegion` undefined), offers with one are remote.
 */
export const isHomeRegion = (offer: Offer, homeRegion: string | undefined): boolean =>
  offer.region === undefined || offer.region === homeRegion
