// The API console: draws the OpenAPI document of this server and makes calls with it. What the document or the server
// says is only ever set as text, never as markup.

'use strict'

const root = new URL('../', location.href)
const documentUrl = new URL('public/api/v2/openapi.json', root)
/** Characters of an answer that are shown; the rest is cut. */
const shownChars = 200_000

const byId = (id) => document.getElementById(id)

/** An element with text or children. */
function make(tag, options, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value === undefined) continue
    if (name === 'class') element.className = value
    else element.setAttribute(name, value)
  }
  element.append(...children.filter((child) => child !== undefined))
  return element
}

/** Text in which `words` stand as code. */
function prose(text) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? make('code', {}, part) : part))
}

let api

/** What a reference stands for, or the thing itself. */
function resolve(thing) {
  if (typeof thing?.$ref !== 'string') return thing
  return thing.$ref
    .slice(2)
    .split('/')
    .reduce((found, key) => found?.[key], api)
}

const nameOf = (schema) => schema.$ref?.split('/').pop()

// Schemas

function typeOf(schema) {
  const name = nameOf(schema)
  if (name !== undefined) return name
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' | ')
  if (schema.type === 'array') return `[${typeOf(schema.items ?? {})}]`
  if (schema.patternProperties !== undefined) {
    return `{name: ${typeOf(Object.values(schema.patternProperties)[0])}}`
  }
  return schema.type ?? 'anything'
}

function limitsOf(schema) {
  const words = []
  if (schema.format !== undefined && !/^int/.test(schema.format)) words.push(schema.format)
  if (schema.minimum !== undefined) words.push(`≥ ${schema.minimum}`)
  if (schema.maximum !== undefined) words.push(`≤ ${schema.maximum}`)
  if (schema.minLength === 1) words.push('not empty')
  if (schema.default !== undefined) words.push(`default ${JSON.stringify(schema.default)}`)
  return words.join(', ')
}

/** The parts of a schema that have a structure of their own: drawn when somebody opens them. */
function innerOf(schema) {
  const whole = resolve(schema)
  if (whole.properties !== undefined) return [whole]
  if (whole.type === 'array') return innerOf(whole.items ?? {})
  if (whole.anyOf !== undefined) return whole.anyOf.flatMap(innerOf)
  if (whole.patternProperties !== undefined) return innerOf(Object.values(whole.patternProperties)[0])
  return []
}

function drawSchema(schema) {
  const inner = innerOf(schema)
  if (inner.length === 0) return make('p', {}, make('code', {}, typeOf(schema)), ' ', limitsOf(resolve(schema)))
  return make('div', { class: 'schema' }, make('span', { class: 'type' }, typeOf(schema)), ...inner.map(drawFields))
}

function drawFields(object) {
  return make(
    'ul',
    {},
    ...Object.entries(object.properties).map(([key, schema]) => {
      const must = object.required?.includes(key)
      const words = [
        make('code', {}, key),
        ' ',
        make('span', { class: 'type' }, [typeOf(schema), limitsOf(schema)].filter(Boolean).join(', ')),
        must ? make('span', { class: 'must' }, ' required') : undefined,
        schema.description === undefined ? undefined : ` – ${schema.description}`,
      ]
      const inner = innerOf(schema)
      if (inner.length === 0) return make('li', {}, ...words)
      const more = make('details', {}, make('summary', {}, ...words.filter(Boolean)))
      more.addEventListener('toggle', () => more.append(...inner.map(drawFields)), { once: true })
      return make('li', {}, more)
    }),
  )
}

// Bodies to begin with

/** The smallest body that makes sense: what is required, and what everybody sets. */
const beginnings = {
  postV2Apps: { id: '/hello', cmd: 'sleep 3600', cpus: 0.1, mem: 32, instances: 1 },
  putV2Apps: [{ id: '/hello', instances: 2 }],
  patchV2Apps: [{ id: '/hello', instances: 2 }],
  putV2AppsId: { instances: 2 },
  patchV2AppsId: { instances: 2 },
  postV2TasksDelete: { ids: [] },
  postLogging: { logger: 'http', level: 'debug', durationSeconds: 60 },
  postV1AppsStart: { id: 'hello', cmd: 'sleep 3600', instances: 1 },
  postV1AppsScale: { id: 'hello', instances: 2 },
  postV1AppsStop: { id: 'hello' },
  postV2Pods: {
    id: '/pair',
    containers: [{ name: 'one', exec: { command: { shell: 'sleep 3600' } }, resources: { cpus: 0.1, mem: 32 } }],
    scaling: { kind: 'fixed', instances: 1 },
  },
  postV2GroupsId: { apps: [{ id: 'hello', cmd: 'sleep 3600' }] },
  putV2GroupsId: { scaleBy: 2 },
  patchV2GroupsId: { enforceRole: true },
}

