// Rules about what the containers of a service may take beside what they ask for (app-definition 10.2, 10.3).

import type { LinuxInfo } from '../app.ts'
import type { Issues } from '../parse/issues.ts'
import { double } from './phrases.ts'

/** `limits` as users send them: a number or a word. */
export function checkResourceLimits(
  limits: {
    readonly cpus?: number | string | undefined
    readonly mem?: number | string | undefined
  },
  requested: { readonly cpus: number; readonly mem: number },
  path: string,
  issues: Issues,
): void {
  for (const resource of ['cpus', 'mem'] as const) {
    const limit = limits[resource]
    const at = `${path}/${resource}`
    if (typeof limit === 'string' && limit !== 'unlimited') {
      issues.add(at, `'${limit}' is an invalid resource limit. It must be 'unlimited' or a number`)
    }
    if (typeof limit === 'number' && limit < requested[resource]) {
      const least = double(requested[resource])
      issues.add(at, `resource limit must be greater than or equal to requested resource (${least})`)
    }
  }
}

export function checkSeccomp(seccomp: NonNullable<LinuxInfo['seccomp']>, path: string, issues: Issues): void {
  const { profileName, unconfined } = seccomp
  if (profileName !== undefined && unconfined) {
    issues.add(`${path}/seccomp`, 'Seccomp unconfined can NOT be true when Profile is defined')
  }
  if (profileName === undefined && !unconfined) {
    issues.add(`${path}/seccomp`, 'Seccomp unconfined must be true when Profile is NOT defined')
  }
}

export function checkIpcInfo(
  { mode, shmSize }: { readonly mode: string; readonly shmSize?: number | undefined },
  path: string,
  issues: Issues,
): void {
  if (mode === 'SHARE_PARENT' && shmSize !== undefined) {
    issues.add(`${path}/ipcInfo`, 'ipcInfo shmSize can NOT be set when mode is SHARE_PARENT')
  }
}
