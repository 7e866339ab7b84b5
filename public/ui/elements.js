// Elements of the status page. What users named is only ever set as text, never as markup.

/** An element with text or children; those that are undefined are left out. */
export function make(tag, options, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value === undefined) continue
    if (name === 'class') element.className = value
    else element.setAttribute(name, value)
  }
  element.append(...children.flat().filter((child) => child !== undefined))
  return element
}

export const count = (number) => number.toLocaleString('en')

export const figure = (number, label, kind) =>
  make('li', {}, make('strong', { class: kind }, number), make('span', {}, label))

/** A link to the page of one service, by its last name or the text given. */
export const linkTo = (id, text = id) => make('a', { href: `#${id}` }, text)

export function bar(done, of, label) {
  const most = Math.max(1, of)
  return make('progress', { max: String(most), value: String(Math.min(done, most)), 'aria-label': label })
}

/** A moment as the API writes it, shown by the clock of whoever looks; today's without the day. */
export function moment(text, now = new Date()) {
  const at = new Date(text)
  const clock = at.toLocaleTimeString('en-GB')
  const isToday = at.toDateString() === now.toDateString()
  const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
  return make('time', { datetime: text, title: text }, isToday ? clock : `${day}, ${clock}`)
}

/** The name of a version is a moment, too, and stays as it is. */
const moments = /(?<!version )(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)/

/** The text of a sentence, the moments in it as moments. */
export const sentence = (text) =>
  text.split(moments).map((part, index) => (index % 2 === 1 ? moment(part) : part))

/**
 * Makes the children of `parent` these, moving as few as can be: what stays where it was keeps its focus and what is
 * selected in it. The focus goes to the link that takes the place of the one that had it.
 */
export function settle(parent, elements) {
  const focused = document.activeElement
  const href = parent.contains(focused) ? focused.getAttribute('href') : null
  const wanted = new Set(elements)
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove()
  elements.forEach((element, index) => {
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null)
  })
  if (href === null || document.activeElement === focused) return
  const successor = [...parent.querySelectorAll('a')].find((link) => link.getAttribute('href') === href)
  successor?.focus({ preventScroll: true })
}

/** Makes elements out of data by key, and gives the same one again as long as its data is the same. */
export function keeper(render) {
  let kept = new Map()
  return (items, keyOf) => {
    const before = kept
    kept = new Map()
    return items.map((item) => {
      const key = keyOf(item)
      const data = JSON.stringify(item)
      const known = before.get(key)
      const entry = known?.data === data ? known : { data, element: render(item) }
      kept.set(key, entry)
      return entry.element
    })
  }
}
