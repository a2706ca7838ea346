import * as Schema from "effect/Schema"
import { suggestedAction } from "./Action.ts"
import { type Action, type Category, type Domain, retryable, type RetryVerdict } from "./Category.ts"
import { type Code, codes } from "./Codes.ts"
import { Reason } from "./Reason.ts"
import { Usage } from "./Usage.ts"

/** Where in the run it happened. Filled in from the inside out: the layer that knows a fact first keeps it. */
export const Location = Schema.Struct({
  /** Code of the pipe that failed. */
  pipe: Schema.optionalKey(Schema.String),
  /** Codes from the entry pipe to the failing one. */
  path: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Zero-based index of the batch item. */
  item: Schema.optionalKey(Schema.Int),
  /** How many items of that batch had succeeded. */
  succeeded: Schema.optionalKey(Schema.Int),
  /** Name of the run's input that is at fault. */
  input: Schema.optionalKey(Schema.String),
  field: Schema.optionalKey(Schema.String)
})
export type Location = typeof Location.Type

/** How often the leaf was tried before it gave up. */
export const Attempts = Schema.Struct({
  transport: Schema.optionalKey(Schema.Int),
  reask: Schema.optionalKey(Schema.Int),
  activity: Schema.optionalKey(Schema.Int)
})
export type Attempts = typeof Attempts.Type

/**
 * The one error of every program made from a method. It says where; its reason says why, and decides everything else. It is equal
 * on every layer: `toCodecJson(PipeFailure)` is what crosses a process boundary.
 */
export class PipeFailure extends Schema.TaggedError<PipeFailure>()("PipeFailure", {
  reason: Reason,
  location: Location,
  attempts: Schema.optionalKey(Attempts),
  /** What the leaf had consumed when it gave up. */
  usage: Schema.optionalKey(Usage)
}) {
  get code(): Code {
    return this.reason.code
  }
  get category(): Category | undefined {
    return "category" in this.reason ? this.reason.category : undefined
  }
  /** Whether the runtime may repeat the leaf unchanged: a function of the category alone. */
  get retryable(): boolean {
    return this.category !== undefined && retryable(this.category)
  }
  /** The registry's advice to a reader on starting the run again. */
  get retry(): RetryVerdict {
    return codes[this.code].retry
  }
  get domain(): Domain {
    return codes[this.code].domain
  }
  get model(): string | undefined {
    return "model" in this.reason ? this.reason.model : undefined
  }
  get provider(): string | undefined {
    return "provider" in this.reason ? this.reason.provider : undefined
  }
  get suggestedAction(): Action {
    return suggestedAction(this.reason)
  }
  override get message(): string {
    return `${this.location.pipe === undefined ? "" : `pipe "${this.location.pipe}": `}${
      this.reason.detail.trim() === "" ? codes[this.code].title : this.reason.detail
    }`
  }
}

export const fail = (reason: Reason, location: Location = {}): PipeFailure => new PipeFailure({ reason, location })

/** The same failure, with what an outer layer knows about the place and the inner ones did not. */
export const locate = (failure: PipeFailure, outer: Location): PipeFailure =>
  new PipeFailure({
    reason: failure.reason,
    location: { ...outer, ...failure.location },
    ...(failure.attempts === undefined ? {} : { attempts: failure.attempts }),
    ...(failure.usage === undefined ? {} : { usage: failure.usage })
  })
