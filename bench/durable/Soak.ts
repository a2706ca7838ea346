/**
 * A long batch while workers and the server are killed and the provider errs: `node bench/durable/Soak.ts`. Workers are processes of the
 * sources, the server is found or built as the tests do it. Runs of other sizes that the file tells of stay in it.
 */
import * as Effect from "effect/Effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { cpus, loadavg } from "node:os"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import * as Folder from "../../test/source/Folder.ts"
import { type Check, checks } from "../../test/temporal/crash/SoakChecks.ts"
import * as Soaking from "../../test/temporal/crash/Soaking.ts"

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "5000" },
    workers: { type: "string", default: "3" },
    kills: { type: "string", default: "5" },
    restarts: { type: "string", default: "1" },
    faults: { type: "string", default: "0.05" },
    concurrency: { type: "string", default: "100" },
    out: { type: "string", default: fileURLToPath(new URL("../results/soak.md", import.meta.url)) }
  }
})

const line = (text: string): void => void process.stdout.write(`${text}\n`)

const options: Soaking.Options = {
  items: Number(values.items),
  workers: Number(values.workers),
  kills: Number(values.kills),
  restarts: Number(values.restarts),
  faults: Number(values.faults),
  concurrency: Number(values.concurrency),
  // A single worker is the one to be killed.
  isOneSpared: Number(values.workers) > 1,
  tell: (text) => line(`${new Date().toISOString().slice(11, 19)} ${text}`)
}

const table = (found: ReadonlyArray<Check>): string =>
  [
    "| | found | wanted | kept |",
    "|---|---|---|---|",
    ...found.map((each) => `| ${each.what} | ${each.found} | ${each.wanted} | ${each.isKept ? "yes" : "**no**"} |`)
  ].join("\n")

const head = `# A long batch, with everything around it killed

\`node bench/durable/Soak.ts [--items 5000]\`: one PipeBatch over a PipeLLM, its workers processes of their own, its server one
that keeps its runs in a file. Workers are killed at points spread over the run, and another is started at once; the server is killed in
the middle, and started again. The provider is on the same machine, takes 0.1 s for an answer, and answers a share of the requests with a
fault that passes: 429 with and without Retry-After, 500, a dropped connection. The batch is shards of 200 items; settings are the
defaults.

- "Completed" is what the server noted: a request for an item after that is one too many, whatever was killed.
- A request after one that was answered is explained by a kill between them alone: the item was in flight.
- Memory is what the one worker that is never killed has resident, after all its threads have collected their garbage
  and given back the pages that then hold nothing.
- The wall time holds the waits of a recovery: a leaf that died with its worker is asked again after its heartbeat timeout.
`

const section = (soaked: Soaking.Soaked, load: string): string => {
  const { concurrency, faults, items, kills, restarts, workers } = options
  return `## ${items} items

${workers} workers; ${kills} kills of workers, ${restarts} of the server; ${concurrency} items at once, faults ${
    faults * 100
  } %. ${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), load ${load}, Node ${process.versions.node}, ${
    new Date().toISOString().slice(0, 10)
  }.

${soaked.seconds.toFixed(0)} s, ${(items / soaked.seconds).toFixed(1)} items per second.

${table(checks(soaked))}
`
}

const before = loadavg()[0] ?? Number.NaN
const soaked = await Effect.runPromise(
  Effect.scoped(Soaking.soaked(options)).pipe(Effect.provide(Folder.layer))
)
const text = section(soaked, `${before.toFixed(1)} to ${(loadavg()[0] ?? Number.NaN).toFixed(1)}`)
line(text)
const kept = existsSync(values.out) ? readFileSync(values.out, "utf8").split(/^(?=## )/m).slice(1) : []
const others = kept.map((each) => each.trimEnd()).filter((each) => !each.startsWith(`## ${options.items} items\n`))
writeFileSync(values.out, `${[head, ...others, text].map((part) => part.trimEnd()).join("\n\n")}\n`)
if (checks(soaked).some(({ isKept }) => !isKept)) process.exitCode = 1
