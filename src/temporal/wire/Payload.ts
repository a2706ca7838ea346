import type { JsonObject } from "../../concept/Json.ts"
import type { Multiplicity } from "../../concept/Slot.ts"
import type { Stuff } from "../../concept/Stuff.ts"
import type { Usage } from "../../failure/Usage.ts"
import type { ModelTable } from "../../program/Models.ts"
import type { Crate } from "../../program/PipeRunner.ts"
import type { RoutingTable } from "../../program/Routing.ts"
import type { RunEvent } from "../../program/RunEvents.ts"
import type { RunScope } from "../../program/RunScope.ts"
import type { Settings } from "../../program/Settings.ts"
import type { MemoryChange, SentMemory } from "./Memory.ts"
import type { AttributeName } from "./Names.ts"
import type { SentOutcome } from "./Outcomes.ts"

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
  readonly scope: Omit<RunScope, "settings">
  readonly common: Flags
  /** What else the run obeys: `Obeyed`, packed. */
  readonly obeyed: string
}

export interface SentStep {
  readonly code: string
  readonly ref: string
  readonly index?: number
}

/** What a run obeys that nobody reads on a server's pages: most of an input, were it not packed. */
export interface Obeyed extends Pick<Common, "models" | "functions" | "routing"> {
  /** Those of dry runs travel with dry runs alone. */
  readonly settings: Omit<Settings, "dryRun"> & Partial<Pick<Settings, "dryRun">>
}

/** A model table without the decks of families that nothing names. */
export interface SentModels extends Omit<ModelTable, "decks"> {
  readonly decks: Partial<ModelTable["decks"]>
}

/** The same in every workflow of a run: resolved by the submitter, once. */
export interface Common extends Flags {
  /** The models that the references of the method, or of the part that is sent, lead to. */
  readonly models: SentModels
  /** Names of the functions that the workers' host has registered, as far as the submitter knows. */
  readonly functions: ReadonlyArray<string>
  readonly routing: RoutingTable
}

/** What of it is looked at before a workflow's program runs, or by people. */
export interface Flags {
  /** Search attributes that the namespace has. */
  readonly attributes: ReadonlyArray<AttributeName>
  /** What runs in workflows rather than as their activities. */
  readonly granularity: "item" | "shard" | "auto"
  readonly shardSize: number
  /** Whether the sentences of failures are for whoever has the keys alone. */
  readonly isSealed?: boolean
  /** Whether the run was begun before: what ended well then is not run again. */
  readonly isResumed?: boolean
}

/** What a workflow is started with that runs one pipe for some items of a list. Path and memory are those of the pipe that batches. */
export interface ShardInput extends PipeInput {
  readonly shard: Shard
}

export interface Shard {
  /** The name of an item in the memory of the branch. */
  readonly item: string
  readonly list: Omit<Stuff, "content">
  readonly items: ReadonlyArray<JsonObject>
  /** Place in the list of the first of these items, and how long the list is. */
  readonly from: number
  readonly of: number
  /** Items at once that it begins with, and the most that it may have once others give it theirs. */
  readonly slots: number
  readonly share: number
  /** Id of the shard that takes over the slots that this one has no items for any more. */
  readonly next?: string
  /** Whether the branch runs in the shard itself, its leaves as the shard's activities. */
  readonly isInline: boolean
  /** How items ended that were run before. */
  readonly known?: ReadonlyArray<SentOutcome>
  /** What was told of them, and how many of the items that were run before failed and were left out. */
  readonly events?: ReadonlyArray<string>
  readonly failedItems?: number
}

export interface ShardOutput {
  readonly version: number
  readonly given?: string
  /** By item. */
  readonly outcomes: ReadonlyArray<SentOutcome>
  /** Those that it still had in the end. */
  readonly slots: number
  readonly events: SentEvents
}

/** A run event with the time it happened (milliseconds since the epoch), without the failure's usage twice. */
export interface SentEvent {
  readonly at: number
  readonly event: EncodedEvent
}

/** Events, and blocks of them (`Packed`) from workflows that have ended. */
export type SentEvents = ReadonlyArray<SentEvent | string>

/** A run event as JSON: paths as steps, failures as records of `failure/Wire`. */
export type EncodedEvent = Readonly<Record<string, unknown>> & { readonly _tag: RunEvent["_tag"] }

/** What an activity is given beside its job when the worker that had it was lost: the attempts so far, and what they consumed. */
export interface Lost {
  readonly attempts: number
  readonly usage?: Usage
}

export interface PipeOutput {
  readonly version: number
  /** Of what it was given: in another attempt of the run, the answer is one to the same question only. */
  readonly given?: string
  readonly change: MemoryChange
  readonly events: SentEvents
  /** Items of batches that failed and were left out, here and below. */
  readonly failedItems?: number
}

/** What the `status` query answers: enough to draw a run while it goes on. */
export interface Status {
  readonly pipe: string
  /** Of events told so far; a caller passes it back to hear only what follows. */
  readonly next: number
  readonly events: SentEvents
  /** Workflow ids of children that have been started and have not ended. */
  readonly children: ReadonlyArray<string>
}
