// Flags of logs and metrics.

import type { Flag } from '../flag.ts'
import { anyUrl, noneOrSeveral, socketUrl } from '../forms.ts'

const logsToStdout = {
  kind: 'without-effect',
  why: 'lines go to the standard output alone; what collects that can pass them on.',
} as const

const notSent = {
  kind: 'without-effect',
  why: 'metrics are not sent yet; they are at /metrics and /metrics/prometheus.',
} as const

const ownReservoir = {
  kind: 'without-effect',
  why: 'timers and histograms show their last 1,028 values.',
} as const

export const diagnosticFlags = [
  {
    name: 'logging_level',
    kind: 'choice',
    choices: ['off', 'error', 'warn', 'info', 'debug', 'trace', 'all'],
    default: 'info',
    help: 'How much is logged.',
  },
  {
    name: 'logstash',
    kind: 'text',
    form: socketUrl,
    help: 'Where log lines are sent to.',
    standing: logsToStdout,
  },
  {
    name: 'sentry',
    kind: 'text',
    form: anyUrl,
    help: 'Where errors are sent to.',
    standing: logsToStdout,
  },
  { name: 'sentry_tags', kind: 'text', help: 'Tags of these errors.', standing: logsToStdout },
  { name: 'metrics_name_prefix', kind: 'text', default: 'marathon', help: 'Prefix of metric names.' },
  { name: 'metrics_prometheus', kind: 'toggle', default: 'on', help: 'Serve /metrics/prometheus.' },
  {
    name: 'metrics',
    kind: 'toggle',
    default: 'off',
    help: 'Keep metrics.',
    standing: { kind: 'without-effect', why: 'metrics are always kept; the original ignores it, too.' },
  },
  {
    name: 'metrics_histogram_reservoir_highest_trackable_value',
    kind: 'integer',
    default: '3600000000000',
    min: 2,
    help: 'Greatest value that is told from greater ones.',
    standing: ownReservoir,
  },
  {
    name: 'metrics_histogram_reservoir_significant_digits',
    kind: 'integer',
    default: '3',
    min: 0,
    max: 5,
    help: 'Digits that are told apart.',
    standing: ownReservoir,
  },
  {
    name: 'metrics_histogram_reservoir_reset_periodically',
    kind: 'toggle',
    default: 'on',
    help: 'Forget values from time to time.',
    standing: ownReservoir,
  },
  {
    name: 'metrics_histogram_reservoir_resetting_interval_ms',
    kind: 'integer',
    default: '5000',
    min: 1,
    help: 'Milliseconds from time to time.',
    standing: ownReservoir,
  },
  {
    name: 'metrics_histogram_reservoir_resetting_chunks',
    kind: 'integer',
    default: '0',
    min: 0,
    form: noneOrSeveral,
    help: 'Parts that are forgotten one after another.',
    standing: ownReservoir,
  },
  {
    name: 'metrics_statsd',
    kind: 'toggle',
    default: 'off',
    help: 'Send metrics to StatsD.',
    standing: notSent,
  },
  { name: 'metrics_statsd_host', kind: 'text', help: 'Host of StatsD.', standing: notSent },
  {
    name: 'metrics_statsd_port',
    kind: 'integer',
    min: 1,
    max: 65_535,
    help: 'Port of StatsD.',
    standing: notSent,
  },
  {
    name: 'metrics_statsd_transmission_interval_ms',
    kind: 'integer',
    default: '10000',
    min: 1,
    help: 'Milliseconds between two sendings to StatsD.',
    standing: notSent,
  },
  {
    name: 'metrics_datadog',
    kind: 'toggle',
    default: 'off',
    help: 'Send metrics to DataDog.',
    standing: notSent,
  },
  {
    name: 'metrics_datadog_protocol',
    kind: 'choice',
    choices: ['udp', 'api'],
    default: 'udp',
    help: 'How they are sent to DataDog.',
    standing: notSent,
  },
  { name: 'metrics_datadog_host', kind: 'text', help: 'Host of DataDog’s agent.', standing: notSent },
  {
    name: 'metrics_datadog_port',
    kind: 'integer',
    min: 1,
    max: 65_535,
    help: 'Port of DataDog’s agent.',
    standing: notSent,
  },
  {
    name: 'metrics_datadog_api_key',
    kind: 'text',
    isSecret: true,
    help: 'Key for DataDog’s API.',
    standing: notSent,
  },
  {
    name: 'metrics_datadog_transmission_interval_ms',
    kind: 'integer',
    default: '10000',
    min: 1,
    help: 'Milliseconds between two sendings to DataDog.',
    standing: notSent,
  },
  {
    name: 'reporter_graphite',
    kind: 'text',
    form: anyUrl,
    help: 'Send metrics to Graphite, as `tcp://host:port?prefix=…&interval=…`.',
    standing: notSent,
  },
  {
    name: 'reporter_datadog',
    kind: 'text',
    form: anyUrl,
    isSecret: true,
    help: 'Send metrics to DataDog, as before 1.8.',
    standing: notSent,
  },
] as const satisfies readonly Flag[]
