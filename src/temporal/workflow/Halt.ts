import { defineSignal, getExternalWorkflowHandle, setHandler, workflowInfo } from "@temporalio/workflow"
import * as Effect from "effect/Effect"
import { signals } from "../wire/Names.ts"
import { operation, until } from "./Runtime.ts"

/** Whether the items of a batch are to be begun any more: not after one of them has failed, here or in another workflow of the batch. */
export interface Halt {
  readonly isTold: () => boolean
  readonly tell: () => void
  /** Waits until it is told. */
  readonly told: Effect.Effect<void>
}

const stop = defineSignal(signals.stop)

/** Tells the workflow that this one is a shard of. One that has ended needs no telling. */
export const tellParent: Effect.Effect<void> = Effect.suspend(() => {
  const { parent } = workflowInfo()
  return parent === undefined
    ? Effect.void
    : Effect.ignore(operation(() => getExternalWorkflowHandle(parent.workflowId).signal(stop)))
})

/** Of the workflow's only batch. */
export const make = (): Halt => {
  let isTold = false
  const tell = () => {
    isTold = true
  }
  setHandler(stop, tell)
  return {
    isTold: () => isTold,
    tell,
    told: until(() => isTold)
  }
}
