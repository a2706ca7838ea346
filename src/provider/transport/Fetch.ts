import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"

/**
 * The `fetch` that SDKs are given: undici's dispatcher behind the part of the Fetch interface that they use, with kept connections and
 * without what only browsers need. It retries nothing, follows no redirect, and leaves time limits to whoever calls it.
 */
export class Fetch extends Context.Service<Fetch, {
  /** Loads the client at the first call, so that a run which asks no provider never does. */
  readonly get: Effect.Effect<typeof globalThis.fetch>
}>()("pipelex/provider/transport/Fetch") {}

/** Connections are kept in pools that close with the layer. */
export const layer = Layer.effect(
  Fetch,
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const opened = Effect.acquireRelease(
      Effect.promise(() => import("./Undici.ts")).pipe(Effect.map(({ open }) => open())),
      ({ close }) => Effect.promise(close)
    )
    const get = yield* Effect.cached(
      Effect.map(opened, (client) => client.fetch).pipe(
        Effect.provideService(Scope.Scope, scope)
      )
    )
    return Fetch.of({ get })
  })
)
