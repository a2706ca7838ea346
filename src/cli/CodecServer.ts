import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { PayloadCodec } from "../config/TemporalOptions.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import * as CodecServer from "../temporal/codec/CodecServer.ts"
import * as DataConverter from "../temporal/codec/DataConverter.ts"
import * as DurableSetup from "./DurableSetup.ts"
import { noVerdict } from "./Exit.ts"
import * as Listening from "./Listening.ts"
import * as Signals from "./Signals.ts"
import { Streams } from "./Streams.ts"

/** `pipelex codec-server`: shows what payloads hold to a server's pages, until it is told to stop. */
export interface Options {
  readonly host: string
  readonly port: number
  /** Default: the page of a development server. */
  readonly corsOrigins: ReadonlyArray<string>
}

const developmentPage = "http://localhost:8233"

const isOff = ({ encryption, isEnabled }: PayloadCodec): boolean => !isEnabled && !encryption.isEnabled

const off = fail(
  new Reason.ConfigInvalid({
    problem:
      "there is nothing to decode: [temporal.payload_codec_config] has is_enabled = false, and encryption is off",
    remedy: "Set is_enabled = true in [temporal.payload_codec_config], or in its table encryption."
  })
)

const serve = Effect.fnUntraced(function*({ corsOrigins, host, port }: Options) {
  const streams = yield* Streams
  yield* Listening.port("port", port)
  const { access } = yield* DurableSetup.load()
  if (isOff(access.options.payloadCodec)) return yield* off
  const converter = yield* DataConverter.make(access)
  const told = yield* Effect.forkChild(Signals.toldToStop, { startImmediately: true })
  const { server, url } = yield* Listening.open({ host, port })
  const origins = corsOrigins.length === 0 ? [developmentPage] : corsOrigins
  yield* server.serve(CodecServer.app(converter, origins))
  yield* streams.problem([
    streams.audience.reader === "program"
      ? JSON.stringify({ url, origins })
      : `codec server ready: ${url} for pages of ${origins.join(", ")}`
  ])
  return yield* Fiber.join(told)
})

export const codecServer = (options: Options) => Effect.mapError(Effect.scoped(serve(options)), noVerdict)
