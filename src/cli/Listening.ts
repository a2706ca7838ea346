import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import { createServer } from "node:http"
import { valueAt } from "../failure/Foreign.ts"
import { usage } from "./Exit.ts"

const inTheWay: Readonly<Record<string, string>> = {
  EADDRINUSE: "it is in use",
  EACCES: "permission denied",
  EADDRNOTAVAIL: "it is no address of this machine"
}

/** Refuses what is no port. `flag` is what it was asked with. */
export const port = (flag: string, value: number) =>
  value < 0 || value > 65_535
    ? Effect.fail(usage(`--${flag} ${value} is no port: it is between 0 and 65535`))
    : Effect.succeed(value)

/** Listens there as long as its scope, and says where that is: port 0 is a free one. */
export const open = Effect.fnUntraced(function*(where: { readonly host: string; readonly port: number }) {
  const node = createServer()
  const server = yield* NodeHttpServer.make(() => node, where).pipe(
    Effect.mapError(({ cause }) => {
      const code = String(valueAt(cause, "code"))
      return usage(`${where.host}:${where.port} cannot be listened at: ${inTheWay[code] ?? code}`)
    })
  )
  const address = node.address()
  const bound = address !== null && typeof address === "object" ? address.port : where.port
  return { server, url: `http://${where.host.includes(":") ? `[${where.host}]` : where.host}:${bound}` }
})
