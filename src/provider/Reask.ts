import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { isArray, isObject, type Json, own, pointerStep } from "../concept/Json.ts"
import type { Misfit } from "../failure/Metadata.ts"
import { PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Structure } from "../program/Leaves.ts"
import type { ObjectReply, Turn } from "./Adapter.ts"
import type { Check } from "./Answer.ts"

/**
 * Asking again for a structured answer that did not fit. The answer goes back to the model, with what was wrong with it, and nowhere
 * else: failures and corrections name places and reasons, never values.
 */
export interface Asking<Message, A> {
  /** Answers asked for, the first included. */
  readonly attempts: number
  /** One answer, given the earlier ones that did not fit. Its failure ends the loop at once. */
  readonly ask: (
    turns: ReadonlyArray<Turn<Message>>
  ) => Effect.Effect<Pick<ObjectReply<Message>, "message" | "value">, PipeFailure>
  readonly check: Check<A>
  readonly model: string
  readonly provider: string
  readonly structure: Pick<Structure, "concept" | "schema">
}

const mostMisfits = 20
const mostCharacters = 4096
const longest = 512

const clipped = (text: string): string => text.length > longest ? `${text.slice(0, longest - 1)}…` : text

/** So many that a model can mend them in one go, and so few that they stay a small part of the prompt: 20, and 4 KB. */
export const capped = (misfits: ReadonlyArray<Misfit>): ReadonlyArray<Misfit> => {
  const kept: Array<Misfit> = []
  let characters = 0
  for (const misfit of misfits.slice(0, mostMisfits)) {
    const short = { pointer: clipped(misfit.pointer), reason: clipped(misfit.reason) }
    characters += line(short).length + 1
    if (characters > mostCharacters) break
    kept.push(short)
  }
  return kept
}

const line = ({ pointer, reason }: Misfit): string => `- ${pointer === "" ? "the answer" : pointer}: ${reason}`

const namesIn = (schema: Json): ReadonlyArray<string> => {
  if (isArray(schema)) return schema.flatMap(namesIn)
  if (!isObject(schema)) return []
  const properties = own(schema, "properties")
  return [...(isObject(properties) ? Object.keys(properties) : []), ...Object.values(schema).flatMap(namesIn)]
}

/** The misfits as a failure tells them: a key that the model made up is a part of its answer, so the place says `*` for it. */
export const reported = (
  misfits: ReadonlyArray<Misfit>,
  { schema }: Pick<Structure, "schema">
): ReadonlyArray<Misfit> => {
  const known = new Set(namesIn(schema).map(pointerStep))
  return capped(misfits).map(({ pointer, reason }) => ({
    pointer: pointer.replaceAll(/\/[^/]*/g, (step) => known.has(step) || /^\/\d+$/.test(step) ? step : "/*"),
    reason
  }))
}

const wordings = {
  tool: { wrong: "The call is not valid:", again: "Make the call again with these errors fixed." },
  json: {
    wrong: "The answer is not valid:",
    again: "Answer again with these errors fixed. Write the corrected JSON and nothing else."
  }
} as const

/** What the model is told of its answer: `tool` where it was to make a call, `json` where it was to write the object itself. */
export const correction = (misfits: ReadonlyArray<Misfit>, mode: "tool" | "json"): string =>
  [wordings[mode].wrong, ...capped(misfits).map(line), "", wordings[mode].again].join("\n")

const withAttempts = (count: number) => (failure: PipeFailure): PipeFailure =>
  count === 1 ? failure : new PipeFailure({
    reason: failure.reason,
    location: failure.location,
    attempts: { ...failure.attempts, reask: count },
    ...(failure.usage === undefined ? {} : { usage: failure.usage })
  })

export interface Asked<A> {
  readonly value: A
  /** How many answers were asked for. */
  readonly attempts: number
}

/** Asks until an answer fits, without delay. An answer that could not even be read is one that does not fit. */
export const reask = <Message, A>(
  { ask, attempts, check, model, provider, structure }: Asking<Message, A>
): Effect.Effect<Asked<A>, PipeFailure> => {
  const attempt = (turns: ReadonlyArray<Turn<Message>>): Effect.Effect<Asked<A>, PipeFailure> => {
    const count = turns.length + 1
    return Effect.flatMap(Effect.mapError(ask(turns), withAttempts(count)), ({ message, value }) => {
      const checked = Result.isSuccess(value)
        ? check(value.success)
        : Result.fail([{ pointer: "", reason: value.failure }])
      if (Result.isSuccess(checked)) return Effect.succeed({ value: checked.success, attempts: count })
      if (count < attempts) return attempt([...turns, { message, misfits: capped(checked.failure) }])
      const reason = new Reason.OutputSchemaMismatch({
        model,
        provider,
        concept: structure.concept,
        attempts: count,
        misfits: reported(checked.failure, structure)
      })
      return Effect.fail(new PipeFailure({ reason, location: {}, attempts: { reask: count } }))
    })
  }
  return Effect.suspend(() => attempt([]))
}
