// What a seed draws when nobody says otherwise: cluster, users, settings, pace, and its own mixture of trouble.

import { defaultSettings, type Settings } from '../src/core/settings.ts'
import { millis, seconds } from '../src/lib/instant.ts'
import { type Rng, stream } from '../src/lib/rng.ts'
import { noFaults } from './faults.ts'
import type { RunOptions } from './swarm.ts'
import type { WorldTiming } from './world-options.ts'

/** A small cluster and two busy hours. */
export function drawOptions(seed: number): RunOptions {
  const rng = stream(seed, 'options')
  const more = stream(seed, 'more options')
  const data = stream(seed, 'data')
  const rare = (rate: number): number => (data.chance(0.4) ? rate : 0)
  const maybe = (rate: number): number => (rng.chance(0.6) ? rate : 0)
  const chance = (most: number): number => (rng.chance(0.5) ? rng.next() * most : 0)
  const agents = 1 + rng.int(24)
  const apps = 1 + rng.int(9)
  const mostInstances = 1 + rng.int(16)
  return {
    seed,
    agents,
    hours: 2,
    pace: 'often',
    apps,
    pods: stream(seed, 'pods').int(5),
    residents: { apps: data.int(3), pods: data.int(2) },
    ownRole: data.pick([0, 0.3]),
    mostInstances,
    requestEvery: rng.pick([5, 20, 60, 120]),
    crashing: rng.pick([0, 0, 0.1, 0.4]),
    holdsOffers: rng.chance(0.5),
    faults: {
      ...noFaults,
      crash: maybe(600),
      disconnect: maybe(400),
      agentLoss: maybe(200),
      agentAway: rng.pick([20, 150, 600, 1_200]),
      taskFailure: maybe(60),
      rescind: maybe(60),
      clock: more.chance(0.4) ? 600 : 0,
      sickness: more.chance(0.5) ? 60 : 0,
      blindness: more.chance(0.3) ? 1_800 : 0,
      masterFailover: rare(900),
      executorLoss: rare(600),
      forgottenEnd: rare(600),
      volumeLoss: rare(900),
      agentGivenUp: rare(1_800),
      maintenance: rare(900),
      misfortune: {
        statusLost: chance(0.2),
        statusRepeated: chance(0.3),
        statusDelayed: chance(0.3),
        killLost: chance(0.3),
        answerLost: more.chance(0.5) ? more.next() * 0.2 : 0,
        answerLate: more.chance(0.5) ? more.next() * 0.3 : 0,
        offersRepeated: more.chance(0.5) ? more.next() * 0.3 : 0,
        commitSlow: more.chance(0.3) ? more.next() * 0.02 : 0,
        acknowledgementLost: chance(0.2),
        commitFails: chance(0.004),
        crashAtCommit: chance(0.004),
      },
    },
    settings: {
      ...drawSettings(rng, mostInstances),
      mesosRole: data.pick(['*', 'main', 'main', 'main']),
      mesosPrincipal: 'marathon',
      mesosOfferConstraints: data.chance(0.3),
      // Far fewer than anybody would keep, so that logs are cut.
      eventLogMaxEvents: stream(seed, 'event log').pick([0, 100, 1_000, 1_000]),
      versionsPerRunSpec: stream(seed, 'versions').pick([1, 2, 5, defaultSettings.versionsPerRunSpec]),
    },
    timing: drawTiming(rng),
    spoils: more.chance(0.15),
    ...(data.chance(0.15) ? { failoverTimeout: seconds(data.pick([20, 120, 600])) } : {}),
  }
}

const secondsPerDay = 86_400
/** Instances of all apps and pods together, in a simulated day. */
const instancesPerDay = 200

/**
 * A whole day of a small cluster. Users and faults are as many as keep it busy from its first hour to its last, and no
 * more: a long run is many days, and each wants its own.
 */
export function drawDay(seed: number): RunOptions {
  const rng = stream(seed, 'day')
  const options = drawOptions(seed)
  const { apps, pods, faults } = options
  const maybe = (rate: number): number => (rng.chance(0.7) ? rate : 0)
  const mostInstances = 1 + rng.int(Math.min(40, Math.floor(instancesPerDay / (apps + pods))))
  return {
    ...options,
    hours: secondsPerDay / 3_600,
    pace: 'seldom',
    agents: 1 + rng.int(20),
    mostInstances,
    requestEvery: rng.pick([60, 120, 300, 900]),
    // What crashes at once does so all day long: few of it is as good as much.
    crashing: rng.pick([0, 0, 0.02, 0.08]),
    faults: {
      ...faults,
      crash: maybe(rng.pick([900, 3_600])),
      disconnect: maybe(rng.pick([900, 3_600])),
      agentLoss: maybe(rng.pick([600, 2_400])),
      agentAway: rng.pick([20, 150, 900, 3_600]),
      taskFailure: maybe(rng.pick([120, 900])),
      rescind: maybe(600),
      clock: maybe(3_600),
      sickness: maybe(600),
      blindness: maybe(14_400),
      masterFailover: faults.masterFailover * 8,
      executorLoss: faults.executorLoss * 4,
      forgottenEnd: faults.forgottenEnd * 8,
      volumeLoss: faults.volumeLoss * 8,
      agentGivenUp: faults.agentGivenUp * 8,
      maintenance: faults.maintenance * 8,
    },
    settings: {
      ...options.settings,
      launchTokens: Math.max(options.settings.launchTokens, mostInstances),
      reconciliationInterval: rng.pick([seconds(600), seconds(1_800)]),
    },
  }
}

function drawSettings(rng: Rng, mostInstances: number): Settings {
  return {
    ...defaultSettings,
    // Fewer than are used up by launches that never run, and nothing else would ever be launched.
    launchTokens: rng.pick([mostInstances, 100, defaultSettings.launchTokens]),
    maxInstancesPerOffer: rng.pick([1, 5, defaultSettings.maxInstancesPerOffer]),
    killChunkSize: rng.pick([2, 100, defaultSettings.killChunkSize]),
    suppressOffers: rng.chance(0.7),
    minReviveOffersInterval: rng.pick([millis(500), seconds(5)]),
    reconciliationInterval: rng.pick([seconds(60), seconds(600)]),
  }
}

const drawTiming = (rng: Rng): WorldTiming => ({
  turn: rng.pick([
    [0, 0],
    [0, 5],
    [0, 500],
  ]),
  commit: rng.pick([
    [0, 0],
    [1, 10],
    [0, 3_000],
  ]),
  wire: rng.pick([
    [0, 0],
    [1, 20],
    [0, 2_000],
  ]),
  restart: [500, 60_000],
  reconnect: [500, 60_000],
})
