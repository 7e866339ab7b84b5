// The status page: reads the API, shows what it says, and reads it again when something happens. It changes nothing.
// `#/shop/web` is the page of that service, without it all are listed.

import { deploymentCard, failureCard, queueCard } from './cards.js'
import { bar, count, figure, keeper, linkTo, make, settle } from './elements.js'
import { serviceShown, showService } from './service.js'
import { changesOf, idsOf, serviceOfApp, serviceOfPod, wordOfHealth } from './services.js'
import { follow, reasonsToLook, recall } from './stream.js'

const api = new URL('../', location.href)
/** Milliseconds from an event to the next look, at least; a burst of events is one look. */
const settleMs = 400
/** Milliseconds between two looks when no event comes, and when the server does not answer. */
const pollMs = 15_000
const rowsShown = 500
/** How long a deployment that failed is shown, how many of them, and among how many events they are looked for. */
const failureMs = 3_600_000
const failuresShown = 5
const failureEvents = 20_000
const recallMs = 5_000

const byId = (id) => document.getElementById(id)
/** What all services looked like last; undefined before the first look. */
let overview
/** Deployments that failed, by id, the latest last. */
const failures = new Map()
let timer
let isReading = false
/** Whether something happened since the last look began. */
let isStale = false
/** Milliseconds to the next look at what has happened: longer where looking takes long. */
let restMs = settleMs
let isFollowing = false
let isLinked = false
/** Counts what is looked at: answers about what nobody looks at any more are dropped. */
let place = 0

