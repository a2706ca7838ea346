import * as Effect from "effect/Effect"
import * as Health from "../temporal/worker/Health.ts"
import * as Metrics from "../temporal/worker/Metrics.ts"
import * as Pages from "../temporal/worker/Pages.ts"
import * as Listening from "./Listening.ts"

/** What a worker shows to its supervisors: its health, and its metrics, each at a port that was asked for. */
export interface Options {
  readonly host: string
  readonly healthPort: number | undefined
  readonly metricsPort: number | undefined
}

export interface Served {
  readonly urls: { readonly health?: string; readonly metrics?: string }
  /** `host:port` where the SDK has to serve its own metrics. */
  readonly sdk?: string
}

const shown = Effect.fnUntraced(function*(flag: string, host: string, port: number, pages: Pages.Pages) {
  const { server, url } = yield* Listening.open({ host, port: yield* Listening.port(flag, port) })
  yield* server.serve(Pages.app(pages))
  return url
})

/** Answers before the worker is open, and until it has stopped. One port may be for both. */
export const serve = Effect.fnUntraced(
  function*({ healthPort, host, metricsPort }: Options, watched: Health.Watched) {
    const sdk = metricsPort === undefined ? undefined : yield* Metrics.address
    const health = Health.pages(watched)
    const metrics = sdk === undefined ? {} : Metrics.pages(sdk)
    const isShared = healthPort === metricsPort && healthPort !== 0
    const first = healthPort === undefined
      ? undefined
      : yield* shown("health-port", host, healthPort, isShared ? { ...health, ...metrics } : health)
    const second = metricsPort === undefined || isShared
      ? first
      : yield* shown("metrics-port", host, metricsPort, metrics)
    return {
      urls: {
        ...(first === undefined ? {} : { health: first }),
        ...(metricsPort === undefined || second === undefined ? {} : { metrics: second })
      },
      ...(sdk === undefined ? {} : { sdk })
    }
  }
)
