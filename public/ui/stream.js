// The stream of events. The browser comes back by itself with the id of the last event it has, and gets what it missed;
// only where the server refused it, which ends an EventSource for good, is a new one opened, with that same id.

/** Every kind of event has a name of its own. Each of these is a reason to look. */
export const reasonsToLook = [
  'deployment_info',
  'deployment_step_success',
  'deployment_step_failure',
  'deployment_success',
  'deployment_failed',
  'deployment_paused',
  'deployment_resumed',
  'deployment_promoted',
  'status_update_event',
  'instance_changed_event',
  'instance_health_changed_event',
  'health_status_changed_event',
  'failed_health_check_event',
  'unhealthy_instance_kill_event',
  'group_change_success',
  'app_terminated_event',
]

const closed = 2
/** Milliseconds until a refused stream is asked for again. */
const retryMs = 5_000

/**
 * Opens the stream behind `position`, an event's number, or with what happens next. `onEvent` gets each event, `onGap`
 * is called when some are lost, and `onLink` when the stream is open or no longer.
 */
export function follow(
  { url, position, types, onEvent, onGap, onLink },
  Source = EventSource,
  wait = setTimeout,
) {
  let last = position
  const open = () => {
    const from = new URL(url)
    for (const type of types) from.searchParams.append('event_type', type)
    if (last !== undefined && last !== '') from.searchParams.set('last_event_id', last)
    const source = new Source(from)
    for (const type of types) {
      source.addEventListener(type, (event) => {
        if (event.lastEventId !== '') last = event.lastEventId
        onEvent(event)
      })
    }
    source.addEventListener('event_gap', (event) => {
      last = event.lastEventId === '' ? undefined : event.lastEventId
      onGap()
    })
    source.addEventListener('open', () => onLink(true))
    source.addEventListener('error', () => {
      onLink(false)
      if (source.readyState === closed) wait(open, retryMs)
    })
  }
  open()
}

/** Tells of the events of one type among the last `events` before `position`, those that are still kept. */
export function recall(
  { url, position, events, type, forMs, onEvent },
  Source = EventSource,
  wait = setTimeout,
) {
  const from = new URL(url)
  from.searchParams.set('event_type', type)
  from.searchParams.set('last_event_id', String(Math.max(0, position - events)))
  const source = new Source(from)
  source.addEventListener(type, onEvent)
  source.addEventListener('error', () => source.close())
  wait(() => source.close(), forMs)
}
