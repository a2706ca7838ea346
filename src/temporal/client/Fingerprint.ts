import { createHash } from "node:crypto"
import { isArray, isObject, type Json } from "../../concept/Json.ts"
import type { Stuff } from "../../concept/Stuff.ts"
import type { WorkingMemory } from "../../concept/WorkingMemory.ts"
import type { Crate } from "../../program/PipeRunner.ts"
import type { RunScope } from "../../program/RunScope.ts"

/** Digests that tell whether two submissions are of the same method and of the same run. */
const ordered = (value: unknown): unknown => {
  if (isArray(value)) return value.map(ordered)
  if (!isObject(value)) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
  return Object.fromEntries(entries.map(([key, inner]) => [key, ordered(inner)]))
}

/** SHA-256 of the value as JSON with sorted keys, in hex. */
export const digest = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(ordered(value))).digest("hex")

/** Of a method: its concepts and its pipes, in whatever order they were found. */
export const ofCrate = ({ compat, concepts, pipes }: Crate): string =>
  digest({ compat, concepts: concepts.toSorted((a, b) => a.ref < b.ref ? -1 : 1), pipes })

/** What is asked for of a run, beside its method. */
export interface Asked {
  readonly ref: string
  readonly memory: WorkingMemory
  readonly scope: RunScope
  readonly result?: string | undefined
  readonly multiplicity?: Json | undefined
}

const given = ({ concept, content, name, plural }: Stuff) => ({ name, concept, plural, content })

/** Of a run: its method, where it starts and what it is given. Who asks, when and with which settings makes no difference. */
export const ofRun = (crateDigest: string, { memory, multiplicity, ref, result, scope }: Asked): string =>
  digest({
    crate: crateDigest,
    ref,
    result: result ?? null,
    multiplicity: multiplicity ?? null,
    dynamic: scope.dynamicOutput ?? null,
    inputs: Array.from(memory.root.values(), given).toSorted((a, b) => a.name < b.name ? -1 : 1)
  })
