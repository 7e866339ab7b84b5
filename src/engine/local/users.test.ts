import { expect, it } from 'vitest'
import { parsePasswd } from './users.ts'

const passwd = 'root:x:0:0:root:/root:/bin/bash\nweb:x:33:34::/var/www:/bin/false\nodd:x::\n'

it.each([
  ['web', { name: 'web', uid: 33, gid: 34 }],
  ['root', { name: 'root', uid: 0, gid: 0 }],
  ['we', undefined],
  ['odd', undefined],
  ['', undefined],
])('finds user %j in passwd', (name, user) => {
  expect(parsePasswd(passwd, name)).toEqual(user)
})
