import { describe, expect, it } from 'vitest'
import { roleNameErrors, roleSettings } from './roles.ts'

describe('the roles of a service', () => {
  it.each([
    ['/web', 'off', undefined, undefined, 'main', ['main']],
    ['/web', 'top', { enforceRole: true }, 'old', 'main', ['main']],
    ['/shop/web', 'off', undefined, undefined, 'main', ['main', 'shop']],
    ['/shop/web', 'top', undefined, undefined, 'shop', ['shop']],
    ['/shop/web', 'top', {}, undefined, 'main', ['main', 'shop']],
    ['/shop/web', 'off', { enforceRole: true }, undefined, 'shop', ['shop']],
    ['/shop/web', 'off', { enforceRole: true }, 'old', 'shop', ['shop', 'old']],
    ['/shop/web', 'off', { enforceRole: false }, 'old', 'main', ['main', 'shop', 'old']],
    ['/shop/eu/web', 'off', { enforceRole: false }, 'main', 'main', ['main', 'shop']],
  ] as const)(
    '%s with %s, group %j and role %s: %s of %j',
    (id, newGroupEnforceRole, group, previousRole, byDefault, allowed) =>
      expect(roleSettings({ id, mesosRole: 'main', newGroupEnforceRole, group, previousRole })).toMatchObject(
        {
          defaultRole: byDefault,
          allowedRoles: allowed,
        },
      ),
  )
})

describe('the name of a role', () => {
  it.each([
    ['db', []],
    ['*', []],
    ['', ['A role name must not be "".']],
    ['.', ['A role name must not be ".".']],
    ['..', ['A role name must not be "..".']],
    ['-db', ["A role name must not start with a '-'."]],
    ['a/b', ['A role name must not include a slash (\\x2f) character.']],
    [
      'a\tb\x7f',
      [
        'A role name must not include a horizontal tab (\\x09) character.',
        'A role name must not include a backspace (\\x7f) character.',
      ],
    ],
  ])('%j', (role, expected) => expect(roleNameErrors(role)).toEqual(expected))
})
