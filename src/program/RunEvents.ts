import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import type { Usage } from "../failure/Usage.ts"
import type { LeafName } from "./Leaves.ts"
import type { PipePath } from "./PipePath.ts"

/** A stuff as the graph of a run shows it: no content. */
export interface StuffMark {
  readonly name: string
  readonly code: string
  readonly concept: string
  readonly plural: boolean
}

/** What happens in a run, in the order it happens, on every layer. Carries no prompt, no answer and no content. */
export type RunEvent =
  | {
    readonly _tag: "PipeStarted"
    readonly path: PipePath
    readonly pipe: string
    readonly type: string
    readonly description: string
    readonly domain: string
    readonly output: string
    readonly inputs: ReadonlyArray<StuffMark>
  }
  | {
    readonly _tag: "PipeFinished"
    readonly path: PipePath
    readonly pipe: string
    readonly type: string
    readonly output: StuffMark | undefined
    readonly skipped: boolean
  }
  | {
    readonly _tag: "PipeFailed"
    readonly path: PipePath
    readonly pipe: string
    readonly type: string
    readonly failure: PipeFailure
  }
  | {
    readonly _tag: "LeafStarted"
    readonly path: string
    readonly leaf: LeafName
    readonly pipe: string
    readonly model: string | undefined
  }
  | {
    readonly _tag: "LeafFinished"
    readonly path: string
    readonly leaf: LeafName
    readonly pipe: string
    readonly model: string | undefined
    readonly usage: Usage
  }
  | {
    readonly _tag: "LeafFailed"
    readonly path: string
    readonly leaf: LeafName
    readonly pipe: string
    readonly model: string | undefined
    readonly failure: PipeFailure
  }
  | {
    readonly _tag: "Retry"
    readonly path: string
    readonly attempt: number
    readonly of: number
    readonly delaySeconds: number
    readonly why: string
  }
  | { readonly _tag: "BatchStarted"; readonly path: PipePath; readonly items: number }
  | {
    readonly _tag: "ItemFinished"
    readonly path: PipePath
    readonly index: number
    readonly items: number
    /** Why it failed, in a run that goes on without the items that fail. */
    readonly failure?: PipeFailure
  }

/** Hears an event, and when it happened (milliseconds since the epoch) where that is not now: in a run that goes on elsewhere. */
export type Listener = (event: RunEvent, at?: number) => void

/** Where the events go. Nobody listens by default, and then no event is even built. */
export const RunEvents = Context.Reference<Listener | undefined>("pipelex/program/RunEvents", {
  defaultValue: () => undefined
})

/** Tells the listener, if there is one. */
export const emit = (event: () => RunEvent): Effect.Effect<void> =>
  Effect.map(RunEvents, (listener) => {
    listener?.(event())
  })
