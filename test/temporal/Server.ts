/** The Temporal server of this run of the suite, for tests. Without one they fail and say what is lacking. */
import { Client, Connection } from "@temporalio/client"
import * as Effect from "effect/Effect"
import { beforeAll, inject } from "vitest"
import { namespaces } from "./DevServer.ts"

export { namespaces } from "./DevServer.ts"

/** Building the server takes minutes where it has never been built. */
const startLimit = 900_000

let known: string | undefined

const ask = async (): Promise<string> => {
  const answer = await fetch(inject("temporalServer"))
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  known = text
  return text
}

/** To be called once at the top of a file: its tests then have a server. */
export const use = (): void => {
  beforeAll(ask, startLimit)
}

/** `host:port`. */
export const address = Effect.suspend(() => known === undefined ? Effect.promise(ask) : Effect.succeed(known))

/** A client of the server, closed with its scope. */
export const client = Effect.fnUntraced(function*(namespace: string = namespaces.default) {
  const connection = yield* Effect.acquireRelease(
    Effect.flatMap(address, (at) => Effect.promise(() => Connection.connect({ address: at }))),
    (opened) => Effect.promise(() => opened.close())
  )
  return new Client({ connection, namespace })
})

/** A task queue that no other test polls. */
export const queue = (name: string): Effect.Effect<string> =>
  Effect.sync(() => `${name}-${globalThis.crypto.randomUUID()}`)
