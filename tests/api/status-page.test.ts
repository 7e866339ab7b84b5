// The status page on a server with a simulated cluster: what it shows of services, and when it looks again.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Stack, startStack } from '../compat/stack.ts'
import { type FakeElement, openPage } from '../support/browser.ts'

let stack: Stack
afterEach(async () => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  await stack.close()
})

async function running(seconds: number, ...apps: readonly object[]): Promise<void> {
  stack = await startStack()
  for (const app of apps) expect((await stack.send('POST', '/v2/apps', app)).status).toBe(201)
  await stack.elapse(seconds * 1_000)
}

const http = {
  protocol: 'HTTP',
  path: '/up',
  gracePeriodSeconds: 1,
  intervalSeconds: 1,
  maxConsecutiveFailures: 0,
}
const checked = { portDefinitions: [{ port: 0, name: 'http' }], healthChecks: [http], cpus: 1, mem: 32 }
const plain = { id: '/plain', cmd: 'sleep 600', instances: 2, cpus: 1, mem: 32 }
const well = { id: '/shop/well', cmd: 'sleep 600', instances: 3, ...checked }
const sick = { id: '/shop/sick', cmd: 'unhealthy', instances: 2, ...checked }
const huge = { id: '/huge', cmd: 'sleep 600', cpus: 100, mem: 32 }

/** The sentences of a list of lists, indented. */
const tree = (list: FakeElement, indent = ''): readonly string[] =>
  list.children.flatMap((item) => {
    const [said, beneath] = item.children
    return [indent + said!.textContent, ...(beneath === undefined ? [] : tree(beneath, `${indent}  `))]
  })
const cards = (list: FakeElement) => list.querySelectorAll('li').map((card) => card.textContent)

describe('the list of services', () => {
  it('shows the health of what is checked, and nothing of what is not', async () => {
    await running(8, plain, well, sick)
    const page = await openPage(stack)
    expect(page.row('services', 'plain')).toEqual(['plain', 'Running', '2 of 2', '', '2', '64 MiB'])
    expect(page.row('services', 'well')).toEqual(['well', 'Running', '3 of 3', '3 of 3', '3', '96 MiB'])
    expect(page.row('services', 'sick')).toEqual([
      'sick',
      'Being changed',
      '2 of 2',
      '0 of 2, 2 unhealthy',
      '2',
      '64 MiB',
    ])
    const health = page
      .byId('services')
      .querySelectorAll('td')
      .filter(({ className }) => className.startsWith('health'))
    expect(health.map(({ className }) => className)).toEqual(['health ', 'health bad', 'health good'])
    expect(cards(page.byId('figures'))).toEqual([
      '3services',
      '7 of 7instances run',
      '2are unhealthy',
      '1deployment',
      '0launches wait',
    ])
  })

  it('shows those alone that are not well, when asked to', async () => {
    await running(8, plain, well, sick, huge)
    const page = await openPage(stack)
    page.byId('unwell').checked = true
    page.byId('unwell').dispatch('input')
    const names = page.byId('services').querySelectorAll('a')
    expect(names.map(({ textContent }) => textContent)).toEqual(['huge', 'sick'])
  })

  it('leaves the rows that stay as they are in their place, and the focus in them', async () => {
    await running(3, plain, { ...plain, id: '/other' })
    const page = await openPage(stack)
    const link = page.byId('services').querySelectorAll('a')[1]!
    expect(link.textContent).toBe('plain')
    link.focus()
    await stack.send('DELETE', '/v2/apps/other')
    await stack.elapse(5_000)
    await page.pass(15_000)
    const links = page.byId('services').querySelectorAll('a')
    expect(links).toHaveLength(1)
    expect(links[0]).toBe(link)
    // A row that changes is a new one: the focus goes over.
    await stack.send('PUT', '/v2/apps/plain', { instances: 3 })
    await stack.elapse(5_000)
    await page.pass(15_000)
    expect(page.row('services', 'plain')?.[2]).toBe('3 of 3')
    const [successor] = page.byId('services').querySelectorAll('a')
    expect(successor).not.toBe(link)
    expect(page.focused()).toBe(successor)
  })
})

