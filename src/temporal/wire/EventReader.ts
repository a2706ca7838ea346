import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Usage } from "../../failure/Usage.ts"
import * as Wire from "../../failure/Wire.ts"
import { declarations, type LeafName } from "../../program/Leaves.ts"
import type { RunEvent } from "../../program/RunEvents.ts"
import * as Packed from "./Packed.ts"
import * as Path from "./Path.ts"
import type { SentEvents } from "./Payload.ts"

/**
 * Run events as they come back from workflows. Apart from `Events`, which writes them, because workflows never read them. An event
 * that another version wrote, and that is not understood, is left out: events tell of a run, they do not decide it.
 */
const Steps = Schema.Array(
  Schema.Struct({ code: Schema.String, ref: Schema.String, index: Schema.optionalKey(Schema.Int) })
)

const Mark = Schema.Struct({
  name: Schema.String,
  code: Schema.String,
  concept: Schema.String,
  plural: Schema.Boolean
})

const isLeaf = (name: string): name is LeafName => Object.hasOwn(declarations, name)
const ofPipe = { path: Steps, pipe: Schema.String, type: Schema.String }
const ofLeaf = {
  path: Schema.String,
  leaf: Schema.String.pipe(Schema.refine(isLeaf)),
  pipe: Schema.String,
  model: Schema.optionalKey(Schema.String)
}

const Sent = Schema.Union([
  Schema.TaggedStruct("PipeStarted", {
    ...ofPipe,
    description: Schema.String,
    domain: Schema.String,
    output: Schema.String,
    inputs: Schema.Array(Mark)
  }),
  Schema.TaggedStruct("PipeFinished", { ...ofPipe, output: Schema.optionalKey(Mark), skipped: Schema.Boolean }),
  Schema.TaggedStruct("PipeFailed", { ...ofPipe, failure: Schema.Unknown }),
  Schema.TaggedStruct("LeafStarted", ofLeaf),
  Schema.TaggedStruct("LeafFinished", { ...ofLeaf, usage: Usage }),
  Schema.TaggedStruct("LeafFailed", { ...ofLeaf, failure: Schema.Unknown }),
  Schema.TaggedStruct("Retry", {
    path: Schema.String,
    attempt: Schema.Int,
    of: Schema.Int,
    delaySeconds: Schema.Finite,
    why: Schema.String
  }),
  Schema.TaggedStruct("BatchStarted", { path: Steps, items: Schema.Int }),
  Schema.TaggedStruct("ItemFinished", {
    path: Steps,
    index: Schema.Int,
    items: Schema.Int,
    failure: Schema.optionalKey(Schema.Unknown)
  })
])
type Sent = typeof Sent.Type

const revive = (event: Sent): RunEvent => {
  switch (event._tag) {
    case "PipeStarted":
    case "BatchStarted":
      return { ...event, path: Path.decode(event.path) }
    case "ItemFinished": {
      const { failure, ...rest } = event
      const failed = failure === undefined ? {} : { failure: Wire.decode(failure) }
      return { ...rest, path: Path.decode(event.path), ...failed }
    }
    case "PipeFinished":
      return { ...event, path: Path.decode(event.path), output: event.output }
    case "PipeFailed":
      return { ...event, path: Path.decode(event.path), failure: Wire.decode(event.failure) }
    case "LeafStarted":
    case "LeafFinished":
      return { ...event, model: event.model }
    case "LeafFailed":
      return { ...event, model: event.model, failure: Wire.decode(event.failure) }
    default:
      return event
  }
}

const read = Schema.decodeUnknownOption(Sent)

/** The event; undefined for what is not understood. */
export const decode = (event: unknown): RunEvent | undefined => Option.getOrUndefined(Option.map(read(event), revive))

/** The events in the order they happened. Those of one workflow keep their order where the time is the same. */
export const timed = (
  sent: SentEvents
): ReadonlyArray<{ readonly at: number; readonly event: RunEvent }> =>
  Packed.unpack(sent).toSorted((one, other) => one.at - other.at).flatMap(({ at, event }) => {
    const known = decode(event)
    return known === undefined ? [] : [{ at, event: known }]
  })
