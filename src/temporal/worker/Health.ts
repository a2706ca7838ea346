import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Pages from "./Pages.ts"
import type { Plan } from "./Plan.ts"
import type { Running } from "./Worker.ts"

/** What a supervisor asks a worker: whether it lives, and whether it takes work. */
export interface Watched {
  /** Undefined for as long as it is not open. */
  readonly running: Effect.Effect<Pick<Running, "identity" | "isConnected" | "status" | "version"> | undefined>
  readonly plan: Pick<Plan, "profile" | "queue" | "scope">
}

type State = "starting" | "ready" | "disconnected" | "stopping"

const report = Effect.fnUntraced(function*({ plan, running }: Watched) {
  const { profile, queue, scope } = plan
  const of = (state: State) => ({ state, queue, scope, profile })
  const opened = yield* running
  if (opened === undefined) return of("starting")
  const { isPolling, ...counts } = yield* opened.status
  const isConnected = yield* isPolling ? opened.isConnected : Effect.succeed(false)
  return {
    ...of(isConnected ? "ready" : isPolling ? "disconnected" : "stopping"),
    identity: opened.identity,
    ...(opened.version === undefined ? {} : opened.version),
    running: counts
  }
})

const answer = (watched: Watched, statusOf: (state: State) => number) =>
  Effect.map(report(watched), (told) => HttpServerResponse.jsonUnsafe(told, { status: statusOf(told.state) }))

/** `/healthz`: the process lives, whatever it does. `/readyz`: it asks for work, and the server answers. */
export const pages = (watched: Watched): Pages.Pages => ({
  "/healthz": answer(watched, () => 200),
  "/readyz": answer(watched, (state) => state === "ready" ? 200 : 503)
})