describe('the page of a service', () => {
  it('shows why it is as it is, as a tree of sentences', async () => {
    await running(8, huge)
    const page = await openPage(stack, '#/huge')
    const id = (await stack.send('GET', '/v2/deployments')).body[0].id
    expect(page.byId('overview').hidden).toBe(true)
    expect(page.byId('service-title').textContent).toBe('/huge')
    expect(tree(page.byId('why-tree')).map((line) => line.replace(/\d\d:\d\d:\d\d/, '<time>'))).toEqual([
      '0 of 1 instance of /huge run.',
      '  1 of 1 instance of /huge waits for a launch since <time>.',
      '    None of 2 agents takes an instance: too little cpus (2).',
      '      It fits on 2 of 2 agents if cpus <= 16 (it asks for 100).',
      '      agent-1.example: cpus 16 of 100.',
      '      agent-2.example: cpus 16 of 100.',
      `  Deployment ${id} is changing it, in step 2 of 2.`,
    ])
    expect(page.byId('tasks').hidden).toBe(true)
  })

  it('shows each task with what its checks found, those that are not well first', async () => {
    await running(8, sick)
    const page = await openPage(stack, '#/shop/sick')
    const { tasks } = (await stack.send('GET', '/v2/apps/shop/sick/tasks')).body
    const rows = page.byId('tasks-body').querySelectorAll('tr')
    expect(rows).toHaveLength(2)
    const [name, where, state, , health] = rows[0]!.children.map((cell) => cell.textContent)
    expect(tasks[0].id).toContain(name!.replace(/\.1$/, ''))
    expect([where, state]).toEqual([`${tasks[0].host}:${tasks[0].ports[0]}${tasks[0].slaveId}`, 'Running'])
    const failures = tasks[0].healthCheckResults[0].consecutiveFailures
    expect(health).toMatch(
      new RegExp(`^HTTP /up fails, ${failures} in a rowlast at \\d\\d:\\d\\d:\\d\\d503 Service Unavailable$`),
    )
    expect(page.byId('service-state').textContent).toBe('Being changed')
    expect(cards(page.byId('service-figures'))).toContain('0 of 2healthy')
  })

  it('is that of a pod, too, and is found where a link leads to it', async () => {
    await running(0)
    const container = {
      name: 'one',
      exec: { command: { shell: 'sleep 600' } },
      resources: { cpus: 1, mem: 32 },
    }
    await stack.send('POST', '/v2/pods', {
      id: '/pod',
      containers: [container],
      networks: [{ mode: 'host' }],
    })
    await stack.elapse(3_000)
    const page = await openPage(stack)
    expect(page.byId('services').querySelector('a')!.getAttribute('href')).toBe('#/pod')
    page.asked()
    await page.go('#/pod')
    expect(page.asked()).not.toContain('/v2/apps/pod')
    expect(page.focused()).toBe(page.byId('service-title'))
    expect(page.byId('tasks-body').querySelectorAll('tr')).toHaveLength(1)
    expect(tree(page.byId('why-tree'))[0]).toMatch(/^1 of 1 instance of \/pod runs since /)
    await page.go('')
    expect([page.byId('overview').hidden, page.byId('service').hidden]).toEqual([false, true])
  })

  it.each(['#/none', '#/../..', '#/a?b', '#/%3Cb%3E'])('says that there is none at %s', async (hash) => {
    await running(0)
    const page = await openPage(stack, hash)
    expect(page.asked().filter((path) => !/^\/v2\/(apps|pods|info|deployments)/.test(path))).toEqual([])
    expect(page.byId('none').hidden).toBe(false)
    expect(page.byId('none-text').textContent).toBe(
      `There is no service ${decodeURIComponent(hash.slice(1))}.`,
    )
  })
})

