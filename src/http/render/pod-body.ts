// The Pod object as the API writes it, once per record (rest-api 11, examples 4).

import { oncePer } from '../../lib/once.ts'
import type { Pod } from '../../spec/pod.ts'
import { renderPod } from '../../spec/render/pod.ts'

/** The JSON of the Pod object. */
export const podJson = oncePer((pod: Pod): string => JSON.stringify(renderPod(pod)))
