import type { Multiplicity } from "../../concept/Slot.ts"
import type { ModelTable } from "../../program/Models.ts"
import type { Crate } from "../../program/PipeRunner.ts"
import type { RoutingTable } from "../../program/Routing.ts"
import type { RunEvent } from "../../program/RunEvents.ts"
import type { RunScope } from "../../program/RunScope.ts"
import type { MemoryChange, SentMemory } from "./Memory.ts"
import type { AttributeName } from "./Names.ts"

/** What workflows are started with and answer: plain JSON, in a form that names its version. */
export interface PipeInput {
  readonly version: number
  /** The concepts and pipes that are reachable from the pipe, and the digest of the whole method. */
  readonly crate: Crate
  readonly crateDigest: string
  readonly ref: string
  readonly result?: string
  readonly multiplicity?: Multiplicity
  /** From the entry pipe to this one. */
  readonly path: ReadonlyArray<SentStep>
  readonly memory: SentMemory
  readonly scope: RunScope
  readonly common: Common
}

export interface SentStep {
  readonly code: string
  readonly ref: string
  readonly index?: number
}

/** The same in every workflow of a run: resolved by the submitter, once. */
export interface Common {
  /** The models that the method's references lead to. */
  readonly models: ModelTable
  /** Names of the functions that the workers' host has registered, as far as the submitter knows. */
  readonly functions: ReadonlyArray<string>
  readonly routing: RoutingTable
  /** Search attributes that the namespace has. */
  readonly attributes: ReadonlyArray<AttributeName>
  /** What runs in workflows rather than as their activities. */
  readonly granularity: "item" | "shard" | "auto"
  readonly shardSize: number
  /** Whether the sentences of failures are for whoever has the keys alone. */
  readonly isSealed?: boolean
}

/** A run event with the time it happened (milliseconds since the epoch), without the failure's usage twice. */
export interface SentEvent {
  readonly at: number
  readonly event: EncodedEvent
}

/** A run event as JSON: paths as steps, failures as records of `failure/Wire`. */
export type EncodedEvent = Readonly<Record<string, unknown>> & { readonly _tag: RunEvent["_tag"] }

export interface PipeOutput {
  readonly version: number
  readonly change: MemoryChange
  readonly events: ReadonlyArray<SentEvent>
}

/** What the `status` query answers: enough to draw a run while it goes on. */
export interface Status {
  readonly pipe: string
  /** Of events told so far; a caller passes it back to hear only what follows. */
  readonly next: number
  readonly events: ReadonlyArray<SentEvent>
  /** Workflow ids of children that have been started and have not ended. */
  readonly children: ReadonlyArray<string>
}