function sample(schema, depth = 0) {
  const whole = resolve(schema)
  if (whole.default !== undefined) return whole.default
  if (whole.enum !== undefined) return whole.enum[0]
  if (whole.anyOf !== undefined) return sample(whole.anyOf[0], depth)
  switch (whole.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(whole.properties ?? {})
          .filter(([key]) => depth < 4 && whole.required?.includes(key))
          .map(([key, value]) => [key, sample(value, depth + 1)]),
      )
    case 'array':
      return depth < 4 && whole.items !== undefined ? [sample(whole.items, depth + 1)] : []
    case 'integer':
    case 'number':
      return whole.minimum ?? 0
    case 'boolean':
      return false
    default:
      return ''
  }
}

// Calls

function drawCall(path, method, operation) {
  const id = operation.operationId
  const call = make(
    'details',
    { class: 'call', id },
    make(
      'summary',
      {},
      make('span', { class: `method ${method}` }, method.toUpperCase()),
      make('span', { class: 'path' }, path),
      make('span', { class: 'summary' }, ...prose(operation.summary)),
    ),
  )
  call.addEventListener('toggle', () => call.append(drawInside(path, method, operation)), { once: true })
  return call
}

function drawInside(path, method, operation) {
  const inside = make('div', {})
  const parameters = operation.parameters ?? []
  if (parameters.length > 0) {
    inside.append(
      make('h3', {}, 'Parameters'),
      make(
        'table',
        {},
        make(
          'tbody',
          {},
          ...parameters.map((parameter) =>
            make(
              'tr',
              {},
              make('td', {}, make('code', {}, parameter.name), parameter.required ? '' : ' (optional)'),
              make('td', {}, parameter.in),
              make('td', {}, ...prose(parameter.description ?? ''), describeValues(parameter.schema)),
            ),
          ),
        ),
      ),
    )
  }
  inside.append(drawTry(path, method, operation))
  for (const [type, { schema }] of Object.entries(operation.requestBody?.content ?? {})) {
    inside.append(make('h3', {}, 'Body', type === 'application/json' ? '' : ` (${type})`), drawSchema(schema))
  }
  inside.append(make('h3', {}, 'Answers'), drawAnswers(operation.responses))
  return inside
}

function describeValues(schema) {
  const values = (schema.items ?? schema).enum
  const words = [
    values === undefined ? undefined : values.join(', '),
    schema.default === undefined ? undefined : `default ${schema.default}`,
  ].filter(Boolean)
  return words.length === 0 ? '' : ` (${words.join('; ')})`
}

function drawAnswers(responses) {
  const rows = Object.entries(responses).filter(([status]) => status !== 'default')
  return make(
    'table',
    {},
    make(
      'tbody',
      {},
      ...rows.map(([status, reference]) => {
        const answer = resolve(reference)
        const headers = Object.keys(answer.headers ?? {})
        const contents = Object.entries(answer.content ?? {})
        return make(
          'tr',
          {},
          make('td', {}, make('code', {}, status)),
          make(
            'td',
            {},
            ...prose(answer.description),
            headers.length === 0 ? '' : `. Headers: ${headers.join(', ')}`,
            ...contents.map(([type, { schema }]) =>
              type === 'application/json'
                ? drawSchema(schema)
                : make('p', { class: 'hint' }, 'As ', make('code', {}, type)),
            ),
          ),
        )
      }),
    ),
  )
}

// Trying a call