/** The id of the service whose page this is. */
function shownId() {
  try {
    const id = decodeURIComponent(location.hash.slice(1))
    return id.length > 1 && id.startsWith('/') ? id : undefined
  } catch {
    return undefined
  }
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
  const lookedAt = place
  const id = shownId()
  try {
    if (!isFollowing) await followEvents()
    const show = await (id === undefined ? readOverview() : readService(id))
    if (lookedAt !== place) return
    show()
    say(isLinked ? 'good' : 'busy', isLinked ? 'Live' : `Looks every ${pollMs / 1000} s`)
  } catch (error) {
    if (lookedAt !== place) return
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

/** Something else is to be seen, or all that is known may be wrong. */
function lookAnew() {
  place++
  look()
}

/** The stream begins where the first look does, so nothing is missed between the two. */
async function followEvents() {
  const url = new URL('v2/events', api)
  const { headers } = await fetch(new URL('v2/deployments', api), { method: 'HEAD' })
  const position = headers.get('marathon-event-id') ?? undefined
  isFollowing = true
  follow({
    url,
    position,
    types: reasonsToLook,
    onEvent: (event) => {
      if (event.type === 'deployment_failed') remember(event)
      const id = shownId()
      // Many services make many events, of which few are about the one that is looked at.
      if (id === undefined || event.data.includes(JSON.stringify(id))) lookSoon()
    },
    onGap: () => {
      failures.clear()
      lookAnew()
    },
    onLink: (isOpen) => {
      isLinked = isOpen
      lookSoon()
    },
  })
  if (Number(position) > 0) {
    const onEvent = (event) => {
      remember(event)
      lookSoon()
    }
    recall({
      url,
      position: Number(position),
      events: failureEvents,
      type: 'deployment_failed',
      forMs: recallMs,
      onEvent,
    })
  }
}

function remember({ data }) {
  const { id, plan, reason, timestamp } = JSON.parse(data)
  const actions = plan.steps.flatMap((step) => step.actions)
  const ids = [...new Set(actions.map(({ app, pod }) => app ?? pod))]
  failures.set(id, { id, ids, reason: reason ?? 'No reason is given.', at: timestamp })
}

const lateFailures = (about = () => true) =>
  [...failures.values()]
    .filter((failure) => Date.now() - Date.parse(failure.at) < failureMs && about(failure))
    .sort((a, b) => (a.at < b.at ? 1 : -1))
    .slice(0, failuresShown)

const byName = (a, b) => (a.id < b.id ? -1 : 1)
const parentOf = (id) => id.slice(0, id.lastIndexOf('/')) || '/'
const idsOfGroups = (group) => [group.id, ...(group.groups ?? []).flatMap(idsOfGroups)]

async function readOverview() {
  const [info, apps, pods, groups, deployments, queue] = await Promise.all([
    read('v2/info'),
    read('v2/apps'),
    read('v2/pods/::status', []),
    read('v2/groups?embed=group.groups', { id: '/', groups: [] }),
    read('v2/deployments?embed=waitingOn'),
    read('v2/queue'),
  ])
  const changes = changesOf(deployments)
  const services = [
    ...apps.apps.map((app) => serviceOfApp(app, changes.get(app.id))),
    ...pods.map((pod) => serviceOfPod(pod, changes.get(pod.id))),
  ].sort(byName)
  for (const { id } of pods) knownPods.add(id)
  overview = { info, services, groups: idsOfGroups(groups), deployments, queue: queue.queue }
  return showOverview
}

function showOverview() {
  const { info, services, groups, deployments, queue } = overview
  turnTo('overview', 'Marathon')
  showServer(info)
  const sum = (name) => services.reduce((total, service) => total + service[name], 0)
  const unhealthy = services.reduce((total, { health }) => total + (health?.unhealthy ?? 0), 0)
  byId('figures').replaceChildren(
    figure(count(services.length), 'services'),
    figure(`${count(sum('running'))} of ${count(sum('wanted'))}`, 'instances run'),
    ...(unhealthy === 0
      ? []
      : [figure(count(unhealthy), unhealthy === 1 ? 'is unhealthy' : 'are unhealthy', 'bad')]),
    figure(count(deployments.length), deployments.length === 1 ? 'deployment' : 'deployments'),
    figure(count(queue.reduce((total, item) => total + item.count, 0)), 'launches wait'),
  )
  showCards('deployments', deployments, deploymentCard)
  showCards('failures', lateFailures(), failureCard)
  showCards('queue', queue, queueCard)
  showServices(services, groups)
}

const showServer = (info) => {
  byId('server').textContent = `${info.version} on ${info.leader ?? 'no leader'}`
}

const keepers = new Map()

function showCards(id, items, card) {
  if (!keepers.has(id)) keepers.set(id, keeper(card))
  byId(id).hidden = items.length === 0
  settle(
    byId(id).querySelector('ul'),
    keepers.get(id)(items.slice(0, rowsShown), (item) => item.id ?? (item.app ?? item.pod).id),
  )
}

/** The id as part of a path, and of no other one than that of a service. */
const pathOf = (id) => {
  const segments = id.split('/').slice(1)
  const isOne = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..')
  return isOne ? `/${segments.map(encodeURIComponent).join('/')}` : undefined
}

/** Services found to be pods, so that nobody asks for an app of that name first. */
const knownPods = new Set()

/** An app, or else the pod of that id. */
async function readService(id) {
  const path = pathOf(id)
  if (path === undefined) return () => showNone(id)
  const isPod = knownPods.has(id)
  const [info, { app }, deployments] = await Promise.all([
    read('v2/info'),
    isPod ? {} : read(`v2/apps${path}?embed=app.tasks&embed=app.counts&embed=app.lastTaskFailure`, {}),
    read('v2/deployments?embed=waitingOn'),
  ])
  const pod = app === undefined ? await read(`v2/pods${path}::status`, null) : undefined
  if (pod) knownPods.add(id)
  else knownPods.delete(id)
  const ask = app === undefined ? `v2/pods${path}::explain` : `v2/apps${path}/explain`
  const answer = pod === null ? null : await read(ask, null)
  return () => {
    showServer(info)
    if (answer === null) return showNone(id)
    const own = deployments.filter((deployment) => idsOf(deployment).includes(id))
    turnTo('service', `${id} · Marathon`)
    showService(serviceShown({ app, pod, explanation: answer.explanation, change: own[0] }), api)
    showCards('service-deployments', own, deploymentCard)
    showCards(
      'service-failures',
      lateFailures(({ ids }) => ids.includes(id)),
      failureCard,
    )
  }
}

function showNone(id) {
  turnTo('none', 'Marathon')
  byId('none-text').textContent = `There is no service ${id}.`
}

/** Shows one of the page's views. Who came from another one goes on reading at its title. */
function turnTo(view, title) {
  const came = byId(view).hidden
  for (const each of ['overview', 'service', 'none']) byId(each).hidden = each !== view
  if (document.title !== title) document.title = title
  if (came || hasTurned) byId(view).querySelector('h2[tabindex]')?.focus({ preventScroll: true })
  if (hasTurned) scrollTo(0, 0)
  hasTurned = false
}
let hasTurned = false

/** Services beneath their groups; groups with nothing in them are there, too. */
function showServices(services, groups) {
  const sought = byId('find').value.trim().toLowerCase()
  const isPicky = byId('unwell').checked
  const isUnwell = ({ state: [kind], health }) => kind === 'bad' || kind === 'busy' || health?.unhealthy > 0
  const found = services.filter(
    (service) => service.id.toLowerCase().includes(sought) && (!isPicky || isUnwell(service)),
  )
  const isAll = sought === '' && !isPicky
  const byGroup = new Map((isAll ? groups : []).filter((id) => id !== '/').map((id) => [id, []]))
  for (const service of found) {
    const group = parentOf(service.id)
    if (!byGroup.has(group)) byGroup.set(group, [])
    byGroup.get(group).push(service)
  }
  const lines = [...byGroup]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([group, members]) => [...groupLines(group, members, byGroup), ...members])
  settle(
    byId('services').querySelector('tbody'),
    rows(lines.slice(0, rowsShown), (line) => `${line.group === undefined ? 'service' : 'group'} ${line.id}`),
  )
  const left = lines.length - rowsShown
  byId('more').hidden = left <= 0 && (found.length > 0 || isAll)
  byId('more').textContent =
    left > 0 ? `${count(left)} more lines: name a part of the id to see them.` : nothingFound()
  const isEmpty = services.length === 0
  byId('empty').hidden = !isEmpty
  byId('services').querySelector('table').hidden = lines.length === 0
  byId('filters').hidden = isEmpty
}

const nothingFound = () =>
  byId('find').value.trim() === '' ? 'All services are well.' : 'No such service has this in its id.'

const rows = keeper((line) => (line.group === undefined ? serviceRow(line) : groupRow(line)))

function groupLines(group, members, byGroup) {
  // The heading would say nothing where everything is in the root.
  if (group === '/' && byGroup.size === 1) return []
  const holds = [...byGroup.keys()].some((other) => other.startsWith(`${group}/`))
  return [{ id: group, group: members.length === 0 && !holds ? `${group} · empty` : group }]
}

const groupRow = ({ group }) =>
  make('tr', { class: 'group' }, make('th', { colspan: '6', scope: 'colgroup' }, group))

function serviceRow({ id, wanted, running, state: [kind, word], health, cpus, mem }) {
  const [mark, well] = wordOfHealth(health) ?? ['', '']
  return make(
    'tr',
    {},
    make('th', { scope: 'row' }, linkTo(id, id.slice(id.lastIndexOf('/') + 1))),
    make('td', { class: `state ${kind}` }, word),
    make(
      'td',
      {},
      make(
        'span',
        { class: 'run' },
        bar(running, wanted, `${running} of ${wanted} run`),
        `${count(running)} of ${count(wanted)}`,
      ),
    ),
    make('td', { class: `health ${mark}` }, well),
    make('td', { class: 'number' }, count(Math.round(cpus * 100) / 100)),
    make('td', { class: 'number' }, `${count(Math.round(mem))} MiB`),
  )
}

function say(kind, word, problem) {
  byId('live').className = kind
  // What is told to those who listen is told when it changes, not at every look.
  if (byId('live').textContent !== word) byId('live').textContent = word
  byId('problem').hidden = problem === undefined
  if (byId('problem').textContent !== (problem ?? '')) byId('problem').textContent = problem ?? ''
}

byId('first').textContent = `curl -X POST ${new URL('v2/apps', api)} \\
  -H 'Content-Type: application/json' \\
  -d '{"id": "hello", "cmd": "while true; do date; sleep 1; done", "cpus": 0.1, "mem": 16}'`
for (const id of ['find', 'unwell']) {
  byId(id).addEventListener('input', () => {
    if (overview !== undefined) showServices(overview.services, overview.groups)
  })
}
window.addEventListener('hashchange', () => {
  hasTurned = true
  // What was seen last is there at once, and as it is now a moment later.
  if (shownId() === undefined && overview !== undefined) showOverview()
  lookAnew()
})
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) lookSoon()
})
look()
