import * as Foreign from "../../failure/Foreign.ts"
import { PipeFailure } from "../../failure/PipeFailure.ts"
import * as Wire from "../../failure/Wire.ts"
import type { RunEvent } from "../../program/RunEvents.ts"
import * as Packed from "./Packed.ts"
import * as Path from "./Path.ts"
import type { EncodedEvent, SentEvents, SentStep } from "./Payload.ts"

/** What a leaf consumed is told once, by the leaf's own event. */
const withoutUsage = ({ attempts, location, reason }: PipeFailure): PipeFailure =>
  new PipeFailure({ reason, location, ...(attempts === undefined ? {} : { attempts }) })

export const encode = (event: RunEvent): EncodedEvent => ({
  ...event,
  ...(typeof event.path === "string" ? {} : { path: Path.encode(event.path) }),
  ...(event._tag === "PipeFailed" ? { failure: Wire.encode(withoutUsage(event.failure)) } : {}),
  ...(event._tag === "LeafFailed" ? { failure: Wire.encode(event.failure) } : {}),
  ...(event._tag === "ItemFinished" && event.failure !== undefined
    ? { failure: Wire.encode(withoutUsage(event.failure)) }
    : {})
})

const isStep = (value: unknown): value is SentStep => typeof Foreign.valueAt(value, "code") === "string"

/** Of an event of a batch at that depth: the index of the item that it is about. */
export const itemOf = (event: EncodedEvent, depth: number): number | undefined => {
  if (event._tag === "ItemFinished") return typeof event["index"] === "number" ? event["index"] : undefined
  const path = event["path"]
  if (typeof path === "string") {
    const [, index] = /^(\d+)-/.exec(path.split("/")[depth] ?? "") ?? []
    return index === undefined ? undefined : Number(index)
  }
  const step: unknown = Array.isArray(path) ? path[depth] : undefined
  return isStep(step) ? step.index : undefined
}

/** Characters of events that may travel with a failure, which a server keeps whole in every history it passes. */
const most = 50_000

const length = (blocks: ReadonlyArray<string>): number => blocks.reduce((sum, each) => sum + each.length, 0)

/** The events of a run that failed: all of them while they are few, else those that say what was consumed, the latest of them. */
export const ofFailure = (events: SentEvents): ReadonlyArray<string> => {
  const all = Packed.pack(events)
  if (length(all) <= most) return all
  const costly = Packed.unpack(all).filter(({ event: { _tag } }) => _tag === "LeafFinished" || _tag === "LeafFailed")
  for (let kept = costly;; kept = kept.slice(Math.ceil(kept.length / 2))) {
    const blocks = Packed.pack(kept)
    if (length(blocks) <= most) return blocks
  }
}

/** The events that the failure of a workflow carries beside its report, as they were sent. */
export const carried = (error: unknown): SentEvents => {
  const found = Foreign.details(error).map((detail) => Foreign.valueAt(detail, "events")).find((each) =>
    Array.isArray(each)
  )
  return Array.isArray(found) ? found : []
}