function drawTry(path, method, operation) {
  const parameters = operation.parameters ?? []
  const inputs = new Map(parameters.map((parameter) => [parameter, inputFor(parameter)]))
  const bodyType = Object.keys(operation.requestBody?.content ?? {})[0]
  const hasText = bodyType === 'application/json'
  const body = hasText
    ? make('textarea', { spellcheck: 'false', 'aria-label': 'Body as JSON' })
    : bodyType === undefined
      ? undefined
      : make('input', { type: 'file', 'aria-label': 'File' })
  if (hasText) {
    const beginning = beginnings[operation.operationId] ?? sample(operation.requestBody.content[bodyType].schema)
    body.value = JSON.stringify(beginning, null, 2)
    body.rows = Math.min(30, body.value.split('\n').length + 1)
  }
  const send = make('button', { class: 'send', type: 'submit' }, method === 'get' ? 'Get' : 'Send')
  const stop = make('button', { type: 'button', hidden: '' }, 'Stop')
  const command = make('pre', { 'aria-label': 'The same with curl' })
  const outcome = make('div', { 'aria-live': 'polite' })
  const form = make(
    'form',
    {},
    make('h3', {}, 'Try it'),
    make('div', { class: 'fields' }, ...parameters.map((parameter) => inputs.get(parameter).label)),
    body,
    make('div', { class: 'actions' }, send, stop),
    make('details', {}, make('summary', {}, 'With curl'), command),
    outcome,
  )
  const request = () => requestOf(path, method, [...inputs], hasText ? body.value : undefined)
  const spell = () => {
    command.textContent = curlOf(request())
  }
  form.addEventListener('input', spell)
  spell()
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const asked = request()
    const change = method === 'get' ? undefined : asked.text ?? fileBody(body, bodyType)
    const abort = new AbortController()
    send.disabled = true
    stop.hidden = false
    stop.onclick = () => abort.abort()
    await attempt(asked, change, { outcome, signal: abort.signal, type: fileTypeOf(bodyType) })
    send.disabled = false
    stop.hidden = true
  })
  return form
}

function fileBody(input, type) {
  const file = input?.files?.[0]
  if (file === undefined || type !== 'multipart/form-data') return file
  const form = new FormData()
  form.append('file', file)
  return form
}

/** A form's type has its boundary in it, which the browser chooses. */
const fileTypeOf = (type) => (type === 'multipart/form-data' ? undefined : type)

function inputFor(parameter) {
  const { name, schema } = parameter
  const values = (schema.items ?? schema).enum
  if (schema.type === 'boolean') {
    const input = make('select', { name }, ...['', 'true', 'false'].map((value) => make('option', { value }, value)))
    input.options[0].textContent = `as it is (${schema.default ?? false})`
    return { label: make('label', {}, name, input), value: () => [input.value].filter(Boolean) }
  }
  if (values !== undefined && values.length <= 12 && schema.type === 'array') {
    const boxes = values.map((value) => make('input', { type: 'checkbox', value }))
    const label = make(
      'fieldset',
      {},
      make('legend', {}, name),
      ...boxes.map((box, index) => make('label', { class: 'check' }, box, values[index])),
    )
    return { label, value: () => boxes.filter((box) => box.checked).map((box) => box.value) }
  }
  const input = make('input', {
    name,
    type: schema.type === 'integer' ? 'number' : 'text',
    placeholder: parameter.in === 'path' && name === 'id' ? '/hello' : '',
    required: parameter.required ? '' : undefined,
    autocomplete: 'off',
    spellcheck: 'false',
  })
  return { label: make('label', {}, name, input), value: () => (input.value === '' ? [] : [input.value]) }
}

