import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Usage } from "../../failure/Usage.ts"

/** What an activity's beats carry: the next attempt, and whoever looks at the server, can read it. */
export const Beat = Schema.Struct({
  /** Of the leaf, from 1: those that were lost with their worker count. */
  attempt: Schema.optionalKey(Schema.Int),
  /** Consumed by this attempt and those before it, once it has failed. */
  usage: Schema.optionalKey(Usage),
  /** The latest request that was sent again. */
  retry: Schema.optionalKey(
    Schema.Struct({ attempt: Schema.Int, of: Schema.Int, delaySeconds: Schema.Finite, why: Schema.String })
  )
})
export type Beat = typeof Beat.Type

const decode = Schema.decodeUnknownOption(Beat)

/** What the details of a beat say; nothing, when they are none of ours. */
export const read = (details: unknown): Beat => Option.getOrElse(decode(details), (): Beat => ({}))
