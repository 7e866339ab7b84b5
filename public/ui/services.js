// What answers of the API say of services, deployments and tasks, as the status page shows it: a word and how good it
// is (good, busy, bad, none). Knows nothing of elements.

/** The deployment of each service that is being changed. */
export const changesOf = (deployments) =>
  new Map(deployments.flatMap((deployment) => idsOf(deployment).map((id) => [id, deployment])))

export const idsOf = ({ affectedApps, affectedPods }) => [...affectedApps, ...affectedPods]

/** How far a deployment of this service is, in a word or two. */
export function stateOfChange({ failed, canary = [], paused, pausedAt }, id) {
  if (failed !== undefined) return ['bad', 'Rolling back']
  if (paused && pausedAt !== undefined) return ['busy', 'Paused']
  const own = canary.filter((each) => id === undefined || (each.app ?? each.pod) === id)
  if (own.some(({ waiting }) => waiting)) return ['busy', 'Canary waits']
  if (own.length > 0) return ['busy', 'Canary starts']
  return paused ? ['busy', 'Paused'] : ['busy', 'Being changed']
}

export function serviceOfApp(app, change) {
  const { id, instances, tasksRunning, tasksHealthy, tasksUnhealthy, healthChecks = [], cpus, mem } = app
  const isChecked = healthChecks.length > 0 || tasksHealthy + tasksUnhealthy > 0
  return {
    id,
    wanted: instances,
    running: tasksRunning,
    health: isChecked ? { healthy: tasksHealthy, unhealthy: tasksUnhealthy, of: tasksRunning } : undefined,
    state: stateOf(instances, tasksRunning, tasksUnhealthy, change, id),
    cpus: cpus * instances,
    mem: mem * instances,
    link: `v2/apps${id}`,
  }
}

function stateOf(wanted, running, unhealthy, change, id) {
  if (change !== undefined) return stateOfChange(change, id)
  if (unhealthy > 0) return ['bad', 'Unhealthy']
  if (running < wanted) return ['busy', 'Waiting']
  return wanted === 0 ? ['none', 'Stopped'] : ['good', 'Running']
}

const podStates = { STABLE: ['good', 'Running'], DEGRADED: ['bad', 'Degraded'], TERMINAL: ['none', 'Ending'] }

export function serviceOfPod({ id, status, spec, instances = [] }, change) {
  const wanted = spec?.scaling?.instances ?? 0
  const containers = spec?.containers ?? []
  const of = (name) => wanted * containers.reduce((sum, each) => sum + (each.resources?.[name] ?? 0), 0)
  const up = instances.filter((instance) => instance.status === 'STABLE' || instance.status === 'DEGRADED')
  const having = (kind) => (instance) =>
    instance.containers.map(checkOfContainer).some((each) => each?.kind === kind)
  const unhealthy = up.filter(having('bad')).length
  const unknown = up.filter((instance) => !having('bad')(instance) && having('none')(instance)).length
  const isChecked = containers.some(({ healthCheck }) => healthCheck !== undefined)
  const calm = wanted === 0 ? ['none', 'Stopped'] : (podStates[status] ?? ['bad', String(status)])
  return {
    id,
    wanted,
    running: up.length,
    health: isChecked ? { healthy: up.length - unhealthy - unknown, unhealthy, of: up.length } : undefined,
    state: change === undefined ? calm : stateOfChange(change, id),
    cpus: of('cpus'),
    mem: of('mem'),
    link: `v2/pods${id}::status`,
  }
}

/** How many are healthy, in words; of what nobody checks, nothing. */
export function wordOfHealth(health) {
  if (health === undefined) return undefined
  const { healthy, unhealthy, of } = health
  if (unhealthy > 0) return ['bad', `${healthy} of ${of}, ${unhealthy} unhealthy`]
  return [of === 0 ? 'none' : healthy < of ? 'busy' : 'good', `${healthy} of ${of}`]
}

const taskStates = {
  TASK_RUNNING: 'good',
  TASK_STAGING: 'busy',
  TASK_STARTING: 'busy',
  TASK_KILLING: 'busy',
  TASK_FINISHED: 'none',
  TASK_KILLED: 'none',
}

/** TASK_RUNNING → Running; what is not known to be well is bad. */
export function wordOfTask(state) {
  const word = state
    .replace(/^TASK_/, '')
    .replaceAll('_', ' ')
    .toLowerCase()
  return [taskStates[state] ?? 'bad', word.charAt(0).toUpperCase() + word.slice(1)]
}

