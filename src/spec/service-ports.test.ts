import { describe, expect, it } from 'vitest'
import { appOf } from '../../tests/support/normalise.ts'
import type { AppSpec } from './app.ts'
import { assignServicePorts, servicePorts } from './service-ports.ts'

const range = { min: 10_000, max: 10_004 }
const host = (...ports: number[]): AppSpec => appOf({ id: 'web', cmd: 'serve', ports })
const bridge = (...ports: number[]): AppSpec =>
  appOf({
    id: 'web',
    networks: [{ mode: 'container/bridge' }],
    container: { docker: { image: 'i' }, portMappings: ports.map((servicePort) => ({ servicePort })) },
  })

function portsAfter(app: AppSpec, previous: AppSpec | undefined, ...used: number[]): number[] | string {
  const result = assignServicePorts(app, previous, new Set(used), range)
  return result.ok ? servicePorts(result.value) : result.error.kind
}

describe('service ports', () => {
  it.each([
    ['the lowest free ones', host(0, 0), undefined, [10_000, 10_002], [10_001, 10_003]],
    ['those given', host(80, 0), undefined, [80], [80, 10_000]],
    ['of port mappings', bridge(0, 0), undefined, [], [10_000, 10_001]],
    ['what the app had before', host(0, 0), host(10_003, 10_001), [10_001, 10_003], [10_003, 10_001]],
    [
      'what the app had and does not name itself',
      host(10_001, 0),
      host(10_003, 10_001),
      [10_001, 10_003],
      [10_001, 10_003],
    ],
    ['nothing from outside of the range', host(0), host(80), [80], [10_000]],
    ['the last one of the range', host(0), undefined, [10_000, 10_001, 10_002, 10_003], [10_004]],
    ['none when nothing is open', host(80), undefined, [], [80]],
  ])('are %s', (_, app, previous, used, expected) =>
    expect(portsAfter(app, previous, ...used)).toEqual(expected),
  )

  it('run out', () => {
    expect(portsAfter(host(0), undefined, 10_000, 10_001, 10_002, 10_003, 10_004)).toBe('ports-exhausted')
    expect(assignServicePorts(host(0, 0, 0, 0, 0, 0), undefined, new Set(), range)).toEqual({
      ok: false,
      error: { kind: 'ports-exhausted', min: 10_000, max: 10_004 },
    })
  })

  it('stay as they are when an app is only scaled', () => {
    const app = host(0)
    expect(assignServicePorts({ ...app, instances: 5 }, app, new Set(), range)).toEqual({
      ok: true,
      value: { ...app, instances: 5 },
    })
  })
})
