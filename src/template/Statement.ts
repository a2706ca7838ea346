/** What statements compile to. */
import type { Run } from "./Run.ts"
import type { Scope } from "./Scope.ts"
import type { Value } from "./Value.ts"

/** Writes to the run. */
export type Exec = (scope: Scope, run: Run) => void

/** Binds a value to names of a scope. */
export type Assign = (scope: Scope, value: Value, run: Run) => void
