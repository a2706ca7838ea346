import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { Concept, Concepts } from "../concept/Concept.ts"
import type { Json, JsonObject } from "../concept/Json.ts"
import type { Multiplicity, Slot } from "../concept/Slot.ts"
import type { Stuff } from "../concept/Stuff.ts"
import type { WorkingMemory } from "../concept/WorkingMemory.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import type { Leaves } from "./Leaves.ts"
import type { PipePath } from "./PipePath.ts"
import type { RunScope } from "./RunScope.ts"

/** A request to run one pipe on a memory. The answer is the memory afterwards. */
export interface PipeCall {
  readonly method: Method
  /** `domain.code`, with the package in front when it is another one's. */
  readonly ref: string
  readonly memory: WorkingMemory
  readonly path: PipePath
  readonly scope: RunScope
  /** Name under which the result is stored; undefined: as the main stuff alone. */
  readonly result: string | undefined
  /** The calling step's override of the output's multiplicity. */
  readonly multiplicity?: Multiplicity
}

/** A request to run one pipe for each item of a list. */
export interface BatchCall {
  /** Of the pipe that batches: its memory holds the list. */
  readonly call: PipeCall
  /** What runs for each item. */
  readonly branch: { readonly ref: string; readonly code: string }
  /** The name an item has in the branch's memory. */
  readonly item: string
  /** The list, without its items. */
  readonly list: Omit<Stuff, "content">
  readonly items: ReadonlyArray<JsonObject>
}

/** How an item ended: with the branch's main content, which an absence does not have. Undefined: it was not begun. */
export type ItemExit = Exit.Exit<JsonObject | undefined, PipeFailure> | undefined

/** A pipe whose program has been built. Pure data and functions: it knows no backend and no layer. */
export interface CompiledPipe {
  readonly ref: string
  readonly code: string
  readonly domain: string
  readonly type: string
  readonly description: string
  readonly inputs: ReadonlyMap<string, Slot>
  readonly output: Slot
  readonly run: (call: PipeCall) => Effect.Effect<WorkingMemory, PipeFailure, PipeRunner | Leaves>
}

/** The compiled pipes of a library and the concepts they speak of. */
export interface Method {
  readonly concepts: Concepts
  readonly pipe: (ref: string) => CompiledPipe | undefined
}

/** One pipe as plain data, its references followed. */
export interface CratePipe {
  readonly code: string
  readonly domain: string
  readonly package?: string
  /** The table a bundle would hold. */
  readonly blueprint: JsonObject
  readonly inputs: Readonly<Record<string, Slot>>
  readonly output: Slot
  /** References to other pipes as the blueprint writes them → refs. */
  readonly links: Readonly<Record<string, string>>
  readonly systemPrompt?: string
  readonly isUnchecked?: boolean
}

/** Everything needed to compile some pipes, as plain data. */
export interface Crate {
  readonly concepts: ReadonlyArray<Concept>
  /** By ref. */
  readonly pipes: Readonly<Record<string, CratePipe>>
  readonly compat: boolean
}

/** A whole run as an application asks for it: a pipe, and a value for each of its inputs (`content` JSON by input name). */
export interface RunRequest {
  readonly crate: Crate
  readonly ref: string
  readonly inputs: JsonObject
}

/**
 * Runs pipes. `call` runs a child on behalf of a compiled program, and `batch` one for each item of a list, in the order of the items;
 * `run` starts a run on behalf of an application and answers the
 * JSON content of the pipe's main output, or null when it is absent.
 */
export class PipeRunner extends Context.Service<PipeRunner, {
  readonly call: (call: PipeCall) => Effect.Effect<WorkingMemory, PipeFailure>
  readonly batch: (batch: BatchCall) => Effect.Effect<ReadonlyArray<ItemExit>, PipeFailure>
  readonly run: (request: RunRequest) => Effect.Effect<Json, PipeFailure>
}>()("pipelex/program/PipeRunner") {}
