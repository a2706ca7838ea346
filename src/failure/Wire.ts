import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Foreign from "./Foreign.ts"
import { fail, Location, PipeFailure } from "./PipeFailure.ts"
import { Unexpected } from "./Reason.ts"

/**
 * How a failure crosses a process boundary: one JSON record, decoded to an equal value on the other side. Decoding is total: a
 * record that cannot be read still becomes a failure, and keeps what sentence and place could be found in it.
 */
export const json = Schema.toCodecJson(PipeFailure)
export type Encoded = typeof json.Encoded

export const encode: (failure: PipeFailure) => Encoded = Schema.encodeSync(json)

/** Added to the sentence of a record that another version wrote, or that was damaged. */
export const marker = "[error report failed schema validation]"

const read = Schema.decodeUnknownExit(json)
const readLocation = Schema.decodeUnknownExit(Location)

/** Whether a value claims to be an encoded failure, readable or not. */
export const isRecord = (value: unknown): boolean => Foreign.valueAt(value, "_tag") === "PipeFailure"

const damaged = (value: unknown): PipeFailure => {
  const tag = Foreign.textAt(Foreign.valueAt(value, "reason"), "_tag")
  const sentence = Foreign.deepestMessage(value) ?? `a failure could not be read${tag === undefined ? "" : `: ${tag}`}`
  return fail(
    new Unexpected({ problem: `${sentence} ${marker}` }),
    Option.getOrElse(Exit.getSuccess(readLocation(Foreign.valueAt(value, "location") ?? {})), () => ({}))
  )
}

export const decode = (value: unknown): PipeFailure =>
  Option.getOrElse(Exit.getSuccess(read(value)), () => damaged(value))

/**
 * The failure that an error of another process stands for: the first record among the details of its chain of causes, else what
 * the innermost cause says.
 */
export const recover = (error: unknown): PipeFailure => {
  if (error instanceof PipeFailure) return error
  if (isRecord(error)) return decode(error)
  const record = Foreign.details(error).find(isRecord)
  return record === undefined
    ? fail(new Unexpected({ problem: Foreign.deepestMessage(error) ?? "the run failed and did not say why" }))
    : decode(record)
}
