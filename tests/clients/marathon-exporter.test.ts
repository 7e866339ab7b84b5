// marathon_exporter 2.1.0 (gettyimages/marathon_exporter at 7f18d67), which makes Prometheus' metrics of two
// answers. It sends nothing but `Accept-Encoding: gzip`, and skips what is not of the type it wants: a gauge is
// missing then.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Conversation, converse } from './conversation.ts'

const headers = { 'user-agent': 'Go-http-client/1.1', 'accept-encoding': 'gzip' }

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape
type Json = any

const gauges = {
  running: 'tasksRunning',
  staged: 'tasksStaged',
  healthy: 'tasksHealthy',
  unhealthy: 'tasksUnhealthy',
  cpus: 'cpus',
  mem_in_mb: 'mem',
  disk_in_mb: 'disk',
  gpus: 'gpus',
  avg_uptime: 'taskStats.startedAfterLastScaling.stats.lifeTime.averageSeconds',
}

const at = (value: Json, path: string): unknown =>
  path.split('.').reduce((inner, name) => inner?.[name], value)
const numbers = (value: Json, names: readonly string[]) =>
  names.filter((name) => typeof value[name] !== 'number').map((name) => `no ${name}`)

describe('marathon_exporter', () => {
  let server: Conversation
  beforeEach(async () => {
    server = await converse(headers)
    await server.ask(
      'POST',
      '/v2/apps',
      JSON.stringify({ id: '/web', cmd: 'sleep 3600', instances: 2, cpus: 0.1, mem: 32 }),
    )
    await server.elapse(10_000)
  })
  afterEach(() => server.close())

  it('finds every figure of an app', async () => {
    const { apps } = (await server.ask('GET', '/v2/apps?embed=apps.taskStats')).body
    expect(apps).toHaveLength(1)
    expect(apps[0]).toMatchObject({ id: '/web', version: expect.any(String), instances: 2 })
    const found = Object.entries(gauges).map(([name, path]) => [name, at(apps[0], path)])
    expect(Object.fromEntries(found)).toEqual({
      running: 2,
      staged: 0,
      healthy: 0,
      unhealthy: 0,
      cpus: 0.1,
      mem_in_mb: 32,
      disk_in_mb: 0,
      gpus: 0,
      avg_uptime: expect.any(Number),
    })
  })

  it('finds every kind of metric in its form', async () => {
    const metrics = (await server.ask('GET', '/metrics')).body
    expect(metrics.version).toEqual(expect.any(String))
    // Taken for an error at the top.
    expect(metrics.message).toBeUndefined()
    const wrong: string[] = []
    const look = (kind: string, check: (metric: Json) => readonly string[]) => {
      for (const [name, metric] of Object.entries(metrics[kind])) {
        wrong.push(...check(metric).map((what) => `${kind} ${name}: ${what}`))
      }
    }
    const percentiles = ['p50', 'p75', 'p95', 'p98', 'p99', 'p999', 'min', 'max', 'mean', 'stddev']
    const rates = ['mean_rate', 'm1_rate', 'm5_rate', 'm15_rate']
    const unit = (metric: Json, name: string) => (typeof metric[name] === 'string' ? [] : [`no ${name}`])
    look('counters', (metric) => numbers(metric, ['count']))
    look('gauges', (metric) => numbers(metric, ['value']))
    look('histograms', (metric) => numbers(metric, ['count', ...percentiles]))
    look('meters', (metric) => [...numbers(metric, ['count', ...rates]), ...unit(metric, 'units')])
    look('timers', (metric) => [
      ...numbers(metric, ['count', ...percentiles, ...rates]),
      ...unit(metric, 'rate_units'),
    ])
    expect(wrong).toEqual([])
    expect(metrics.gauges['marathon.apps.active.gauge']).toEqual({ value: 1 })
    expect(Object.keys(metrics.timers).length + Object.keys(metrics.meters).length).toBeGreaterThan(0)
  })
})
