/**
 * How fast a queue gives its work away that may give 20 activities a second to three workers, while 600 wait: `node
 * bench/durable/RateCap.ts`, which starts its own servers and writes `bench/results/rate-cap.md`.
 */
import { TestWorkflowEnvironment } from "@temporalio/testing"
import * as Effect from "effect/Effect"
import { writeFileSync } from "node:fs"
import { loadavg } from "node:os"
import process from "node:process"
import { fileURLToPath } from "node:url"
import * as Folder from "../../test/source/Folder.ts"
import * as Capped from "../../test/temporal/deployments/Capped.ts"
import * as Pace from "../../test/temporal/deployments/Pace.ts"
import * as DevServer from "../../test/temporal/DevServer.ts"

const cap = 20
const wanted = { most: 25, average: 0.85 * cap }
const results = fileURLToPath(new URL("../results/rate-cap.md", import.meta.url))
const line = (text: string): void => void process.stdout.write(`${text}\n`)

interface Server {
  readonly name: string
  readonly settings: ReadonlyArray<string>
}

const servers: ReadonlyArray<Server> = [
  { name: "as it comes: 4 partitions of a queue", settings: [] },
  {
    name: "1 partition of a queue",
    settings: ["matching.numTaskqueueReadPartitions=1", "matching.numTaskqueueWritePartitions=1"]
  }
]

const started = ({ settings }: Server) =>
  Effect.acquireRelease(
    Effect.promise(async () =>
      TestWorkflowEnvironment.createLocal({
        server: {
          executable: await DevServer.executable(),
          ip: "127.0.0.1",
          log: { format: "pretty", level: "error" },
          extraArgs: [...settings.flatMap((setting) => ["--dynamic-config-value", setting]), "--output", "none"]
        }
      })
    ),
    (environment) => Effect.promise(() => environment.teardown())
  )

interface Measured extends Pace.Pace {
  readonly name: string
  readonly asked: Pace.Pace
  readonly perSecond: ReadonlyArray<number>
  /** Of the machine, over the last minute: above its cores, processes wait for each other. */
  readonly load: number
}

/** How many were started in each second. */
const perSecond = (starts: ReadonlyArray<number>): ReadonlyArray<number> => {
  const first = Math.min(...starts)
  const seconds = starts.map((start) => Math.floor((start - first) / 1000))
  return Array.from(
    { length: Math.max(...seconds) + 1 },
    (_, second) => seconds.filter((each) => each === second).length
  )
}

const measured = Effect.fn("bench.rateCap")(function*(server: Server) {
  const { address } = yield* started(server)
  const { byProvider, byServer, codes, says } = yield* Capped.drained({ address, cap, workers: 3, runs: 3, items: 200 })
  if (codes.some((code) => code !== 0)) return yield* Effect.die(new Error(says))
  const pace = Pace.of(byServer)
  const found: Measured = {
    name: server.name,
    ...pace,
    asked: Pace.of(byProvider),
    perSecond: perSecond(byServer),
    load: loadavg()[0] ?? 0
  }
  line(`${found.name}: ${JSON.stringify(found)}`)
  return found
})

const row = ({ asked, average, count, first, load, most, name, seconds }: Measured): string =>
  `| ${name} | ${count} | ${seconds.toFixed(1)} s | ${first} | ${most} | ${average.toFixed(1)} (${
    Math.round(100 * average / cap)
  } %) | ${asked.most}, ${asked.average.toFixed(1)} | ${load.toFixed(0)} |`

const markdown = (found: ReadonlyArray<Measured>): string =>
  `# A queue's cap

\`node bench/durable/RateCap.ts\`, on 2 cores of a shared machine: \`examples/deployments/per-provider\` with a cap of ${cap} activities a
second on \`openai_q\`, and three workers of that queue that are started when 600 activities wait. Three runs put them there. Server: the
development server of Temporal's command line, on the same machine. Times are those at which it started each activity; the load is the
machine's, with its other users.

| Server | Items | Drained in | First second | Most in 1 s, after 2 s | Average after 2 s | The same, at the provider | Load |
|---|---|---|---|---|---|---|---|
${found.map(row).join("\n")}
| aim | 600 | | | ${wanted.most} | ${wanted.average} (85 %) | | |

Started in each second:

${found.map(({ name, perSecond: counts }) => `- ${name}: ${counts.join(" ")}`).join("\n")}

- A server gives its bucket away first: a second's worth, on top of the cap. After a pause, of the work or of a busy server, the bucket
  is full again.
- A queue is kept in partitions, and each gives its share of the cap. Work is spread over them at random, so the fullest is still being
  emptied when the others have nothing left: the last seconds are below the cap.
`

const found = await Effect.runPromise(
  Effect.forEach(servers, (server) => Effect.scoped(measured(server))).pipe(Effect.provide(Folder.layer))
)
writeFileSync(results, markdown(found))
process.exitCode = found.every(({ average, most }) => most <= wanted.most && average >= wanted.average) ? 0 : 1
