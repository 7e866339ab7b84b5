// The status page: reads the API, shows what it says, and reads it again when something happens. It changes nothing.
// What users named is only ever set as text, never as markup.

'use strict'

const api = new URL('../', location.href)
/** Milliseconds from an event to the next look, at least; a burst of events is one look. */
const settleMs = 400
/** Milliseconds between two looks when no event comes, and when the server does not answer. */
const pollMs = 15_000
const rowsShown = 500

const byId = (id) => document.getElementById(id)
let state
let timer
let isReading = false
/** Whether something happened since the last look began. */
let isStale = false
/** Milliseconds to the next look at what has happened: longer where looking takes long. */
let restMs = settleMs

/** An element with text or children. */
function make(tag, options, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(options ?? {})) {
    if (name === 'class') element.className = value
    else element.setAttribute(name, value)
  }
  element.append(...children.filter((child) => child !== undefined))
  return element
}

/** The answer of a call; `absent` where this server has no such resource. */
async function read(path, absent) {
  const response = await fetch(new URL(path, api), { headers: { accept: 'application/json' } })
  if (response.status === 404 && absent !== undefined) return absent
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return response.json()
}

async function look() {
  clearTimeout(timer)
  isReading = true
  isStale = false
  const startedAt = performance.now()
  try {
    const [info, apps, pods, groups, deployments, queue] = await Promise.all([
      read('v2/info'),
      read('v2/apps'),
      read('v2/pods/::status', []),
      read('v2/groups?embed=group.groups', { id: '/', groups: [] }),
      read('v2/deployments?embed=waitingOn'),
      read('v2/queue'),
    ])
    state = {
      info,
      services: [...apps.apps.map(serviceOfApp), ...pods.map(serviceOfPod)].sort(byName),
      groups: idsOfGroups(groups),
      deployments,
      queue: queue.queue,
    }
    say('good', 'Live')
    show()
  } catch (error) {
    say('bad', 'Not connected', `The server does not answer as expected: ${error.message}`)
  }
  isReading = false
  restMs = Math.max(settleMs, 5 * (performance.now() - startedAt))
  timer = setTimeout(look, isStale ? restMs : pollMs)
}

function lookSoon() {
  // The first event of a burst sets the time of the next look, the others do not put it off.
  if (!isReading && !isStale) {
    clearTimeout(timer)
    timer = setTimeout(look, restMs)
  }
  isStale = true
}

const byName = (a, b) => (a.id < b.id ? -1 : 1)
const parentOf = (id) => id.slice(0, id.lastIndexOf('/')) || '/'
const idsOfGroups = (group) => [group.id, ...(group.groups ?? []).flatMap(idsOfGroups)]

function serviceOfApp(app) {
  const { id, instances, tasksRunning, tasksUnhealthy, deployments, cpus, mem } = app
  return {
    id,
    wanted: instances,
    running: tasksRunning,
    state: stateOf({ instances, tasksRunning, tasksUnhealthy, deployments }),
    cpus: cpus * instances,
    mem: mem * instances,
    link: `v2/apps${id}`,
  }
}

function stateOf({ instances, tasksRunning, tasksUnhealthy, deployments }) {
  if (deployments.length > 0) return ['busy', 'Being changed']
  if (tasksUnhealthy > 0) return ['bad', `${tasksUnhealthy} unhealthy`]
  if (tasksRunning < instances) return ['busy', 'Waiting']
  return instances === 0 ? ['none', 'Stopped'] : ['good', 'Running']
}

function serviceOfPod({ id, status, spec, instances }) {
  const wanted = spec?.scaling?.instances ?? 0
  const of = (name) => wanted * (spec?.containers ?? []).reduce((sum, each) => sum + (each.resources?.[name] ?? 0), 0)
  const words = { STABLE: ['good', 'Running'], DEGRADED: ['bad', 'Degraded'], TERMINAL: ['none', 'Ending'] }
  return {
    id,
    wanted,
    running: (instances ?? []).filter((instance) => instance.status === 'STABLE').length,
    state: wanted === 0 ? ['none', 'Stopped'] : (words[status] ?? ['bad', String(status)]),
    cpus: of('cpus'),
    mem: of('mem'),
    link: `v2/pods${id}::status`,
  }
}

function show() {
  const { info, services, groups, deployments, queue } = state
  byId('server').textContent = `${info.version} on ${info.leader ?? 'no leader'}`
  const sum = (name) => services.reduce((total, service) => total + service[name], 0)
  byId('figures').replaceChildren(
    figure(count(services.length), 'services'),
    figure(`${count(sum('running'))} of ${count(sum('wanted'))}`, 'instances run'),
    figure(count(deployments.length), deployments.length === 1 ? 'deployment' : 'deployments'),
    figure(count(queue.reduce((total, item) => total + item.count, 0)), 'launches wait'),
  )
  showCards('deployments', deployments.map(deploymentCard))
  showCards('queue', queue.map(queueCard))
  showServices(services, groups)
}

