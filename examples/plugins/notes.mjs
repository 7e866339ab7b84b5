// A request handler: notes of operators, kept while the server runs. `PUT /v2/plugins/notes/<name>` writes one, GET and
// DELETE read and remove it, `GET /v2/plugins/notes/all` lists them.

export class Notes {
  #notes = new Map()
  #frameworkName = 'marathon'
  #mostNotes = 100

  initialize({ frameworkName }, { mostNotes = 100 }) {
    this.#frameworkName = frameworkName
    this.#mostNotes = mostNotes
  }

  /** May be async; the answer is what has been written to `response` by its end. Without a status it is 401. */
  serve(request, response) {
    const name = request.requestPath
    if (request.method === 'PUT') return this.#write(name, Buffer.from(request.body).toString(), response)
    if (request.method === 'POST') return response.status(405)
    if (request.method === 'DELETE') return response.status(this.#notes.delete(name) ? 204 : 404)
    if (name === 'all') {
      const notes = Object.fromEntries(this.#notes)
      response.status(200)
      return response.body('application/json', JSON.stringify({ of: this.#frameworkName, notes }))
    }
    const note = this.#notes.get(name)
    if (note === undefined) return response.status(404)
    response.status(200)
    response.header('X-Note-Length', String(note.length))
    response.body('text/plain', note)
  }

  #write(name, note, response) {
    if (!this.#notes.has(name) && this.#notes.size >= this.#mostNotes) return response.status(507)
    this.#notes.set(name, note)
    response.status(204)
  }
}
