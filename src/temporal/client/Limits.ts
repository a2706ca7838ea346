import type { TemporalOptions } from "../../config/TemporalOptions.ts"
import { PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import type { PipeInput } from "../wire/Payload.ts"
import * as Texts from "../wire/Texts.ts"

/** What a Temporal server takes, found out before anything is sent: past it, the server says little and sends the run nowhere. */
const mostBytes = 2 * 1024 * 1024
/** Encryption and the SDK's own fields. */
const overhead = 1024

const sizeOf = (value: unknown): number => Texts.size(JSON.stringify(value) ?? "")

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`

const remedy =
  "set is_enabled = true in [temporal.payload_codec_config], so that large values go to storage, or give less"

/** The refusal of an input that the server would not take, with the largest of the run's inputs; nothing when it fits. */
export const refuse = (
  input: PipeInput,
  { payloadCodec: { isEnabled, sizeThreshold } }: Pick<TemporalOptions, "payloadCodec">
): PipeFailure | undefined => {
  const size = sizeOf(input)
  if (size + overhead <= mostBytes || (isEnabled && size >= sizeThreshold)) return undefined
  const largest =
    input.memory.stuffs.map(([name, stuff]) => ({ name, size: sizeOf(stuff) })).toSorted((a, b) => b.size - a.size)[0]
  const isInput = largest !== undefined && largest.size > size / 2
  return new PipeFailure({
    reason: new Reason.FileRefused({
      what: isInput ? `input "${largest.name}"` : "what the run is started with",
      why: "too_large",
      explanation: `it is ${megabytes(isInput ? largest.size : size)} and the server takes ${
        megabytes(mostBytes)
      } in all; ${remedy}`
    }),
    location: isInput ? { input: largest.name } : {}
  })
}
