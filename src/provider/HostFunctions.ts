import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { none } from "../failure/Usage.ts"
import type { Handlers } from "../program/Leaves.ts"

/** A stuff as a host function sees it. */
export interface FunctionInput {
  readonly concept: string
  readonly content: unknown
}

/**
 * A function that a PipeFunc calls with the working memory, by name. It returns a content, a list of contents, or a string. What it
 * throws becomes `pipe.function_raised`, without its message, which might quote data.
 */
export type HostFunction = (memory: Readonly<Record<string, FunctionInput>>) => unknown

export type HostFunctions = Readonly<Record<string, HostFunction>>

/** What is left of a value where only JSON gets through, as it would between processes. */
const plain = (value: unknown): unknown => {
  const text: string | undefined = JSON.stringify(value)
  return text === undefined ? null : JSON.parse(text)
}

const nameOf = (cause: unknown): string => cause instanceof Error ? cause.name : typeof cause

export const handler = (functions: HostFunctions): Handlers["act_func"] =>
  Effect.fn("HostFunctions.call")(function*(job) {
    const registered = Object.hasOwn(functions, job.function) ? functions[job.function] : undefined
    if (registered === undefined) {
      return yield* fail(new Reason.FunctionInvalid({ function: job.function, problem: "is not registered" }))
    }
    const start = yield* Clock.currentTimeMillis
    const value = yield* Effect.tryPromise({
      try: async () => plain(await registered(job.memory)),
      catch: (cause) => fail(new Reason.FunctionRaised({ function: job.function, error: nameOf(cause) }))
    })
    return { value, usage: { ...none, seconds: ((yield* Clock.currentTimeMillis) - start) / 1000 } }
  })
