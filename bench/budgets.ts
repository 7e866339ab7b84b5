// The bar: which figure of which bench may be how high, or must be how much. A figure is named by its path in what the
// bench returns. Where the numbers come from is in bench/README.md.

export interface Budget {
  readonly bench: string
  readonly path: string
  readonly what: string
  readonly bound: 'at most' | 'at least'
  readonly limit: number
  readonly unit: string
}

const atMost = (bench: string, path: string, limit: number, unit: string, what: string): Budget => ({
  bench,
  path,
  what,
  bound: 'at most',
  limit,
  unit,
})

const atLeast = (bench: string, path: string, limit: number, unit: string, what: string): Budget => ({
  ...atMost(bench, path, limit, unit, what),
  bound: 'at least',
})

export const budgets: readonly Budget[] = [
  atMost('cold-start', 'empty.ping.p99Ms', 300, 'ms', 'cold start to first 200 on /ping, p99'),
  atMost('cold-start', 'empty.apps.p99Ms', 300, 'ms', 'cold start to first 200 on /v2/apps, p99'),
  atMost('cold-start', 'thousandApps.apps.p99Ms', 300, 'ms', 'the same with 1,000 apps stored, p99'),
  atMost('post-to-running', 'process.p99Ms', 50, 'ms', 'POST to process running, p99'),
  atMost('five-hundred', 'marathon.upMs', 2_000, 'ms', '500 processes up, durable'),
  atMost('five-hundred', 'marathon.serverMib', 150, 'MiB', 'server memory with 500 processes'),
  atMost('api-churn', 'scale.p99Ms', 5, 'ms', 'acknowledged durable write, p99'),
  atMost('api-churn', 'createTenThousandMs', 20_000, 'ms', '10,000 apps by 100 parallel POSTs'),
  atMost('api-churn', 'listThousand.p99Ms', 5, 'ms', 'GET /v2/apps, 1,000 apps, p99'),
  atMost('api-churn', 'listTenThousand.p99Ms', 60, 'ms', 'GET /v2/apps, 10,000 apps, p99'),
  atMost('groups', 'createMs', 10_000, 'ms', 'a group of 20,000 apps in one request'),
  atMost('groups', 'postRatio', 2, '', 'POST /v2/apps beside 20,000 apps, against beside 500'),
  atMost('list-apps', 'thousandApps.p99Ms', 5, 'ms', 'GET /v2/apps with tasks embedded, 1,000 apps, p99'),
  atMost(
    'list-apps',
    'tenThousandApps.p99Ms',
    60,
    'ms',
    'GET /v2/apps with tasks embedded, 10,000 apps, p99',
  ),
  atMost('sse', 'p99Ms', 50, 'ms', 'event to 1,000 event streams, p99'),
  atMost('sse', 'lost', 0, '', 'events lost by 1,000 event streams'),
  atMost('memory', 'residentMib', 600, 'MiB', 'resident memory with 100,000 running instances'),
  atMost('health', 'probed.list.p99Ms', 5, 'ms', 'GET /v2/apps, 10,000 instances probed every 10 s, p99'),
  atMost('health', 'probed.post.p99Ms', 5, 'ms', 'POST /v2/apps, 10,000 instances probed every 10 s, p99'),
  atMost('health', 'probed.atRest.loopDelayP99Ms', 5, 'ms', 'delay of the event loop by 10,000 probes, p99'),
  atLeast('health', 'probed.askedPerSecond', 990, '/s', 'questions per second to 10,000 instances'),
  atMost('health', 'probed.failed', 0, '', 'questions without an answer, of tasks that are well'),
  atMost('sim', 'oneAppFiveThousandAgents.upMs', 15_000, 'ms', 'one app 0 → 100,000 instances, 5,000 agents'),
  atMost('mesos', 'missing', 0, '', 'instances missing from the cluster after launching over the wire'),
  atLeast(
    'mesos',
    'launchesPerSecond',
    10_000,
    '/s',
    'instances launched per second over the wire, 5,000 agents',
  ),
  atMost(
    'constraints',
    'dearestRatio',
    3,
    '',
    'a constrained placement beside 100,000 instances, against beside 1,000',
  ),
  atMost('explain', 'dearestMs', 50, 'ms', 'an explanation of 10,000 instances on 5,000 agents, p50'),
  atLeast(
    'sim',
    'thousandAppsFiveThousandAgents.launchesPerSecond',
    10_000,
    '/s',
    'instances placed and running per second, 5,000 agents',
  ),
]
