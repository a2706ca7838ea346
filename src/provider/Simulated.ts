import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { digest } from "../concept/Digest.ts"
import { isArray, isObject, type Json, type JsonObject, own } from "../concept/Json.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import type { Usage } from "../failure/Usage.ts"
import type { Handlers, Job, Structure } from "../program/Leaves.ts"
import { type Check, type Checks } from "./Answer.ts"
import { reask } from "./Reask.ts"

/**
 * The built-in stand-in for a model: deterministic, true to the schema it is given, and labelled wherever it shows. It calls nobody
 * and knows nothing; it makes a method run where there is no model to ask.
 */
export const label = "simulated"

const fingerprint = (text: string): string => digest(text).toString(16).padStart(8, "0")

const words = (path: string): string => path.replaceAll(/[_/.]+/g, " ").trim()

type Schema = JsonObject

const resolve = (schema: Schema, root: Schema): Schema => {
  const ref = own(schema, "$ref")
  if (typeof ref !== "string") return schema
  const defs = own(root, "$defs")
  const target = isObject(defs) ? own(defs, ref.replace("#/$defs/", "")) : undefined
  return isObject(target) ? target : {}
}

const formats: Readonly<Record<string, string>> = {
  date: "2026-03-04",
  "date-time": "2026-03-04T05:06:07Z",
  time: "05:06:07"
}

const scalars: Readonly<Record<string, (path: string, schema: Schema) => Json>> = {
  string: (path, schema) => {
    const format = own(schema, "format")
    return (typeof format === "string" ? own(formats, format) : undefined) ?? `${label} ${words(path)}`
  },
  integer: () => 1,
  number: () => 0.5,
  boolean: () => true,
  null: () => null
}

/** An instance of a JSON Schema: its first choice, its non-null form, two items in every list. */
const instance = (written: Schema, root: Schema, path: string, count: number, depth: number): Json => {
  const schema = resolve(written, root)
  const constant = own(schema, "const")
  if (constant !== undefined) return constant
  const choices = own(schema, "enum")
  if (isArray(choices)) return choices[0] ?? null
  const union = own(schema, "anyOf")
  if (isArray(union)) {
    const form = union.filter(isObject).find((member) => own(member, "type") !== "null")
    return form === undefined || depth > 8 ? null : instance(form, root, path, count, depth)
  }
  const type = own(schema, "type")
  if (type === "array") {
    const items = own(schema, "items")
    const length = depth > 8 ? 0 : count
    return Array.from(
      { length },
      (_, index) => instance(isObject(items) ? items : {}, root, `${path} ${index + 1}`, 2, depth + 1)
    )
  }
  const properties = own(schema, "properties")
  if (isObject(properties)) {
    return Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [
        name,
        isObject(inner)
          ? instance(inner, root, `${path} ${name}`, name === "items" && path === "" ? count : 2, depth + 1)
          : null
      ])
    )
  }
  if (type === "object") {
    const values = own(schema, "additionalProperties")
    return isObject(values) ? { key1: instance(values, root, `${path} key1`, 2, depth + 1) } : {}
  }
  return (typeof type === "string" ? own(scalars, type) : undefined)?.(path, schema) ?? `${label} ${words(path)}`
}

/** What the stand-in answers for a structure. */
export const object = ({ count, schema }: Structure): JsonObject => {
  const made = instance(schema, schema, "", count ?? 2, 0)
  return isObject(made) ? made : {}
}

/** What the stand-in answers for a text. */
export const text = (job: Job<"act_llm_gen_text">): string =>
  `[${label}] No model was called. An answer of ${job.setting.model.handle} to pipe ${job.meta.pipe} would stand here (prompt ${
    fingerprint(`${job.prompt.system ?? ""}\n${job.prompt.user}`)
  }, ${job.prompt.user.length} characters).`

const usage = (job: Job<"act_llm_gen_text">, seconds: number): Usage => ({
  model: job.setting.model.handle,
  backend: label,
  requests: 0,
  reasks: 0,
  units: {},
  seconds,
  simulated: true
})

const timed = <A>(effect: Effect.Effect<A, PipeFailure>): Effect.Effect<readonly [A, number], PipeFailure> =>
  Effect.gen(function*() {
    const start = yield* Clock.currentTimeMillis
    const value = yield* effect
    return [value, ((yield* Clock.currentTimeMillis) - start) / 1000] as const
  })

const structured = <A>(job: Job<"act_llm_gen_object">, check: Check<A>) =>
  Effect.map(
    timed(reask({
      attempts: 1,
      ask: () => Effect.sync(() => object(job.structure)),
      check,
      model: job.setting.model.handle,
      provider: label,
      concept: job.structure.concept
    })),
    ([{ value }, seconds]) => ({ value, usage: usage(job, seconds) })
  )

/** Answers the language-model leaves. */
export const handlers = (
  checks: Checks
): Pick<Handlers, "act_llm_gen_text" | "act_llm_gen_object" | "act_llm_gen_object_list"> => ({
  act_llm_gen_text: (job) =>
    Effect.map(timed(Effect.sync(() => text(job))), ([value, seconds]) => ({ value, usage: usage(job, seconds) })),
  act_llm_gen_object: (job) => structured(job, checks.object(job.structure)),
  act_llm_gen_object_list: (job) => structured(job, checks.list(job.structure))
})
