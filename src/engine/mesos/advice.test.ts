import { expect, test } from 'vitest'
import { adviceOn } from './advice.ts'

const none = { hasCredentials: false }
const given = { hasCredentials: true }

test.each([
  ['10.0.0.1:5050 answered 401: 401 Unauthorized.', none, /who we are: --mesos_authentication with/],
  [
    '10.0.0.1:5050 answered 401: 401 Unauthorized.',
    given,
    /this secret: look at --mesos_authentication_principal/,
  ],
  ['Framework failed over', none, /another Marathon .* copy of --data_dir/],
  ['Framework has been removed', none, /--failover_timeout.*registers anew/],
])('%s, %j: says which flag is meant', (message, situation, expected) => {
  expect(adviceOn(message, situation)).toMatch(expected)
})

test.each(['10.0.0.1:5050 answered 403: not allowed', 'Framework 401 failed over', ''])(
  'of %j nothing is known',
  (message) => expect(adviceOn(message, none)).toBeUndefined(),
)
