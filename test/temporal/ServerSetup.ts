/**
 * One Temporal server for a whole run of the suite, started when the first test asks for it and stopped at the end: a run that needs none
 * starts none. Test files run in processes of their own, so they ask over the loopback interface.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { TestProject } from "vitest/node"
import type { DevServer } from "./DevServer.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** Answers with the address of the Temporal server, or with what keeps it from being there. */
    readonly temporalServer: string
  }
}

export default async (project: TestProject) => {
  let server: Promise<DevServer> | undefined
  const door = createServer((_, outgoing) => {
    server ??= import("./DevServer.ts").then(({ start }) => start())
    server.then(
      ({ address }) => outgoing.end(address),
      (cause) =>
        outgoing.writeHead(500).end(
          String(cause instanceof Error ? `${cause.message}\n${String(cause.cause ?? "")}` : cause)
        )
    )
  })
  await new Promise<void>((resolve) => {
    door.listen(0, "127.0.0.1", resolve)
  })
  project.provide("temporalServer", `http://127.0.0.1:${(door.address() as AddressInfo).port}`)
  return async () => {
    door.close()
    door.closeAllConnections()
    await server?.then(({ stop }) => stop(), () => undefined)
  }
}
