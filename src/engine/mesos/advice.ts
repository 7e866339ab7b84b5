// What whoever runs Marathon can do about a master that will not have us. Masters say little, and say it of us, not of
// the flags that are meant.

interface Situation {
  /** Whether we said who we are (--mesos_authentication). */
  readonly hasCredentials: boolean
}

const advice: readonly (readonly [RegExp, (situation: Situation) => string])[] = [
  [
    / answered 401\b/,
    ({ hasCredentials }) =>
      hasCredentials
        ? 'it does not take this principal with this secret: look at --mesos_authentication_principal, ' +
          '--mesos_authentication_secret_file or the user and password in --master'
        : 'it wants to know who we are: --mesos_authentication with --mesos_authentication_principal and ' +
          '--mesos_authentication_secret_file',
  ],
  [
    /^Framework failed over$/,
    () => 'another Marathon has registered with the same framework id: does one run on a copy of --data_dir?',
  ],
  [
    /^Framework has been removed$/,
    () =>
      'somebody has removed the framework (/teardown), or it was away for longer than --failover_timeout; its tasks ' +
      'have ended. The next start registers anew and starts everything',
  ],
]

/** A sentence without its end; undefined: the message says it all. */
export const adviceOn = (message: string, situation: Situation): string | undefined =>
  advice.find(([pattern]) => pattern.test(message))?.[1](situation)