const count = (number) => number.toLocaleString('en')
const figure = (number, label) => make('li', {}, make('strong', {}, number), make('span', {}, label))

function showCards(id, cards) {
  byId(id).hidden = cards.length === 0
  byId(id).querySelector('ul').replaceChildren(...cards.slice(0, rowsShown))
}

function deploymentCard({ id, affectedApps, affectedPods, currentStep, totalSteps, waitingOn }) {
  const of = make('progress', { max: String(totalSteps), value: String(Math.max(0, currentStep - 1)) })
  of.setAttribute('aria-label', `Step ${currentStep} of ${totalSteps}`)
  return make(
    'li',
    { title: `Deployment ${id}` },
    make(
      'div',
      { class: 'top' },
      make('strong', {}, [...affectedApps, ...affectedPods].join(', ')),
      make('span', { class: 'run' }, of, `step ${currentStep} of ${totalSteps}`),
    ),
    ...reasons(waitingOn),
  )
}

function queueCard({ app, pod, count: waiting, delay, waitingOn }) {
  const left = delay.overdue ? '' : ` · next try in ${delay.timeLeftSeconds} s`
  return make(
    'li',
    {},
    make(
      'div',
      { class: 'top' },
      make('strong', {}, (app ?? pod).id),
      make('span', { class: 'busy' }, `${count(waiting)} to launch${left}`),
    ),
    ...reasons(waitingOn),
  )
}

const reasons = (waitingOn) => (waitingOn ?? []).slice(0, 5).map(({ message }) => make('p', {}, message))

/** Services beneath their groups; groups with nothing in them are there, too. */
function showServices(services, groups) {
  const sought = byId('find').value.trim().toLowerCase()
  const found = services.filter(({ id }) => id.toLowerCase().includes(sought))
  const byGroup = new Map(
    (sought === '' ? groups : []).filter((id) => id !== '/').map((id) => [id, []]),
  )
  for (const service of found) {
    const group = parentOf(service.id)
    if (!byGroup.has(group)) byGroup.set(group, [])
    byGroup.get(group).push(service)
  }
  const rows = [...byGroup]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([group, members]) => [...groupRow(group, members, byGroup), ...members.map(serviceRow)])
  byId('services').querySelector('tbody').replaceChildren(...rows.slice(0, rowsShown))
  const left = rows.length - rowsShown
  byId('more').hidden = left <= 0 && (found.length > 0 || sought === '')
  byId('more').textContent =
    left > 0 ? `${count(left)} more lines: name a part of the id to see them.` : 'No id has this in it.'
  const isEmpty = services.length === 0
  byId('empty').hidden = !isEmpty
  byId('services').querySelector('table').hidden = rows.length === 0
  byId('services').querySelector('label').hidden = isEmpty
}

function groupRow(group, members, byGroup) {
  // The heading would say nothing where everything is in the root.
  if (group === '/' && byGroup.size === 1) return []
  const holds = [...byGroup.keys()].some((other) => other.startsWith(`${group}/`))
  const note = members.length === 0 && !holds ? ' · empty' : ''
  return [make('tr', { class: 'group' }, make('th', { colspan: '5', scope: 'colgroup' }, `${group}${note}`))]
}

function serviceRow({ id, wanted, running, state: [kind, word], cpus, mem, link }) {
  const bar = make('progress', { max: String(Math.max(1, wanted)), value: String(Math.min(running, wanted)) })
  bar.setAttribute('aria-label', `${running} of ${wanted} run`)
  return make(
    'tr',
    {},
    make('th', { scope: 'row' }, make('a', { href: new URL(link, api).href }, id.slice(id.lastIndexOf('/') + 1))),
    make('td', { class: `state ${kind}` }, word),
    make('td', {}, make('span', { class: 'run' }, bar, `${count(running)} of ${count(wanted)}`)),
    make('td', { class: 'number' }, count(Math.round(cpus * 100) / 100)),
    make('td', { class: 'number' }, `${count(Math.round(mem))} MiB`),
  )
}

function say(kind, word, problem) {
  byId('live').className = kind
  byId('live').textContent = word
  byId('problem').hidden = problem === undefined
  byId('problem').textContent = problem ?? ''
}

byId('first').textContent = `curl -X POST ${new URL('v2/apps', api)} \\
  -H 'Content-Type: application/json' \\
  -d '{"id": "hello", "cmd": "while true; do date; sleep 1; done", "cpus": 0.1, "mem": 16}'`
byId('find').addEventListener('input', () => {
  if (state !== undefined) showServices(state.services, state.groups)
})

// Every kind of event has a name of its own, and each is a reason to look.
const events = new EventSource(new URL('v2/events', api))
for (const type of [
  'deployment_info',
  'deployment_step_success',
  'deployment_step_failure',
  'deployment_success',
  'deployment_failed',
  'status_update_event',
  'instance_changed_event',
  'instance_health_changed_event',
  'group_change_success',
  'app_terminated_event',
])
  events.addEventListener(type, lookSoon)
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) lookSoon()
})
look()
