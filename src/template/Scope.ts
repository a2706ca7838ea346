/** The names a template binds, in nested scopes; what none of them binds comes from the context, then from the globals. */
import type { Value } from "./Value.ts"

export class Scope {
  readonly parent: Scope | undefined
  readonly root: Scope
  #values: Map<string, Value> | undefined

  constructor(parent?: Scope) {
    this.parent = parent
    this.root = parent?.root ?? this
  }

  set(name: string, value: Value): void {
    this.#values ??= new Map()
    this.#values.set(name, value)
  }

  get(name: string): Value | undefined {
    const own = this.#values?.get(name)
    if (own !== undefined) return own
    for (let scope = this.parent; scope !== undefined; scope = scope.parent) {
      const value = scope.#values?.get(name)
      if (value !== undefined) return value
    }
    return undefined
  }
}
