// Rules about secrets and about environments that name them (app-definition 10.2, 10.6).

import type { EnvValue } from '../app.ts'
import type { Issues } from '../parse/issues.ts'
import { featureNotEnabled, mustBeEmpty, mustNotBeEmpty } from './phrases.ts'

export interface SecretContext {
  readonly enabledFeatures: ReadonlySet<string>
  readonly secrets: Readonly<Record<string, { readonly source: string }>>
}

export function checkSecrets({ enabledFeatures, secrets }: SecretContext, issues: Issues): void {
  const names = Object.keys(secrets)
  if (!enabledFeatures.has('secrets')) {
    if (names.length > 0) issues.add('/secrets', featureNotEnabled('secrets'))
    return
  }
  for (const [index, name] of names.entries()) {
    if (name === '') issues.add(`/secrets/keys(${index})`, mustNotBeEmpty)
  }
}

export function checkEnv(
  env: Readonly<Record<string, EnvValue>>,
  path: string,
  { enabledFeatures, secrets }: SecretContext,
  issues: Issues,
): void {
  for (const [index, [name, value]] of Object.entries(env).entries()) {
    if (name === '') issues.add(`${path}/keys(${index})`, mustNotBeEmpty)
    if (typeof value === 'string') continue
    if (!enabledFeatures.has('secrets')) {
      issues.add(
        path,
        'use of secret-references in the environment requires the secrets feature to be enabled',
      )
    }
    if (!Object.hasOwn(secrets, value.secret)) {
      issues.add(`${path}/${name}/secret`, 'references an undefined secret')
    }
  }
}

export function checkPullConfig(
  pullConfig: { readonly secret: string },
  path: string,
  { enabledFeatures, secrets }: SecretContext,
  issues: Issues,
): void {
  if (!enabledFeatures.has('secrets')) {
    // Either way out is named.
    issues.add(path, mustBeEmpty)
    issues.add(path, featureNotEnabled('secrets'))
  }
  if (!Object.hasOwn(secrets, pullConfig.secret)) {
    issues.add(path, 'pullConfig.secret must refer to an existing secret')
  }
}
