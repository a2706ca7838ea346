/** A server that keeps its runs in a file, and can be killed and started again at the same address. */
import { Connection } from "@temporalio/client"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import * as DevServer from "../DevServer.ts"

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  return typeof address === "object" && address !== null ? address.port : 0
}

const program = async (): Promise<string> => {
  const found = await DevServer.executable()
  if (found.type === "existing-path") return found.path
  throw new Error(DevServer.lacking)
}

/** Resolves when the server answers. */
const answered = (address: string): Effect.Effect<void> =>
  Effect.tryPromise(async () => {
    const connection = await Connection.connect({ address, connectTimeout: "1s" })
    await connection.workflowService.describeNamespace({ namespace: DevServer.namespaces.default })
    await connection.close()
  }).pipe(
    Effect.retry(Schedule.spaced("50 millis")),
    Effect.orDie
  )

const ended = (child: ChildProcess): Promise<unknown> =>
  child.exitCode === null && child.signalCode === null ? once(child, "exit") : Promise.resolve()

/** Up until its scope ends. */
export const start = Effect.fnUntraced(function*(dbFilename: string) {
  const port = yield* Effect.promise(freePort)
  const path = yield* Effect.promise(program)
  const address = `127.0.0.1:${port}`
  const where = ["--ip", "127.0.0.1", "--port", String(port), "--headless", "--db-filename", dbFilename]
  const begin = (): ChildProcess =>
    spawn(path, ["server", "start-dev", ...where, "--log-level", "never"], { stdio: "ignore" })
  let child = begin()
  yield* Effect.addFinalizer(() =>
    Effect.promise(() => {
      child.kill("SIGKILL")
      return ended(child)
    })
  )
  yield* answered(address)
  return {
    address,
    /** At once, without a word to anybody. */
    kill: () => {
      child.kill("SIGKILL")
    },
    /** When it is dead. Resolves when it answers again. */
    restart: Effect.suspend(() =>
      Effect.promise(() => ended(child)).pipe(
        Effect.andThen(Effect.sync(() => {
          child = begin()
        })),
        Effect.andThen(answered(address))
      )
    )
  }
})
