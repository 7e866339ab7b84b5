// The page of one service: how far it is, why it is not further, and its tasks with what checks found.

import { count, figure, keeper, linkTo, make, moment, sentence, settle } from './elements.js'
import { serviceOfApp, serviceOfPod, tasksOfApp, tasksOfPod, wordOfHealth } from './services.js'

const tasksShown = 200
const byId = (id) => document.getElementById(id)
const rows = keeper(taskRow)
const trees = keeper((explanation) =>
  make(
    'li',
    { class: explanation.isWell ? 'good' : standing(explanation) },
    ...branch(explanation, explanation.id),
  ),
)

/** What is shown of an app or a pod, of which one is there. */
export function serviceShown({ app, pod, explanation, change }) {
  const service = app === undefined ? serviceOfPod(pod, change) : serviceOfApp(app, change)
  const hasOutdated = explanation.outdated > 0
  const tasks = app === undefined ? tasksOfPod(pod, hasOutdated) : tasksOfApp(app, hasOutdated)
  return {
    ...service,
    explanation,
    tasks: tasks.sort((a, b) => Number(isWell(a)) - Number(isWell(b)) || (a.id < b.id ? -1 : 1)),
    lastFailure: app?.lastTaskFailure,
  }
}

const isWell = ({ state, checks }) => state[0] === 'good' && checks.every(({ kind }) => kind === 'good')

export function showService(service, apiUrl) {
  const { id, wanted, running, health, state, cpus, mem, link, explanation, tasks, lastFailure } = service
  byId('service-title').textContent = id
  byId('service-state').className = `tag ${state[0]}`
  byId('service-state').textContent = state[1]
  byId('service-json').href = new URL(encodeURI(link), apiUrl).href
  const well = wordOfHealth(health)
  byId('service-figures').replaceChildren(
    figure(`${count(running)} of ${count(wanted)}`, wanted === 1 ? 'instance runs' : 'instances run'),
    ...(well === undefined
      ? []
      : [figure(`${count(health.healthy)} of ${count(health.of)}`, 'healthy', well[0])]),
    figure(count(Math.round(cpus * 100) / 100), 'CPUs'),
    figure(`${count(Math.round(mem))} MiB`, 'memory'),
  )
  settle(
    byId('why-tree'),
    trees([explanation], () => id),
  )
  showTasks(tasks)
  byId('last-failure').hidden = lastFailure === undefined
  if (lastFailure !== undefined) {
    const { timestamp, state: end, host, message, taskId } = lastFailure
    const words = [`${end} on ${host} at `, moment(timestamp), message === '' ? '.' : `: ${message}`]
    byId('last-failure').replaceChildren(
      make('strong', {}, 'Last failure'),
      make('p', { title: taskId }, words),
    )
  }
}

/** Kinds of causes that say what is wrong, and those that say what would help. */
const causeClass = {
  unhealthy: 'bad',
  check: 'bad',
  backoff: 'bad',
  'no-match': 'bad',
  unreachable: 'bad',
  quarantine: 'bad',
  engine: 'bad',
  'takes-back': 'bad',
  if: 'help',
  fits: 'help',
}

/** What is only on its way, or waits for somebody's word, is nothing bad. */
const standing = ({ causes }) =>
  causes.some((cause) => causeClass[cause.kind] === 'bad' || standing(cause) === 'bad') ? 'bad' : 'busy'

/** The sentence of a cause, and the list of what leads to it. Causes elsewhere lead to the page of that service. */
function branch({ message, text, causes, runSpecId }, id) {
  const elsewhere = runSpecId === undefined || runSpecId === id ? [] : [' ', linkTo(runSpecId, 'Why?')]
  const said = make('span', {}, sentence(text ?? message), elsewhere)
  if (causes.length === 0) return [said]
  const beneath = causes.map((cause) =>
    make('li', { class: causeClass[cause.kind] ?? 'busy' }, ...branch(cause, runSpecId ?? id)),
  )
  return [said, make('ul', {}, beneath)]
}

function showTasks(tasks) {
  settle(
    byId('tasks-body'),
    rows(tasks.slice(0, tasksShown), ({ id }) => id),
  )
  byId('tasks').hidden = tasks.length === 0
  byId('tasks-more').hidden = tasks.length <= tasksShown
  byId('tasks-more').textContent =
    `${count(tasks.length - tasksShown)} more tasks; those that are not well come first.`
}

function taskRow({ id, name, place, agent, state, since, isOutdated, checks, volumes }) {
  return make(
    'tr',
    {},
    make('th', { scope: 'row', title: id }, make('code', {}, name)),
    make(
      'td',
      {},
      place ?? '',
      agent === undefined ? undefined : make('small', {}, agent),
      volumes.map(({ name, id }) => make('small', { title: id }, `keeps ${name}`)),
    ),
    make(
      'td',
      { class: `state ${state[0]}` },
      state[1],
      isOutdated ? make('small', {}, 'older version') : undefined,
    ),
    make('td', {}, since === undefined ? '' : moment(since)),
    make('td', {}, checks.length === 0 ? undefined : make('ul', { class: 'checks' }, checks.map(checkLine))),
  )
}

const checkLine = ({ kind, name, word, at, cause }) =>
  make(
    'li',
    { class: kind },
    make('strong', {}, [name, word].filter((part) => part !== undefined).join(' ')),
    at === undefined ? undefined : make('small', {}, kind === 'good' ? 'since ' : 'last at ', moment(at)),
    cause === undefined ? undefined : make('small', {}, cause),
  )
