// How a new configuration takes the place of an old one: what apps (`upgradeStrategy`) and pods (`scheduling.upgrade`)
// may say besides their capacities. The original has none of it, and without it nothing is different.

import * as Type from 'typebox'

const int32 = { format: 'int32' } as const

export const CanaryStep = Type.Object(
  {
    instances: Type.Optional(Type.Integer({ ...int32, minimum: 1 })),
    percent: Type.Optional(Type.Integer({ ...int32, minimum: 1, maximum: 100 })),
    pauseSeconds: Type.Optional(Type.Integer({ ...int32, minimum: 0 })),
  },
  {
    'x-name': 'CanaryStep',
    description:
      'So many new instances, `instances` or `percent` of all; then a pause, without end if none is given',
  },
)

export const upgradeExtras = {
  progressDeadlineSeconds: Type.Optional(
    Type.Integer({
      ...int32,
      minimum: 1,
      description: 'A deployment that stands still for so long is rolled back',
    }),
  ),
  canarySteps: Type.Optional(Type.Array(CanaryStep)),
}
