// Secrets in definitions (app-definition 2, 10.2, 12): taken only with their feature, checked, kept, and given to the
// engine as references, in the environment and as files. The values are the engine's to look up.

import { describe, expect, it } from 'vitest'
import { launchedTasks } from '../../src/core/mesos.ts'
import type { RunSpecValidator } from '../../src/spec/validate/run-spec-validators.ts'
import { launched, operationFor, post, problems, problemsIn, withFeatures } from './posted-app.ts'
import { startStack } from './stack.ts'

const secrets = { secret1: { source: '/some/secret' } }
const inEnvironment = { secrets, env: { SECRET_ENV: { secret: 'secret1' } } }
const mount = { containerPath: 'mysecretpath', secret: 'secret1' }
const asFile = { secrets, container: { type: 'MESOS', volumes: [mount] } }
const enabled = withFeatures('secrets')

const notEnabled = 'Feature secrets is not enabled. Enable with --enable_features secrets)'

describe('an app', () => {
  it('may have a secret in its environment: the engine is told where to find it', async () => {
    const { status, body } = await post(inEnvironment, enabled)
    expect(status).toBe(201)
    expect(body).toMatchObject(inEnvironment)
    const { command } = launched(inEnvironment, enabled)
    expect(command.secrets).toEqual([{ name: 'SECRET_ENV', secret: '/some/secret' }])
    expect(command.environment.map(({ name }) => name)).not.toContain('SECRET_ENV')
  })

  it('may have one as a file', async () => {
    const { status, body } = await post(asFile, enabled)
    expect(status).toBe(201)
    expect(body).toMatchObject(asFile)
    expect(launched(asFile, enabled).container?.volumes).toEqual([
      { containerPath: 'mysecretpath', mode: 'RO', source: { type: 'SECRET', secret: '/some/secret' } },
    ])
  })

  it.each([
    ['secrets', { secrets }, [`/secrets: ${notEnabled}`]],
    [
      'in the environment',
      inEnvironment,
      [
        `/secrets: ${notEnabled}`,
        '/env: use of secret-references in the environment requires the secrets feature to be enabled',
      ],
    ],
    ['as a file', asFile, [`/container/volumes: ${notEnabled}`, `/secrets: ${notEnabled}`]],
  ])('without the feature may have none: %s', async (_, definition, expected) => {
    expect((await problems(definition)).sort()).toEqual([...expected].sort())
  })

  it.each([
    [{ env: { NAMED_FOO: { secret: 'foo' } } }, ['/env/NAMED_FOO/secret: references an undefined secret']],
    [
      { container: { type: 'MESOS', volumes: [{ ...mount, secret: 'foo' }] } },
      ['/container/volumes(0): volume.secret must refer to an existing secret'],
    ],
    [{ secrets: { '': { source: 'x' } } }, ['/secrets/keys(0): must not be empty']],
    [{ secrets: { foo: { source: '' } } }, ['/secrets/foo/source: error.minLength']],
    [{ secrets: { foo: {} } }, ['/secrets/foo/source: error.path.missing']],
  ])('names what is wrong with %j', async (definition, expected) => {
    expect(await problems(definition, enabled)).toEqual(expected)
  })

  it('keeps its secrets when its environment is changed alone', async () => {
    const stack = await startStack({ settings: enabled })
    await stack.send('POST', '/v2/apps', { id: '/web', cmd: 'sleep 600', ...inEnvironment })
    await stack.elapse(1_000)
    const env = { ...inEnvironment.env, foo: 'bar' }
    expect((await stack.send('PUT', '/v2/apps/web', { env })).status).toBe(200)
    expect((await stack.send('GET', '/v2/apps/web')).body.app).toMatchObject({ env, secrets })
    const taken = await stack.send('PUT', '/v2/apps/web?force=true', { secrets: {} })
    expect(problemsIn(taken)).toEqual(['/env/SECRET_ENV/secret: references an undefined secret'])
    await stack.close()
  })

  it('is refused when a rule of the operator’s says that the secret is not its to read', async () => {
    const accessible: RunSpecValidator = {
      id: 'secret-store',
      validate: ({ secrets: named = {} }) =>
        Object.entries(named as typeof secrets).map(([name, { source }]) => ({
          path: `/secrets/${name}`,
          errors: [`Secret ${source} is not accessible`],
        })),
    }
    const answer = await post(inEnvironment, enabled, { runSpecValidators: [accessible] })
    expect(problemsIn(answer)).toEqual(['/secrets/secret1: Secret /some/secret is not accessible'])
  })
})

describe('a pod', () => {
  const container = {
    name: 'one',
    resources: { cpus: 0.1, mem: 32 },
    exec: { command: { shell: 'sleep 600' } },
  }
  const podInEnvironment = {
    id: '/pod',
    containers: [container],
    secrets,
    environment: { SECRET_ENV: { secret: 'secret1' } },
  }
  const podWithFile = {
    id: '/pod',
    containers: [{ ...container, volumeMounts: [{ name: 'vol', mountPath: './some/secret' }] }],
    volumes: [{ name: 'vol', secret: 'secret1' }],
    secrets,
  }

  const posted = async (pod: object, settings = enabled) => {
    const stack = await startStack({ settings })
    const answer = await stack.send('POST', '/v2/pods', pod)
    await stack.close()
    return answer
  }

  it('may have a secret in its environment', async () => {
    const { status, body } = await posted(podInEnvironment)
    expect(status).toBe(201)
    expect(body).toMatchObject(podInEnvironment)
    const [task] = launchedTasks(operationFor('create-pod', podInEnvironment, enabled))
    expect(task!.command.secrets).toEqual([{ name: 'SECRET_ENV', secret: '/some/secret' }])
  })

  it('may have one as a file', async () => {
    const { status, body } = await posted(podWithFile)
    expect(status).toBe(201)
    expect(body).toMatchObject({ volumes: podWithFile.volumes, secrets })
    const [task] = launchedTasks(operationFor('create-pod', podWithFile, enabled))
    expect(task!.container?.volumes).toEqual([
      { containerPath: './some/secret', mode: 'RO', source: { type: 'SECRET', secret: '/some/secret' } },
    ])
  })

  it.each([podInEnvironment, podWithFile])('without the feature may have none: %j', async (pod) => {
    expect(problemsIn(await posted(pod, {}))).toContain(`/secrets: ${notEnabled}`)
  })
})
