import { expect, test } from 'vitest'
import type { ContainerInfo } from '../../core/mesos.ts'
import { agentAddress, ContainerAddresses } from './addresses.ts'

const mesos = (...names: string[]): ContainerInfo => ({
  type: 'MESOS',
  networks: names.map((name) => ({ name, labels: {}, portMappings: [] })),
})

test('agents have one address each, however many there are', () => {
  expect(agentAddress(0)).toEqual({ ipAddress: '10.0.0.0', protocol: 'IPv4' })
  expect(agentAddress(66_000)).toEqual({ ipAddress: '10.1.1.208', protocol: 'IPv4' })
})

test.each<[string, ContainerInfo | undefined]>([
  ['no container', undefined],
  ['a container in the network of its host', { type: 'DOCKER', network: 'HOST' }],
  ['a bridge of Docker, which has no name', { type: 'DOCKER', network: 'BRIDGE' }],
  ['no networks at all', mesos()],
])('%s has no address of its own', (_, container) => {
  expect(new ContainerAddresses().of(container)).toBeUndefined()
})

test('in networks of containers each has one of its own, under the name of the network', () => {
  const addresses = new ContainerAddresses()
  expect(addresses.of(mesos('overlay', 'storage'))).toEqual([
    { ipAddress: '9.0.0.1', protocol: 'IPv4', network: 'overlay' },
    { ipAddress: '9.0.0.2', protocol: 'IPv4', network: 'storage' },
  ])
  expect(addresses.of({ type: 'DOCKER', network: 'USER', networkNames: ['overlay'] })).toEqual([
    { ipAddress: '9.0.0.3', protocol: 'IPv4', network: 'overlay' },
  ])
})
