import { describe, expect, it } from 'vitest'
import { describeFlags, optionsForLog, warningsOf } from './described.ts'
import { givenFlags, parseFlags } from './flags.ts'
import { flags } from './table.ts'

const warnings = (argv: readonly string[], env: Record<string, string> = {}): readonly string[] =>
  warningsOf(givenFlags(argv, env), parseFlags(argv, env))

describe('warnings', () => {
  it('there are none when nothing is given in vain', () => {
    expect(warnings([])).toEqual([])
    expect(warnings(['--http_port', '1', '--disable_suppress_offers'])).toEqual([])
  })

  it('name each flag that has no effect once, and say why', () => {
    expect(
      warnings(['--zk_timeout', '5', '--disable_checkpoint'], { MARATHON_MAX_TASKS_PER_OFFER: '3' }),
    ).toEqual([
      '--max_tasks_per_offer has no effect: it has meant nothing since 1.5.0; use --max_instances_per_offer.',
      '--zk_timeout has no effect: the state is in --data_dir, not in ZooKeeper.',
      '--disable_checkpoint has no effect: tasks on this machine always outlive the server.',
    ])
  })

  it('say nothing of a toggle that asks for what is so anyway', () => {
    expect(
      warnings(['--checkpoint', '--disable_ha', '--disable_metrics_statsd', '--disable_tracing']),
    ).toEqual([])
  })

  it('are none for what is said to Mesos masters, where there are some', () => {
    const given = ['--disable_checkpoint', '--mesos_heartbeat_interval', '1000']
    expect(warnings(['--master', 'zk://h/mesos', ...given])).toEqual([])
    expect(warnings(['--master', 'a:5050', ...given])).toEqual([])
    expect(warnings(['--master', 'sim', ...given])).toEqual([
      '--disable_checkpoint has no effect: tasks on this machine always outlive the server.',
      '--mesos_heartbeat_interval has no effect: there is no Mesos master to say it to.',
    ])
  })

  it('name what a flag needs beside it', () => {
    expect(warnings(['--http_endpoints', 'http://a'])).toEqual([
      '--http_endpoints has no effect without --event_subscriber.',
    ])
    expect(warnings(['--http_endpoints', 'http://a', '--event_subscriber', 'http_callback'])).toEqual([])
  })

  it('never repeat a value', () => {
    const said = warnings(['--metrics_datadog_api_key', 'hunter2', '--sentry', 'https://a:hunter2@s/'])
    expect(said).toHaveLength(2)
    expect(said.join()).not.toContain('hunter2')
  })
})

describe('the log of options', () => {
  const secrets = [
    ['http_credentials', 'ann:hunter2'],
    ['mesos_authentication_secret', 'hunter2'],
    ['metrics_datadog_api_key', 'hunter2'],
    ['ssl_keystore_password', 'hunter2'],
    ['backup_location', 's3://b/k?secret_key=hunter2'],
    ['reporter_datadog', 'http://app?apiKey=hunter2'],
    ['sentry', 'https://public:hunter2@sentry/1'],
    ['zk', 'zk://me:hun/ter2@host:1/path'],
    ['master', 'zk://me:hun/ter2@host:1/path'],
    ['http_endpoints', 'http://a/,http://me:hunter2@b/'],
  ] as const

  it.each(secrets)('shows nothing secret of --%s', (name, value) => {
    const { given } = optionsForLog(givenFlags([`--${name}`, value], {}))
    expect(given).toHaveLength(1)
    expect(given[0]).toMatch(/(\*\*\*|xxxxxxxx:xxxxxxxx@)/)
    expect(given[0]).not.toMatch(/hunter2|hun\/ter2/)
  })

  it('has what was given and the defaults of the rest', () => {
    const { given, defaults } = optionsForLog(
      givenFlags(['--http_port', '9090'], { MARATHON_DISABLE_SUPPRESS_OFFERS: '' }),
    )
    expect(given).toEqual(['--disable_suppress_offers', '--http_port 9090'])
    expect(defaults).toContain('--max_running_deployments 100')
    expect(defaults).toContain('--http_compression')
    expect(
      defaults.filter((option) => /--(http_port|suppress_offers|disable_suppress)/.test(option)),
    ).toEqual([])
  })
})

describe('the help', () => {
  it('names every flag', () => {
    const help = describeFlags()
    const missing = flags.filter(({ name }) => !new RegExp(`(--|\\])${name}\\b`).test(help))
    expect(missing).toEqual([])
  })
})
