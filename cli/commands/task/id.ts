// What a task id tells by itself (rest-api 12, id formats): that it is one, and of which app.

/** `<safe path>.instance-<uuid>._app.<attempt>`, and the older form with `marathon-`. */
const instanceId = /^(.+)\.(?:instance|marathon)-[0-9a-f]{8}-[0-9a-f-]{27}/i

export const isTaskId = (text: string): boolean => !text.startsWith('/') && instanceId.test(text)

/** The app of a task whose id allows to tell; `_` in it may stand for a slash only, as app ids have none. */
export function appIdOfTask(taskId: string): string | undefined {
  const safePath = instanceId.exec(taskId)?.[1]
  return safePath === undefined ? undefined : `/${safePath.replaceAll('_', '/')}`
}
