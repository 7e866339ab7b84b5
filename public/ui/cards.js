// Cards of the status page: a deployment with how far it is and why it gets no further, one that failed, launches that
// wait.

import { bar, count, linkTo, make, moment, sentence } from './elements.js'
import { idsOf, stateOfChange } from './services.js'

const idsShown = 5
const reasonsShown = 5

export function deploymentCard(deployment) {
  const { id, currentStep, totalSteps, waitingOn, canary = [], failed } = deployment
  const [kind, word] = stateOfChange(deployment)
  return card(
    idsOf(deployment),
    make(
      'span',
      { class: 'run' },
      make('span', { class: `tag ${kind}` }, word),
      bar(currentStep - 1, totalSteps, `Step ${currentStep} of ${totalSteps}`),
      `step ${currentStep} of ${totalSteps}`,
    ),
    id,
    failed === undefined
      ? undefined
      : make('p', { class: 'bad' }, `Takes back deployment ${failed.id}: `, sentence(failed.reason)),
    ...canary.filter(({ waiting }) => !waiting).map(canaryLine),
    ...reasons(waitingOn),
  )
}

/** Of one that is not up yet: what a canary waits for that is up is among the reasons. */
const canaryLine = ({ app, pod, step, steps, instances }) =>
  make(
    'p',
    {},
    `Canary step ${step} of ${steps}: ${count(instances)} of the new version of ${app ?? pod} to come up.`,
  )

export const failureCard = ({ id, ids, reason, at }) =>
  card(ids, make('span', { class: 'bad' }, 'Failed at ', moment(at)), id, make('p', {}, sentence(reason)))

export function queueCard({ app, pod, count: waiting, delay, waitingOn }) {
  const left = delay.overdue ? '' : ` · next try in ${delay.timeLeftSeconds} s`
  return card(
    [(app ?? pod).id],
    make('span', { class: 'busy' }, `${count(waiting)} to launch${left}`),
    undefined,
    ...reasons(waitingOn),
  )
}

function card(ids, end, deployment, ...lines) {
  const links = ids
    .slice(0, idsShown)
    .flatMap((id, index) => (index === 0 ? [linkTo(id)] : [', ', linkTo(id)]))
  const more = ids.length > idsShown ? ` and ${count(ids.length - idsShown)} more` : undefined
  const title = deployment === undefined ? undefined : `Deployment ${deployment}`
  return make('li', { title }, make('div', { class: 'top' }, make('strong', {}, links, more), end), ...lines)
}

const reasons = (waitingOn = []) =>
  waitingOn.slice(0, reasonsShown).map(({ message }) => make('p', {}, sentence(message)))
