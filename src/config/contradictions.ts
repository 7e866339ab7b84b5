// Flags that are right one by one and cannot be together (events-metrics-flags 3.2). A row for each, with a sentence
// that names both.

import { switchFeatures } from './deprecated-features.ts'
import { FlagError } from './flag.ts'
import { parseMaster } from './forms.ts'
import type { FlagValues } from './table.ts'

const contradictions: readonly ((flags: FlagValues) => string | undefined)[] = [
  (flags) =>
    flags.local_port_min > flags.local_port_max
      ? `--local_port_min is ${flags.local_port_min}; expected no more than --local_port_max, which is ${flags.local_port_max}.`
      : undefined,
  (flags) =>
    flags.group_versions_cache_size <= 2 * flags.max_running_deployments
      ? `--group_versions_cache_size is ${flags.group_versions_cache_size}; expected more than twice --max_running_deployments, which is ${flags.max_running_deployments}.`
      : undefined,
  (flags) =>
    flags.mesos_authentication && flags.mesos_authentication_principal === undefined
      ? '--mesos_authentication is given without --mesos_authentication_principal, whom to authenticate as.'
      : undefined,
  (flags) =>
    flags.mesos_authentication_secret !== undefined && flags.mesos_authentication_secret_file !== undefined
      ? '--mesos_authentication_secret and --mesos_authentication_secret_file are both given; expected one of them.'
      : undefined,
  (flags) => {
    const master = parseMaster(flags.master)
    return flags.mesos_authentication && master?.kind === 'masters' && master.masters[0]?.url.username !== ''
      ? '--mesos_authentication is given, and --master names a user, too; expected one of them.'
      : undefined
  },
  (flags) =>
    (flags.plugin_dir === undefined) === (flags.plugin_conf === undefined)
      ? undefined
      : `--${flags.plugin_dir === undefined ? 'plugin_conf' : 'plugin_dir'} is given alone; expected --plugin_dir and --plugin_conf, or neither.`,
  (flags) => switchFeatures(flags.deprecated_features).errors[0],
]

/** @throws FlagError with the first contradiction */
export function checkTogether(flags: FlagValues): void {
  for (const contradiction of contradictions) {
    const sentence = contradiction(flags)
    if (sentence !== undefined) throw new FlagError(sentence)
  }
}
