import * as Result from "effect/Result"
import type * as Reason from "../failure/Reason.ts"
import type { ModelTable } from "../program/Models.ts"
import * as Crate from "./Crate.ts"
import { build, type Library } from "./Library.ts"

/**
 * The part of a checked library that a run from one of its pipes can reach, with the models that serve that run. A verdict is made with
 * every model; what a run cannot reach needs none.
 */
export const reaching = (
  library: Library,
  ref: string,
  options: { readonly models: ModelTable; readonly functions?: ReadonlySet<string> }
): Result.Result<Library, Reason.Reason> => {
  const reached = Crate.of(library, [ref]).pipes
  const made = build(
    {
      concepts: library.concepts,
      pipes: new Map(Array.from(library.pipes).filter(([each]) => Object.hasOwn(reached, each))),
      domains: library.domains,
      find: library.surroundings.find
    },
    { ...options, compat: library.surroundings.compat }
  )
  return made.library === undefined ? Result.fail(Crate.reasonOf(made.issues)) : Result.succeed(made.library)
}
