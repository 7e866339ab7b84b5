// As much of a browser as the status page uses: elements that hold text, links that can be followed, an event stream
// fed by hand, and calls that go to a server in this process. What is laid out how, only a browser shows.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { Stack } from '../compat/stack.ts'
import { root } from './repository.ts'

type Child = FakeElement | string

export class FakeElement {
  readonly tag: string
  readonly attributes = new Map<string, string>()
  hidden = false
  checked = false
  value = ''
  nodes: Child[] = []
  parent: FakeElement | undefined
  readonly #listeners = new Map<string, () => void>()

  constructor(tag: string) {
    this.tag = tag
  }
  get children(): FakeElement[] {
    return this.nodes.filter((node) => node instanceof FakeElement)
  }
  set className(value: string) {
    this.attributes.set('class', value)
  }
  get className(): string {
    return this.attributes.get('class') ?? ''
  }
  set href(value: string) {
    this.attributes.set('href', value)
  }
  get textContent(): string {
    return this.nodes.map((node) => (typeof node === 'string' ? node : node.textContent)).join('')
  }
  set textContent(value: string) {
    this.replaceChildren(value)
  }
  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value)
  }
  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null
  }
  append(...nodes: Child[]): void {
    for (const node of nodes) this.#insert(node, this.nodes.length)
  }
  replaceChildren(...nodes: Child[]): void {
    for (const child of this.children) child.remove()
    this.nodes = []
    this.append(...nodes)
  }
  insertBefore(node: FakeElement, before: FakeElement | null): void {
    node.remove()
    this.#insert(node, before === null ? this.nodes.length : this.nodes.indexOf(before))
  }
  #insert(node: Child, at: number): void {
    if (node instanceof FakeElement) node.parent = this
    this.nodes.splice(at, 0, node)
  }
  remove(): void {
    if (this.parent === undefined) return
    this.parent.nodes = this.parent.nodes.filter((node) => node !== this)
    this.parent = undefined
  }
  contains(other: FakeElement | null): boolean {
    return other !== null && (other === this || this.children.some((child) => child.contains(other)))
  }
  /** By tag, or by tag and the presence of an attribute. */
  querySelectorAll(selector: string): FakeElement[] {
    const [, tag, attribute] = /^(\w+)(?:\[(\w+)\])?$/.exec(selector)!
    return this.children.flatMap((child) => [
      ...(child.tag === tag && (attribute === undefined || child.attributes.has(attribute)) ? [child] : []),
      ...child.querySelectorAll(selector),
    ])
  }
  querySelector(selector: string): FakeElement | null {
    return this.querySelectorAll(selector)[0] ?? null
  }
  addEventListener(type: string, listener: () => void): void {
    this.#listeners.set(type, listener)
  }
  dispatch(type: string): void {
    this.#listeners.get(type)?.()
  }
  focus(): void {
    focused = this
  }
}

let focused: FakeElement | null = null

const voidTags = new Set(['meta', 'link', 'input', 'path', 'rect'])

/** The elements of a page that is well formed but for its void elements. */
function parse(html: string): FakeElement {
  const top = new FakeElement('document')
  let at = top
  for (const [, closing, tag, attributes, text] of html.matchAll(/<(\/?)(\w+)((?:\s[^>]*)?)>|([^<]+)/g)) {
    if (text !== undefined) at.append(text)
    else if (closing === '/') at = at.parent!
    else {
      const element = new FakeElement(tag!)
      for (const [, name, value] of attributes!.matchAll(/([\w-]+)(?:="([^"]*)")?/g))
        element.setAttribute(name!, value ?? '')
      element.hidden = element.attributes.has('hidden')
      at.append(element)
      if (!voidTags.has(tag!)) at = element
    }
  }
  return top
}

/** A stream the test speaks on. */
export class FakeStream {
  readonly url: URL
  readyState = 1
  readonly #listeners = new Map<string, (event: object) => void>()

  constructor(url: URL | string) {
    this.url = new URL(url)
  }
  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.set(type, listener)
  }
  close(): void {
    this.readyState = 2
  }
  tell(type: string, body: object = {}, id = ''): void {
    this.#listeners.get(type)?.({ type, data: JSON.stringify(body), lastEventId: id })
  }
}

export interface Page {
  readonly byId: (id: string) => FakeElement
  /** The text of the row of a table whose first cell is this, cell by cell. */
  readonly row: (table: string, first: string) => readonly string[] | undefined
  /** Streams that were opened, in order. */
  readonly streams: readonly FakeStream[]
  /** What was asked for, path and query, since the last time. */
  readonly asked: () => readonly string[]
  readonly go: (hash: string) => Promise<void>
  /** Lets the page's timers of so many milliseconds pass. */
  readonly pass: (ms: number) => Promise<void>
  readonly focused: () => FakeElement | null
}

/** The page as a browser has it some time after it was opened. Real timers are put back by `vi.useRealTimers`. */
export async function openPage(stack: Stack, hash = ''): Promise<Page> {
  const folder = join(root, 'public/ui')
  const top = parse(readFileSync(join(folder, 'index.html'), 'utf8'))
  const all = (element: FakeElement): FakeElement[] => [element, ...element.children.flatMap(all)]
  const elements = new Map(all(top).map((element) => [element.getAttribute('id'), element]))
  const listeners = new Map<string, () => void>()
  const location = { href: 'http://marathon.example/ui/', hash }
  const streams: FakeStream[] = []
  let asked: string[] = []
  let answering = 0
  focused = null
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: stack.now() })
  vi.stubGlobal('location', location)
  vi.stubGlobal('window', { addEventListener: (type: string, run: () => void) => listeners.set(type, run) })
  vi.stubGlobal('scrollTo', () => {})
  vi.stubGlobal('document', {
    title: '',
    hidden: false,
    addEventListener: () => {},
    createElement: (tag: string) => new FakeElement(tag),
    getElementById: (id: string) => elements.get(id),
    get activeElement() {
      return focused !== null && top.contains(focused) ? focused : null
    },
  })
  vi.stubGlobal(
    'EventSource',
    class extends FakeStream {
      constructor(url: URL) {
        super(url)
        streams.push(this)
      }
    },
  )
  vi.stubGlobal('fetch', async (url: URL, { method = 'GET' }: { readonly method?: 'GET' | 'HEAD' } = {}) => {
    const path = url.pathname + url.search
    asked.push(path)
    answering++
    const answer = await stack.server.inject({ method, url: path })
    answering--
    const { statusCode: status, headers } = answer
    const get = (name: string) => headers[name]?.toString() ?? null
    return { status, ok: status < 300, headers: { get }, json: async () => JSON.parse(answer.body) }
  })
  const quiet = async () => {
    for (let turns = 0; turns < 5; turns = answering > 0 ? 0 : turns + 1)
      await new Promise((resolve) => setImmediate(resolve))
  }
  vi.resetModules()
  await import(join(folder, 'status.js'))
  await quiet()
  return {
    byId: (id) => elements.get(id)!,
    row: (table, first) =>
      elements
        .get(table)!
        .querySelectorAll('tr')
        .map((row) => row.children.map((cell) => cell.textContent))
        .find(([cell]) => cell === first),
    streams,
    asked: () => {
      const before = asked
      asked = []
      return before
    },
    go: async (to) => {
      location.hash = to
      listeners.get('hashchange')!()
      await quiet()
    },
    pass: async (ms) => {
      vi.advanceTimersByTime(ms)
      await quiet()
    },
    focused: () => focused,
  }
}
