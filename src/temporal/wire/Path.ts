import * as PipePath from "../../program/PipePath.ts"
import type { SentStep } from "./Payload.ts"

/** A path as plain data: its steps, entry first. */
export const encode = (path: PipePath.PipePath): ReadonlyArray<SentStep> => {
  const steps: Array<SentStep> = []
  for (let at: PipePath.PipePath | undefined = path; at !== undefined; at = at.parent) {
    steps.unshift({ code: at.code, ref: at.ref, ...(at.index === undefined ? {} : { index: at.index }) })
  }
  return steps
}

/** The path of these steps; a path has at least one, so none stand for an entry without a name. */
export const decode = ([first, ...rest]: ReadonlyArray<SentStep>): PipePath.PipePath =>
  rest.reduce(
    (parent, step) => PipePath.child(parent, step, step.index ?? 0),
    PipePath.entry(first ?? { code: "", ref: "" })
  )

/** The steps from one path to another below it. */
export const below = (base: PipePath.PipePath, path: PipePath.PipePath): ReadonlyArray<SentStep> =>
  encode(path).slice(base.depth)
