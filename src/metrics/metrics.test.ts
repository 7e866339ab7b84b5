import { describe, expect, it } from 'vitest'
import type { EngineEvent } from '../core/events.ts'
import type { EngineEffect } from '../core/ready.ts'
import type { Engine } from '../ports/engine.ts'
import { renderMetricsJson } from './json.ts'
import { meterEngine } from './metered-engine.ts'
import { renderPrometheus } from './prometheus.ts'
import { createMetrics } from './registry.ts'

function metricsAt() {
  const clock = { ms: 0 }
  return { clock, metrics: createMetrics({ prefix: 'marathon', now: () => clock.ms }) }
}

describe('a registry', () => {
  it('names metrics by prefix, name, kind and unit, and keeps one per name', () => {
    const { metrics } = metricsAt()
    metrics.counter('http.requests.size', 'bytes').add(10)
    metrics.counter('http.requests.size', 'bytes').add(5)
    metrics.counter('tasks.launched').add()
    metrics.gauge('uptime', () => 1.5, 'seconds')
    metrics.gauge('apps.active', () => Number.NaN)
    expect(renderMetricsJson(metrics.snapshot())).toEqual({
      version: '4.0.0',
      gauges: {
        'marathon.apps.active.gauge': { value: 0 },
        'marathon.uptime.gauge.seconds': { value: 1.5 },
      },
      counters: {
        'marathon.http.requests.size.counter.bytes': { count: 15 },
        'marathon.tasks.launched.counter': { count: 1 },
      },
      histograms: {},
      meters: {},
      timers: {},
    })
  })

  it('refuses a name that reporters could not carry', () => {
    expect(() => metricsAt().metrics.counter('a b')).toThrow("metric name 'a b'")
  })
})

describe('a meter', () => {
  it('starts from the rate of its first five seconds and fades', () => {
    const { metrics, clock } = metricsAt()
    const meter = metrics.meter('http.responses.2xx.rate')
    meter.mark(50)
    clock.ms = 5_000
    const rates = () => metrics.snapshot().meters[0]![1]
    expect(rates()).toEqual({ count: 50, m1: 10, m5: 10, m15: 10, mean: 10 })
    clock.ms = 65_000
    expect(rates().m1).toBeCloseTo(10 * Math.exp(-1), 10)
    expect(rates().m5).toBeCloseTo(10 * Math.exp(-1 / 5), 10)
    expect(rates().m15).toBeCloseTo(10 * Math.exp(-1 / 15), 10)
    expect(rates().mean).toBeCloseTo(50 / 65, 10)
  })
})

describe('a timer', () => {
  it('knows the spread of its last values', () => {
    const { metrics } = metricsAt()
    const timer = metrics.timer('http.requests.duration')
    for (let n = 1; n <= 100; n++) timer.record(n)
    const json = renderMetricsJson(metrics.snapshot()) as { timers: Record<string, Record<string, number>> }
    expect(json.timers['marathon.http.requests.duration.timer.seconds']).toMatchObject({
      count: 100,
      min: 1,
      mean: 50.5,
      max: 100,
      p50: 50,
      p75: 75,
      p95: 95,
      p98: 98,
      p99: 99,
      p999: 100,
      duration_units: 'seconds',
      rate_units: 'calls/second',
    })
  })

  it('forgets old values but counts them', () => {
    const { metrics } = metricsAt()
    const timer = metrics.timer('t')
    for (let n = 0; n < 5_000; n++) timer.record(n < 4_000 ? 100 : 1)
    const [, distribution] = metrics.snapshot().timers[0]!
    expect(distribution).toMatchObject({ count: 5_000, p50: 1, max: 100 })
  })
})

describe('the Prometheus form', () => {
  it('lists gauges, counters, meters and timers, each ended by an empty line', () => {
    const { metrics, clock } = metricsAt()
    metrics.timer('t.x-y').record(0.5)
    metrics.meter('m').mark(5)
    metrics.counter('c', 'bytes').add(3)
    metrics.gauge('g', () => 2)
    clock.ms = 5_000
    expect(renderPrometheus(metrics.snapshot())).toBe(`# TYPE marathon_g_gauge gauge
marathon_g_gauge 2

# TYPE marathon_c_counter_bytes counter
marathon_c_counter_bytes 3

# TYPE marathon_m_meter_count gauge
marathon_m_meter_count 5
# TYPE marathon_m_meter_mean_rate gauge
marathon_m_meter_mean_rate 1
# TYPE marathon_m_meter_m1_rate gauge
marathon_m_meter_m1_rate 1
# TYPE marathon_m_meter_m5_rate gauge
marathon_m_meter_m5_rate 1
# TYPE marathon_m_meter_m15_rate gauge
marathon_m_meter_m15_rate 1

# TYPE marathon_t_x_y_timer_seconds summary
marathon_t_x_y_timer_seconds{quantile="0.500000"} 0.5
marathon_t_x_y_timer_seconds{quantile="0.750000"} 0.5
marathon_t_x_y_timer_seconds{quantile="0.950000"} 0.5
marathon_t_x_y_timer_seconds{quantile="0.980000"} 0.5
marathon_t_x_y_timer_seconds{quantile="0.990000"} 0.5
marathon_t_x_y_timer_seconds{quantile="0.999000"} 0.5
marathon_t_x_y_timer_seconds_count 1
# TYPE marathon_t_x_y_timer_seconds_min gauge
marathon_t_x_y_timer_seconds_min 0.5
# TYPE marathon_t_x_y_timer_seconds_mean gauge
marathon_t_x_y_timer_seconds_mean 0.5
# TYPE marathon_t_x_y_timer_seconds_max gauge
marathon_t_x_y_timer_seconds_max 0.5
# TYPE marathon_t_x_y_timer_seconds_stddev gauge
marathon_t_x_y_timer_seconds_stddev 0
# TYPE marathon_t_x_y_timer_seconds_mean_rate gauge
marathon_t_x_y_timer_seconds_mean_rate 0.2
# TYPE marathon_t_x_y_timer_seconds_m1_rate gauge
marathon_t_x_y_timer_seconds_m1_rate 0.2
# TYPE marathon_t_x_y_timer_seconds_m5_rate gauge
marathon_t_x_y_timer_seconds_m5_rate 0.2
# TYPE marathon_t_x_y_timer_seconds_m15_rate gauge
marathon_t_x_y_timer_seconds_m15_rate 0.2

`)
  })
})