describe('a deployment', () => {
  const change = async (path: string, change: object) => {
    const { status, body } = await stack.send('PUT', path, change)
    expect([status, body.message]).toEqual([200, undefined])
    return body.deploymentId
  }

  it('that is paused says so, and why', async () => {
    await running(5, plain)
    const id = await change('/v2/apps/plain', { cmd: 'sleep 601' })
    await stack.send('POST', `/v2/deployments/${id}/pause`)
    const page = await openPage(stack)
    expect(page.row('services', 'plain')?.[1]).toBe('Paused')
    const [card] = cards(page.byId('deployments'))
    expect(card).toMatch(/^\/plainPausedstep 1 of 1/)
    expect(card).toContain(`POST /v2/deployments/${id}/resume goes on`)
  })

  it('of a canary waits to be promoted', async () => {
    await running(8, well)
    const upgradeStrategy = {
      minimumHealthCapacity: 1,
      maximumOverCapacity: 1,
      canarySteps: [{ instances: 1 }],
    }
    const id = await change('/v2/apps/shop/well', { cmd: 'sleep 601', upgradeStrategy })
    const page = await openPage(stack)
    expect(page.row('services', 'well')?.[1]).toBe('Canary starts')
    expect(cards(page.byId('deployments'))[0]).toContain('1 of the new version of /shop/well to come up')
    await stack.elapse(8_000)
    await page.pass(15_000)
    expect(page.row('services', 'well')?.[1]).toBe('Canary waits')
    expect(cards(page.byId('deployments'))[0]).toContain(`POST /v2/deployments/${id}/promote goes on`)
    await page.go('#/shop/well')
    const states = page
      .byId('tasks-body')
      .querySelectorAll('tr')
      .map((row) => row.children[2]!.textContent)
    expect(states.sort()).toEqual(['Running', 'Runningolder version', 'Runningolder version'])
  })

  it('that got no further shows what it was, while it is taken back and afterwards', async () => {
    await running(8, { ...well, instances: 1 })
    const upgradeStrategy = { minimumHealthCapacity: 0, maximumOverCapacity: 0, progressDeadlineSeconds: 5 }
    await change('/v2/apps/shop/well', { cmd: 'unhealthy', upgradeStrategy })
    for (let waited = 0; waited < 100; waited++) {
      await stack.elapse(200)
      if ((await stack.send('GET', '/v2/deployments')).body[0].failed !== undefined) break
    }
    const page = await openPage(stack)
    const reason = '/shop/well made no progress for 5 s'
    expect(page.row('services', 'well')?.[1]).toBe('Rolling back')
    expect(cards(page.byId('deployments'))[0]).toMatch(/Takes back deployment [0-9a-f-]{36}: /)
    expect(cards(page.byId('deployments'))[0]).toContain(reason)
    // What has happened before is read from the log of events, by a stream that is closed soon.
    const [, past] = page.streams
    expect(past!.url.searchParams.getAll('event_type')).toEqual(['deployment_failed'])
    const failed = stack.notices.find(({ type }) => type === 'deployment_failed')!
    const body = { ...failed.body, timestamp: new Date(stack.now()).toISOString() }
    past!.tell('deployment_failed', body)
    await page.pass(5_000)
    expect(cards(page.byId('failures'))).toEqual([expect.stringContaining(reason)])
    expect(past!.readyState).toBe(2)
    await page.pass(3_600_000)
    expect(page.byId('failures').hidden).toBe(true)
  })
})

describe('the stream of events', () => {
  it('begins where the first look does', async () => {
    await running(3, plain)
    const told = (await stack.server.inject('/v2/apps')).headers['marathon-event-id']
    const page = await openPage(stack)
    expect(page.streams[0]!.url.searchParams.get('last_event_id')).toBe(String(told))
    expect(page.asked()[0]).toBe('/v2/deployments')
  })

  it('makes it look again, once for a burst; on the page of a service only when it is about that one', async () => {
    await running(3, plain)
    const page = await openPage(stack, '#/plain')
    const [stream] = page.streams
    page.asked()
    for (let each = 0; each < 5; each++) stream!.tell('status_update_event', { appId: '/other' })
    await page.pass(5_000)
    expect(page.asked()).toEqual([])
    for (let each = 0; each < 5; each++) stream!.tell('failed_health_check_event', { appId: '/plain' })
    await page.pass(5_000)
    expect(page.asked().filter((path) => path.endsWith('/explain'))).toEqual(['/v2/apps/plain/explain'])
  })

  it('that lost events makes it look at everything at once', async () => {
    await running(3, plain)
    const page = await openPage(stack)
    page.asked()
    page.streams[0]!.tell('event_gap', { after: 3, next: 900, reason: 'dropped' }, '899')
    await page.pass(0)
    expect(page.asked()).toContain('/v2/apps')
  })

  it('that the server refused is asked for again, with the last event there was', async () => {
    await running(3, plain)
    const page = await openPage(stack)
    const [stream, past] = page.streams
    stream!.tell('open')
    await page.pass(1_000)
    expect(page.byId('live').textContent).toBe('Live')
    stream!.tell('status_update_event', {}, '77')
    // Lost, and the browser tries again itself.
    stream!.readyState = 0
    stream!.tell('error')
    await page.pass(6_000)
    expect(page.byId('live').textContent).toBe('Looks every 15 s')
    expect(page.streams).toEqual([stream, past])
    stream!.readyState = 2
    stream!.tell('error')
    await page.pass(6_000)
    expect(page.streams).toHaveLength(3)
    expect(page.streams[2]!.url.searchParams.get('last_event_id')).toBe('77')
    page.streams[2]!.tell('open')
    await page.pass(1_000)
    expect(page.byId('live').textContent).toBe('Live')
  })
})