/** `hasOutdated`: some run with an older configuration. An older version alone may have the same one. */
export function tasksOfApp({ tasks = [], healthChecks = [], version }, hasOutdated) {
  return tasks.map((task) => {
    const results = task.healthCheckResults ?? []
    const isOutdated = hasOutdated && task.version !== undefined && task.version !== version
    // Which check a result is of is known where each has one, and the checks are those it was started with.
    const isNamed = results.length === healthChecks.length && !isOutdated
    const checks = results.map((result, index) =>
      checkOfResult(result, isNamed ? nameOfCheck(healthChecks[index]) : `Check ${index}`),
    )
    const isAwaited = checks.length === 0 && healthChecks.length > 0 && task.state === 'TASK_RUNNING'
    return {
      id: task.id,
      name: nameOfTask(task.id),
      place: task.ports?.length > 0 ? `${task.host}:${task.ports.join(', ')}` : task.host,
      agent: task.slaveId,
      state: wordOfTask(task.state),
      since: task.startedAt ?? task.stagedAt,
      isOutdated,
      checks: isAwaited ? [{ kind: 'none', word: 'no answer yet' }] : checks,
      volumes: volumesOf(task),
    }
  })
}

export function tasksOfPod({ instances = [], spec }, hasOutdated) {
  return instances.flatMap((instance) => {
    const common = {
      place: instance.agentHostname,
      agent: instance.agentId,
      isOutdated: hasOutdated && isOfOtherVersion(instance, spec),
      volumes: volumesOf(instance),
    }
    if (instance.containers.length === 0) {
      const name = instance.id.slice(instance.id.lastIndexOf('.') + 1)
      const state = wordOfTask(instance.status)
      return [
        {
          ...common,
          id: instance.id,
          name,
          state: ['busy', state[1]],
          since: instance.statusSince,
          checks: [],
        },
      ]
    }
    return instance.containers.map((container) => ({
      ...common,
      id: container.containerId ?? `${instance.id}.${container.name}`,
      name: `${container.name} · ${nameOfTask(instance.id)}`,
      state: wordOfTask(container.status),
      since: container.statusSince,
      checks: [checkOfContainer(container)].filter((check) => check !== undefined),
    }))
  })
}

/** What its agent keeps for it, whether it runs or not. */
const volumesOf = ({ localVolumes = [] }) =>
  localVolumes.map(({ containerPath, persistenceId }) => ({ name: containerPath, id: persistenceId }))

/** A reference to a version leaves out its seconds where they are zero. */
const isOfOtherVersion = ({ specReference }, spec) =>
  specReference !== undefined &&
  spec?.version !== undefined &&
  Date.parse(specReference.slice(specReference.lastIndexOf('/') + 1)) !== Date.parse(spec.version)

function checkOfResult({ alive, consecutiveFailures, lastFailure, lastFailureCause, firstSuccess }, name) {
  if (alive) return { kind: 'good', name, word: 'alive', at: firstSuccess }
  const times = consecutiveFailures === 0 ? '' : `, ${consecutiveFailures} in a row`
  return { kind: 'bad', name, word: `fails${times}`, at: lastFailure, cause: lastFailureCause }
}

function checkOfContainer({ conditions = [] }) {
  const condition = conditions.find(({ name }) => name === 'healthy')
  if (condition === undefined) return undefined
  if (condition.value === 'true') return { kind: 'good', word: 'alive' }
  return condition.reason === 'health-unreported-by-mesos'
    ? { kind: 'none', word: 'no answer yet' }
    : { kind: 'bad', word: 'fails' }
}

export function nameOfCheck({ protocol, path, port, portIndex, command }) {
  if (command?.value !== undefined) return `${protocol} ${command.value}`
  const where =
    port !== undefined ? `port ${port}` : (path ?? (portIndex === undefined ? '' : `port index ${portIndex}`))
  return `${protocol} ${where}`.trim()
}

/** The part that tells tasks of one service apart: shop_web.instance-1a2b….​_app.3 → 1a2b….3 */
export function nameOfTask(id) {
  const [, instance, attempt] = /instance-([^.]+)(?:\..*?(\d+))?$/.exec(id) ?? []
  return instance === undefined ? id : `${instance}${attempt === undefined ? '' : `.${attempt}`}`
}
