import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Connection } from "../config/Connection.ts"
import { ProviderError } from "./transport/ProviderError.ts"

/**
 * How this process reaches its backends. Secrets are looked up when a backend is first called, and once: what is never called needs no
 * key.
 */
export interface Connections {
  /** Fails with kind `credentials`, naming the variables that are not set. */
  readonly get: (backend: string) => Effect.Effect<Connection, ProviderError>
}

/** A backend's connection, or the variables it lacks. */
export type Lookup = (backend: string) => Result.Result<Connection, { readonly variables: ReadonlyArray<string> }>

const missing = (backend: string, variables: ReadonlyArray<string>): ProviderError =>
  new ProviderError({ kind: "credentials", metadata: { provider: backend }, variables })

/** Connections that are looked up once each. */
export const make = (lookup: Lookup): Connections => {
  const known = new Map<string, ReturnType<Lookup>>()
  return {
    get: (backend) =>
      Effect.suspend(() => {
        const found = known.get(backend) ?? lookup(backend)
        known.set(backend, found)
        return Effect.fromResult(Result.mapError(found, ({ variables }) => missing(backend, variables)))
      })
  }
}

/** For runs that call no backend: every one of them lacks its credentials. */
export const none: Connections = make(() => Result.fail({ variables: [] }))
