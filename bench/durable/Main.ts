/**
 * Durable runs beside the SDK alone, in turn, each on a development server of its own: `node bench/durable/Main.ts`. The server is found
 * or built as the tests do it. `--out` names a file of Markdown for the results; `--worker-flags` are for Node in the workers.
 */
import { Connection } from "@temporalio/client"
import { mkdtempSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import * as DevServer from "../../test/temporal/DevServer.ts"
import { measure, type Measured } from "./Measure.ts"
import type { PeerName } from "./Peers.ts"
import * as Provider from "./Provider.ts"
import * as Raw from "./Raw.ts"
import * as Report from "./Report.ts"
import { type Shape, shapes } from "./Shapes.ts"

const { values } = parseArgs({
  options: {
    repetitions: { type: "string", default: "3" },
    shapes: { type: "string", default: shapes.map(({ id }) => id).join(",") },
    peers: { type: "string" },
    items: { type: "string" },
    "worker-flags": { type: "string", default: "" },
    out: { type: "string" }
  }
})

const line = (text: string): void => void process.stdout.write(`${text}\n`)
const words = (text: string): ReadonlyArray<string> => text.split(/[ ,]/).filter((word) => word !== "")

const folder = mkdtempSync(join(tmpdir(), "pipelex-bench-"))
const bundles = { ours: join(folder, "minified.js"), defaults: join(folder, "defaults.js") }
writeFileSync(bundles.ours, await Raw.bundle(true))
writeFileSync(bundles.defaults, await Raw.bundle(false))

const wanted = words(values.peers ?? "")
const isWanted = (peer: PeerName): boolean => wanted.length === 0 || wanted.includes(peer)
const itemsOf = (shape: Shape): number => values.items === undefined ? shape.items : Number(values.items)
const chosen = shapes.filter(({ id }) => words(values.shapes).includes(id)).map((shape): Shape =>
  Object.assign({}, shape, { items: itemsOf(shape), peers: shape.peers.filter(isWanted) })
)

let server: DevServer.DevServer | undefined
// The SDK takes these signals for its workers; who stops a benchmark wants all of it to end.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => void Promise.resolve(server?.stop()).finally(() => process.exit(130)))
}
const provider = await Provider.start()

/** On a server of its own: one that has just held thousands of workflows is slower for whoever comes next. */
const alone = async (shape: Shape, peer: PeerName, repetition: number): Promise<Measured> => {
  server = await DevServer.start()
  const connection = await Connection.connect({ address: server.address })
  try {
    return await measure(shape, peer, {
      address: server.address,
      base: provider.base,
      bundles,
      connection,
      repetition,
      flags: words(values["worker-flags"])
    })
  } finally {
    await connection.close()
    await server.stop()
  }
}

const measured: Array<Measured> = []
try {
  for (let repetition = 0; repetition < Number(values.repetitions); repetition++) {
    for (const shape of chosen) {
      // Who begins changes, should the machine have been idle before.
      const turn = repetition % shape.peers.length
      for (const peer of [...shape.peers.slice(turn), ...shape.peers.slice(0, turn)]) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- one at a time is what is measured
        const found = await alone(shape, peer, repetition)
        measured.push(found)
        line(Report.progress(found))
      }
    }
  }
} finally {
  await provider.stop()
}

const text = Report.markdown(chosen, measured, {
  command: ["npm run bench:durable", ...process.argv.slice(2).map((word, at) => at === 0 ? `-- ${word}` : word)].join(
    " "
  ),
  sizes: {
    ours: statSync(fileURLToPath(new URL("../../dist/workflow-bundle.js", import.meta.url))).size,
    raw: statSync(bundles.ours).size,
    "raw as the SDK bundles it": statSync(bundles.defaults).size
  }
})
if (values.out === undefined) line(`\n${text}`)
else writeFileSync(values.out, text)
