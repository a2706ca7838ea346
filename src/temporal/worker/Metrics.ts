import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import { createServer } from "node:net"
import { valueAt } from "../../failure/Foreign.ts"
import { fail } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import type * as Pages from "./Pages.ts"

/**
 * The metrics of a worker as Prometheus reads them: ours, of this process, and those of Temporal's SDK, which serves them from its own
 * core at an address that is not known outside. One page has both.
 */
const host = "127.0.0.1"

/** `host:port` for the SDK, which cannot choose a free port and say which. */
export const address = Effect.callback<string, ReturnType<typeof fail>>((resume) => {
  const server = createServer()
  server.once("error", (error) => {
    const problem = `no port of ${host} is free for the metrics of the SDK (${String(valueAt(error, "code"))})`
    resume(Effect.fail(fail(new Reason.RuntimeUnavailable({ problem }))))
  })
  server.listen(0, host, () => {
    const bound = server.address()
    const port = bound !== null && typeof bound === "object" ? bound.port : 0
    server.close(() => resume(Effect.succeed(`${host}:${port}`)))
  })
})

/** On the loopback interface, out of memory. */
const patience = "2 seconds"

const theirs = (from: string): Effect.Effect<string> =>
  Effect.tryPromise(async (signal) => {
    const answer = await fetch(`http://${from}/metrics`, { signal })
    return answer.text()
  }).pipe(
    Effect.timeout(patience),
    Effect.orElseSucceed(() => "# The metrics of Temporal's SDK could not be read.\n")
  )

/** `/metrics`. `from` is where the SDK serves its own. */
export const pages = (from: string): Pages.Pages => ({
  "/metrics": Effect.map(
    Effect.all([PrometheusMetrics.format(), theirs(from)], { concurrency: 2 }),
    (texts) => HttpServerResponse.text(texts.join(""), { contentType: "text/plain; version=0.0.4; charset=utf-8" })
  )
})
