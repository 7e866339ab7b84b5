// A validator: every app and pod says in a label whom to ask about it, and nothing sets variables that begin with a
// reserved prefix. It remembers nothing: what it says depends on the definition and on its configuration alone.

export class OwnerRule {
  #label = 'owner'
  #reservedPrefix = undefined

  /** Called once, before anything else, when the descriptor has a configuration. What it throws ends the start. */
  initialize(_marathonInfo, { label = 'owner', reservedPrefix }) {
    if (typeof label !== 'string' || label === '') throw new TypeError(`label is ${label}, expected a text`)
    this.#label = label
    this.#reservedPrefix = reservedPrefix
  }

  /** `definition` is what the API shows; apps call their variables `env`, pods `environment`. */
  validate(definition, { kind }) {
    const wrong = []
    if (!definition.labels?.[this.#label]) {
      wrong.push({ path: '/labels', message: `every ${kind} needs a label '${this.#label}'` })
    }
    const variables = kind === 'app' ? 'env' : 'environment'
    for (const name of Object.keys(definition[variables] ?? {})) {
      if (this.#reservedPrefix !== undefined && name.startsWith(this.#reservedPrefix)) {
        wrong.push({ path: `/${variables}/${name}`, message: `${this.#reservedPrefix}* is reserved` })
      }
    }
    return wrong
  }
}
