import * as Result from "effect/Result"
import { isObject, type Json, type JsonObject, own } from "../concept/Json.ts"
import * as Slot from "../concept/Slot.ts"
import { main } from "../concept/WorkingMemory.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Defined } from "../library/Definitions.ts"
import * as Entry from "../library/Entry.ts"
import type { Library } from "../library/Library.ts"

/**
 * Inputs out of the result of an upstream method, as `--with-memory` writes it: stuffs bind to the inputs of their name, a method with
 * one input takes the upstream's main output, and what nobody declares is dropped.
 */
export const isEnvelope = (values: JsonObject): boolean => isObject(own(values, "working_memory"))

interface Upstream {
  readonly concept: string
  readonly content: Json
}

const stuffs = (values: JsonObject): ReadonlyMap<string, Upstream> => {
  const memory = own(values, "working_memory")
  const root = isObject(memory) ? own(memory, "root") : undefined
  const aliases = isObject(memory) ? own(memory, "aliases") : undefined
  const found = new Map<string, Upstream>()
  for (const [name, stuff] of Object.entries(isObject(root) ? root : {})) {
    if (!isObject(stuff)) continue
    const concept = own(stuff, "concept")
    const written = isObject(concept) ? own(concept, "code") : concept
    found.set(name, { concept: typeof written === "string" ? written : "", content: own(stuff, "content") ?? null })
  }
  for (const [alias, target] of Object.entries(isObject(aliases) ? aliases : {})) {
    const stuff = typeof target === "string" ? found.get(target) : undefined
    if (stuff !== undefined && !found.has(alias)) found.set(alias, stuff)
  }
  return found
}

const isPlural = (content: Json): content is { readonly items: ReadonlyArray<Json> } =>
  isObject(content) && Object.keys(content).length === 1 && Array.isArray(own(content, "items"))

/** A concept that this method does not know is read by what it holds. */
const value = (library: Library, entry: Defined, { concept, content }: Upstream): Json => {
  const known = Entry.concept(library, entry, concept)
  if (known !== undefined) return { concept: known, content }
  return isPlural(content) ? content.items : content
}

const fits = (library: Library, entry: Defined, slot: Slot.Slot, { concept, content }: Upstream): boolean => {
  const known = Entry.concept(library, entry, concept)
  const isRight = known === undefined || library.concepts.isCompatible(known, slot.concept, false)
  return isRight && (Slot.isPlural(slot) || !isPlural(content) || slot.concept === "native.Anything")
}

export const inputs = (
  library: Library,
  entry: Defined,
  values: JsonObject
): Result.Result<JsonObject, PipeFailure> => {
  const available = stuffs(values)
  const declared = Array.from(entry.inputs)
  const bound: Record<string, Json> = {}
  const missing: Array<string> = []
  for (const [name, slot] of declared) {
    const named = available.get(name)
    const last = declared.length === 1 ? available.get(main) : undefined
    const chosen = last !== undefined && (named === undefined || fits(library, entry, slot, last)) ? last : named
    if (chosen !== undefined) bound[name] = value(library, entry, chosen)
    else if (slot.presence !== "optional") missing.push(name)
  }
  return missing.length === 0
    ? Result.succeed(bound)
    : Result.fail(fail(new Reason.InputMissing({ inputs: missing, available: Array.from(available.keys()) })))
}
