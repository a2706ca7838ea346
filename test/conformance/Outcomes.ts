/** How a run ended: the facts that a program may act on, never the wording. */
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import { list, object, string } from "./Corpus.ts"
import { type Difference, differs, first } from "./Difference.ts"
import { faults } from "./Verdicts.ts"

const equal = (at: string, recorded: Json | undefined, ours: Json | undefined): Difference =>
  JSON.stringify(recorded ?? null) === JSON.stringify(ours ?? null) ? undefined : differs(at, recorded, ours)

/** What the recording leaves open, ours may know. */
const known = (at: string, recorded: Json | undefined, ours: Json | undefined): Difference =>
  recorded === null || recorded === undefined ? undefined : equal(at, recorded, ours)

const location = (recorded: JsonObject, ours: PipeFailure["location"]): Difference =>
  first(
    ["pipe", "path", "input", "field"].map((key) =>
      known(`location.${key}`, recorded[key], object(ours as JsonObject)[key])
    )
  )

const failed = (recorded: JsonObject, ours: PipeFailure): Difference => {
  if (recorded["code"] !== ours.code) {
    return `code: recorded ${string(recorded["code"])}, ours ${ours.code}: ${ours.message}`
  }
  const problem = object(recorded["problem"])
  if (ours.reason._tag === "MethodInvalid") return faults(list(problem["errors"]).map(object), ours.reason.issues)
  return first([
    recorded["category"] === undefined ? undefined : equal("category", recorded["category"], ours.category),
    equal("retryable", recorded["retryable"], ours.retry === "yes"),
    known("user_action", recorded["user_action"], ours.suggestedAction.kind),
    known("model", recorded["model"], ours.model),
    known("provider", recorded["provider"], ours.provider),
    location(object(problem["location"]), ours.location)
  ])
}

export const compare = (recorded: JsonObject, ours: PipeFailure | undefined): Difference => {
  if (recorded["status"] === undefined) return "outcome: nothing was recorded"
  const isOk = recorded["status"] === "ok"
  if (ours === undefined) return isOk ? undefined : `outcome: recorded ${string(recorded["code"])}, ours ok`
  return isOk ? `outcome: recorded ok, ours ${ours.code}: ${ours.message}` : failed(recorded, ours)
}
