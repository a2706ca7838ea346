import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { createServer } from "node:http"
import type { PayloadCodec } from "../config/TemporalOptions.ts"
import { valueAt } from "../failure/Foreign.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import * as CodecServer from "../temporal/codec/CodecServer.ts"
import * as DataConverter from "../temporal/codec/DataConverter.ts"
import * as DurableSetup from "./DurableSetup.ts"
import { noVerdict, usage } from "./Exit.ts"
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

const inTheWay: Readonly<Record<string, string>> = {
  EADDRINUSE: "it is in use",
  EACCES: "permission denied",
  EADDRNOTAVAIL: "it is no address of this machine"
}

const serve = Effect.fnUntraced(function*({ corsOrigins, host, port }: Options) {
  const streams = yield* Streams
  if (port < 0 || port > 65_535) return yield* usage(`--port ${port} is no port: it is between 0 and 65535`)
  const { access } = yield* DurableSetup.load()
  if (isOff(access.options.payloadCodec)) return yield* off
  const converter = yield* DataConverter.make(access)
  const told = yield* Effect.forkChild(Signals.toldToStop, { startImmediately: true })
  const node = createServer()
  const server = yield* NodeHttpServer.make(() => node, { host, port }).pipe(
    Effect.mapError(({ cause }) => {
      const code = String(valueAt(cause, "code"))
      return usage(`${host}:${port} cannot be listened at: ${inTheWay[code] ?? code}`)
    })
  )
  const origins = corsOrigins.length === 0 ? [developmentPage] : corsOrigins
  yield* server.serve(CodecServer.app(converter, origins))
  const address = node.address()
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${
    typeof address === "object" ? address?.port ?? port : port
  }`
  yield* streams.problem([
    streams.audience.reader === "program"
      ? JSON.stringify({ url, origins })
      : `codec server ready: ${url} for pages of ${origins.join(", ")}`
  ])
  return yield* Fiber.join(told)
})

export const codecServer = (options: Options) => Effect.mapError(Effect.scoped(serve(options)), noVerdict)
