// The Pod object as the API writes it, once per record (rest-api 11, examples 4).

import type { Pod } from '../../spec/pod.ts'
import { renderPod } from '../../spec/render/pod.ts'

const rendered = new WeakMap<Pod, string>()

/** The JSON of the Pod object. */
export function podJson(pod: Pod): string {
  const known = rendered.get(pod)
  if (known !== undefined) return known
  const made = JSON.stringify(renderPod(pod))
  rendered.set(pod, made)
  return made
}