describe('a metered engine', () => {
  it('counts what passes and passes all of it on', async () => {
    const { metrics } = metricsAt()
    const performed: (readonly EngineEffect[])[] = []
    let report: (event: EngineEvent) => void = () => undefined
    const inner: Engine = {
      start: async (given) => {
        report = given
      },
      perform: (effects) => performed.push(effects),
      stop: async () => undefined,
      describeIsolation: () => ({ cgroups: 'v2', limits: ['cpu'] }),
    }
    const engine = meterEngine(inner, metrics)
    const seen: EngineEvent[] = []
    await engine.start((event) => seen.push(event))
    const status: EngineEvent = {
      kind: 'status',
      status: {
        taskId: 't',
        state: 'TASK_GONE_BY_OPERATOR',
        timestamp: 0 as never,
        reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
      },
    }
    report(status)
    report({ kind: 'offers', offers: [] })
    const effects: EngineEffect[] = [
      {
        kind: 'accept',
        offerIds: ['o1', 'o2'],
        agentId: 'a',
        operations: [
          { type: 'LAUNCH', tasks: [{} as never, {} as never] },
          { type: 'LAUNCH_GROUP', executor: {} as never, tasks: [{} as never, {} as never, {} as never] },
        ],
      },
      { kind: 'decline', offerIds: ['o3'], refuseFor: 0 as never },
      { kind: 'revive', roles: ['*'] },
    ]
    engine.perform(effects)
    expect(seen).toHaveLength(2)
    expect(performed).toEqual([effects])
    expect(engine.describeIsolation?.()).toEqual({ cgroups: 'v2', limits: ['cpu'] })
    expect(engine).not.toHaveProperty('agents')
    expect(Object.fromEntries(metrics.snapshot().counters)).toEqual({
      'marathon.mesos.calls.revive.counter': 1,
      'marathon.mesos.calls.suppress.counter': 0,
      'marathon.mesos.offer-operations.launch.counter': 1,
      'marathon.mesos.offer-operations.launch-group.counter': 1,
      'marathon.mesos.offer-operations.reserve.counter': 0,
      'marathon.mesos.offers.declined.counter': 1,
      'marathon.mesos.offers.incoming.counter': 0,
      'marathon.mesos.offers.used.counter': 2,
      'marathon.mesos.task-updates.task-gone-by-operator.counter': 1,
      'marathon.mesos.task.oom.memory-limit-exceeded.counter': 1,
      'marathon.tasks.launched.counter': 5,
    })
  })

  it('counts roles that get offers no more, whether by a call of its own or by an update of all roles', async () => {
    const metrics = createMetrics({ prefix: 'marathon', now: () => 0 })
    let report: (event: EngineEvent) => void = () => undefined
    const start: Engine['start'] = async (given) => {
      report = given
    }
    const engine = meterEngine({ start, perform: () => undefined, stop: async () => undefined }, metrics)
    const counts = () => {
      const counters = Object.fromEntries(metrics.snapshot().counters)
      return ['revive', 'suppress'].map((call) => counters[`marathon.mesos.calls.${call}.counter`])
    }
    const update = (roles: string[], suppressedRoles: string[]) =>
      engine.perform([{ kind: 'update-framework', roles, suppressedRoles }])
    await engine.start(() => undefined)
    const subscribed = { roles: ['a', 'b'], suppressedRoles: ['b'] }
    report({ kind: 'engine-connected', frameworkId: 'f', master: 'm', holdsOffers: false, subscribed })
    update(['a', 'b', 'c'], ['a', 'b', 'c'])
    expect(counts()).toEqual([0, 1])
    engine.perform([{ kind: 'revive', roles: ['b', 'c'] }])
    engine.perform([{ kind: 'suppress', roles: ['b'] }])
    update(['a', 'b', 'c'], ['a', 'b', 'c'])
    expect(counts()).toEqual([2, 3])
  })
})
