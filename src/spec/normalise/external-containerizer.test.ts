import { describe, expect, it } from 'vitest'
import { appOf, problemsOf, readApp } from '../../../tests/support/normalise.ts'

const withContainer = (container: object): object => ({ id: 'web', cmd: 'serve', container })

describe('the container of the external containerizer', () => {
  it.each([
    ['docker:///user/img:tag', 'user/img:tag'],
    ['docker://mesosphere/cassandra:2.0.6', 'mesosphere/cassandra:2.0.6'],
    ['ubuntu', 'ubuntu'],
  ])('takes from %s the image %s', (image, expected) =>
    expect(appOf(withContainer({ image })).container).toEqual({
      type: 'DOCKER',
      docker: { image: expected, forcePullImage: false, parameters: [], privileged: false },
      volumes: [],
    }),
  )

  it('mounts -v and sets -e', () => {
    const options = ['-v', '/a:/b:ro', '--volume=/c:/d', '-e', 'X=1=2', '--env', 'MODE=live', '--hostname=h']
    expect(
      appOf({ ...withContainer({ image: 'docker:///i', options }), env: { MODE: 'own' } }),
    ).toMatchObject({
      container: {
        volumes: [
          { containerPath: '/b', hostPath: '/a', mode: 'RO' },
          { containerPath: '/d', hostPath: '/c', mode: 'RW' },
        ],
        docker: { parameters: [{ key: 'hostname', value: 'h' }] },
      },
      env: { X: '1=2', MODE: 'own' },
    })
  })

  it('requires the ports that -p names', () =>
    expect(appOf(withContainer({ image: 'i', options: ['-p', '80:80', '-p', '53:53/udp'] }))).toMatchObject({
      networks: [{ mode: 'host' }],
      requirePorts: true,
      portDefinitions: [
        { port: 80, protocol: 'tcp' },
        { port: 53, protocol: 'udp' },
      ],
    }))

  it('maps ports that differ inside and outside', () =>
    expect(
      appOf(withContainer({ image: 'i', options: ['-p', '80:8080', '-p', '9000', '-p', '127.0.0.1:81:81'] })),
    ).toMatchObject({
      networks: [{ mode: 'container/bridge' }],
      container: {
        portMappings: [
          { containerPort: 8080, hostPort: 80 },
          { containerPort: 9000, hostPort: 0 },
          { containerPort: 81, hostPort: 81 },
        ],
      },
    }))

  it.each([
    [['--rm'], "/container/options(0): option '--rm' is not supported; expected -v, -e, -p or --key=value"],
    [
      ['-e', 'A=1', '-v', '/a'],
      "/container/options(2): option -v has the value '/a', expected <host path>:<container path>[:ro|rw]",
    ],
    [
      ['-p'],
      "/container/options(0): option -p has the value '', expected [<host port>:]<container port>[/tcp|udp]",
    ],
    [
      ['-p', '99999:1'],
      "/container/options(0): option -p has the value '99999:1', expected [<host port>:]<container port>[/tcp|udp]",
    ],
    [
      ['constructor'],
      "/container/options(0): option 'constructor' is not supported; expected -v, -e, -p or --key=value",
    ],
  ])('refuses the options %j', (options, problem) =>
    expect(problemsOf(readApp(withContainer({ image: 'i', options })))).toEqual([problem]),
  )

  it('needs an image after the prefix', () =>
    expect(problemsOf(readApp(withContainer({ image: 'docker:///' })))).toEqual([
      '/container/docker/image: must not be empty',
    ]))

  it("is ignored beside today's form", () =>
    expect(
      appOf(withContainer({ image: 'old', options: ['--rm'], docker: { image: 'new' } })).container,
    ).toMatchObject({
      docker: { image: 'new' },
    }))
})
