import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type { JsonObject } from "./concept/Json.ts"
import * as Configuration from "./config/Configuration.ts"
import type { Issue } from "./failure/Issue.ts"
import { toReason } from "./failure/IssueReport.ts"
import { fail, type PipeFailure } from "./failure/PipeFailure.ts"
import * as Reason from "./failure/Reason.ts"
import * as Crate from "./library/Crate.ts"
import { PipeRunner } from "./program/PipeRunner.ts"
import * as Method from "./source/Method.ts"

/** How a method is loaded. */
export interface Options {
  /** Accept older spellings of the language. Default: true. */
  readonly compat?: boolean
  /** Names of the host functions that the layer will have. */
  readonly functions?: ReadonlySet<string>
  /** More folders of bundles and packages. */
  readonly libraryDirs?: ReadonlyArray<string>
}

/** A pipe of a loaded method. What it takes and gives is known when it runs: inputs as in an inputs file, the content as JSON. */
export interface LoadedPipe {
  (inputs: JsonObject): Effect.Effect<unknown, PipeFailure, PipeRunner>
  readonly ref: string
}

/** A method read from files, all of its faults excluded. */
export interface Loaded {
  /** The pipe at which the method starts, when it says so. */
  readonly main: LoadedPipe | undefined
  /** Refs of all its pipes, `domain.code`. */
  readonly pipes: ReadonlyArray<string>
  readonly warnings: ReadonlyArray<Issue>
  /** A pipe by its ref. */
  readonly pipe: (ref: string) => Effect.Effect<LoadedPipe, PipeFailure>
}

const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)

/**
 * Loads a `.mthds` file or a folder of them. Fails with `MethodInvalid`, which lists every fault with its file and line.
 *
 * @example
 * ```ts
 * const program = Effect.gen(function*() {
 *   const library = yield* Library.load("methods/minutes")
 *   const minutes = yield* library.pipe("minutes.take_minutes")
 *   return yield* minutes({ notes: "…" })
 * })
 * ```
 */
export const load = Effect.fn("Library.load")(
  function*(path: string, options: Options = {}): Effect.fn.Return<Loaded, PipeFailure> {
    const { compat = true, functions, libraryDirs } = options
    const read = Effect.gen(function*() {
      const { models } = yield* Configuration.loadFrom(".")
      return yield* Method.load(path, {
        models,
        compat,
        ...(functions === undefined ? {} : { functions }),
        ...(libraryDirs === undefined ? {} : { libraryDirs })
      })
    })
    const { entry, issues, library, warnings } = yield* Effect.provide(read, platform)
    if (library === undefined) return yield* fail(toReason(issues))
    const crate = Crate.of(library)
    const pipeOf = (ref: string): LoadedPipe =>
      Object.assign(
        (inputs: JsonObject) => Effect.flatMap(PipeRunner, (runner) => runner.run({ crate, ref, inputs })),
        { ref }
      )
    return {
      main: Result.isSuccess(entry) ? pipeOf(entry.success) : undefined,
      pipes: Array.from(library.pipes.keys()),
      warnings,
      pipe: (ref) =>
        library.pipes.has(ref)
          ? Effect.succeed(pipeOf(ref))
          : Effect.fail(fail(new Reason.PipeNotFound({ ref, suggestions: [] })))
    }
  }
)