/** `{url, method, text}`: ids keep their slashes. */
function requestOf(path, method, inputs, text) {
  let filled = path
  const query = new URLSearchParams()
  for (const [parameter, input] of inputs) {
    const values = input.value()
    if (parameter.in === 'path') {
      const value = (values[0] ?? '').replace(/^\/+/, '')
      const keepsSlashes = ['id', 'file', 'path'].includes(parameter.name)
      const escaped = keepsSlashes ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value)
      filled = filled.replace(`{${parameter.name}}`, escaped)
    } else for (const value of values) query.append(parameter.name, value)
  }
  const url = new URL(filled.slice(1), root)
  url.search = query.toString()
  return { url, method: method.toUpperCase(), text: method === 'get' ? undefined : text }
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`

function curlOf({ url, method, text }) {
  const words = ['curl', method === 'GET' ? '' : `-X ${method}`, quoted(url.href)]
  if (text !== undefined) words.push(`-H 'Content-Type: application/json' -d ${quoted(text)}`)
  return words.filter(Boolean).join(' ')
}

const shownHeaders = [
  'marathon-deployment-id',
  'marathon-warnings',
  'location',
  'etag',
  'content-type',
  'marathon-log-start',
  'marathon-log-end',
  'marathon-log-size',
]

async function attempt({ url, method }, body, { outcome, signal, type }) {
  outcome.replaceChildren(make('p', { class: 'hint' }, 'Waiting for the answer …'))
  try {
    const headers = { accept: url.pathname.endsWith('/v2/events') ? 'text/event-stream' : 'application/json, */*;q=0.5' }
    if (body !== undefined && type !== undefined) headers['content-type'] = type
    const started = performance.now()
    const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' })
    const ms = Math.round(performance.now() - started)
    const named = shownHeaders
      .filter((name) => response.headers.has(name))
      .map((name) => `${name}: ${response.headers.get(name)}`)
    const status = response.type === 'opaqueredirect' ? 'leads elsewhere' : `${response.status} ${response.statusText}`
    const shown = make('pre', {})
    outcome.replaceChildren(
      make('p', { class: response.ok ? 'good' : 'hint' }, make('b', {}, status), ` after ${ms} ms`),
      named.length === 0 ? '' : make('pre', {}, named.join('\n')),
      shown,
    )
    await showBody(response, shown)
    if (shown.textContent === '') shown.remove()
  } catch (error) {
    const why = signal.aborted ? 'Stopped.' : `No answer: ${error.message}`
    outcome.append(make('p', { class: signal.aborted ? 'hint' : 'problem' }, why))
  }
}

/** JSON is set out in lines, everything else is shown as it comes. */
async function showBody(response, shown) {
  if (response.body === null) return
  const isJson = response.headers.get('content-type')?.includes('json') === true
  const decoder = new TextDecoder()
  let text = ''
  for (let reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read()
    text += done ? decoder.decode() : decoder.decode(value, { stream: true })
    if (done) break
    if (!isJson) shown.textContent = text.slice(-shownChars)
  }
  if (isJson) {
    const lines = JSON.stringify(JSON.parse(text), null, 2)
    shown.textContent = lines.length > shownChars ? `${lines.slice(0, shownChars)}\n… cut` : lines
  }
}

// The page

function draw() {
  byId('version').textContent = api.info.version
  byId('about').replaceChildren(...prose(api.info.description))
  const calls = Object.entries(api.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  )
  for (const { name, description } of api.tags) {
    const own = calls.filter(({ operation }) => operation.tags.includes(name))
    if (own.length === 0) continue
    byId('calls').append(
      make(
        'section',
        { id: name },
        make('h2', {}, name),
        make('p', {}, description),
        ...own.map(({ path, method, operation }) => drawCall(path, method, operation)),
      ),
    )
    byId('index').append(
      make(
        'li',
        {},
        make('a', { href: `#${name}` }, name),
        make(
          'ul',
          {},
          ...own.map(({ path, method, operation }) =>
            make(
              'li',
              {},
              make(
                'a',
                { href: `#${operation.operationId}` },
                make('b', { class: method }, method.toUpperCase()),
                path,
              ),
            ),
          ),
        ),
      ),
    )
  }
}

function find() {
  const wanted = byId('find').value.toLowerCase().trim()
  const matches = (text) => text.toLowerCase().includes(wanted)
  for (const section of byId('calls').children) {
    let shown = 0
    for (const call of section.querySelectorAll('details.call')) {
      const isWanted = matches(call.firstElementChild.textContent)
      call.hidden = !isWanted
      if (isWanted) shown++
      const link = byId('index').querySelector(`a[href="#${call.id}"]`)
      link.parentElement.hidden = !isWanted
    }
    section.hidden = shown === 0
    byId('index').querySelector(`a[href="#${section.id}"]`).parentElement.hidden = shown === 0
  }
  byId('nothing').hidden = [...byId('calls').children].some((section) => !section.hidden)
}

/** The call that the address names is open. */
function openNamed() {
  const named = byId(decodeURIComponent(location.hash.slice(1)))
  if (named?.matches('details.call')) named.open = true
  named?.scrollIntoView()
}

async function start() {
  try {
    const response = await fetch(documentUrl, { headers: { accept: 'application/json' } })
    if (!response.ok) throw new Error(`${documentUrl.pathname} answered ${response.status}`)
    api = await response.json()
    draw()
    byId('find').addEventListener('input', find)
    addEventListener('hashchange', openNamed)
    openNamed()
  } catch (error) {
    byId('problem').textContent = `The description of the API cannot be read: ${error.message}`
    byId('problem').hidden = false
  }
}

start()
