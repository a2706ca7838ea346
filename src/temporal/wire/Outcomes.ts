import * as Exit from "effect/Exit"
import { isObject, type JsonObject } from "../../concept/Json.ts"
import { fail } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import * as Wire from "../../failure/Wire.ts"
import { failureOf } from "../../pipe/Items.ts"
import type { ItemExit } from "../../program/PipeRunner.ts"

/** How an item of a batch ended, as plain data: what it made, nothing, why it failed, or null when it was not begun. */
export type SentOutcome =
  | { readonly made: JsonObject }
  | { readonly absent: true }
  | { readonly failed: unknown }
  | null

export const encode = (exit: ItemExit): SentOutcome => {
  if (exit === undefined) return null
  if (Exit.isSuccess(exit)) return exit.value === undefined ? { absent: true } : { made: exit.value }
  // A defect of one item is a failure of the run, as it is where the item is a workflow of its own.
  const failure = failureOf(exit) ?? fail(new Reason.Unexpected({ problem: "an item ended without an answer" }))
  return { failed: Wire.encode(failure) }
}

export const decode = (outcome: SentOutcome): ItemExit => {
  if (outcome === null) return undefined
  if ("made" in outcome) return Exit.succeed(isObject(outcome.made) ? outcome.made : undefined)
  return "failed" in outcome ? Exit.fail(Wire.decode(outcome.failed)) : Exit.succeed(undefined)
}

/** Whether the item need not be run again. */
export const isDone = (outcome: SentOutcome): boolean => outcome !== null && !("failed" in outcome)
