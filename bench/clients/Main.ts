/**
 * This runtime beside its peers, all asking one fake provider on this machine. `BENCH_PEERS` names the folder where the peers are
 * installed, `PIPELEX_REFERENCE_PYTHON` an interpreter that has the reference. The raw figures go where `--out` says.
 */
import { writeFileSync } from "node:fs"
import { basename } from "node:path"
import process from "node:process"
import { parseArgs } from "node:util"
import * as Matrix from "./Matrix.ts"

const { values } = parseArgs({
  options: {
    repetitions: { type: "string", default: "3" },
    peers: { type: "string", default: "raw,raw-undici,effect,effect-deep,ai-sdk,langgraph,mastra" },
    workloads: { type: "string", default: Matrix.workloads.map(({ id }) => id).join(",") },
    out: { type: "string" }
  }
})

const line = (text: string): void => void process.stdout.write(`${text}\n`)

const peers = process.env["BENCH_PEERS"]
if (peers === undefined) {
  line("set BENCH_PEERS to the folder where the peers are installed")
  process.exit(2)
}

const python = process.env["PIPELEX_REFERENCE_PYTHON"]
const us = Matrix.ours(peers)
const names = [...values.peers.split(","), us, Matrix.commandLine, ...(python === undefined ? [] : [Matrix.reference])]
const chosen = Matrix.workloads.filter(({ id }) => values.workloads.split(",").includes(id))

const { base, server } = await Matrix.serve(peers)
const measured = Array.from(Matrix.matrix(names, chosen, Number(values.repetitions), { peers, base, python }))
server.kill()

const shown = (peer: string): string => peer === us ? "pipelex-effect" : basename(peer)

if (values.out !== undefined) {
  const lines = measured.map((each) => JSON.stringify({ ...each, peer: shown(each.peer) }))
  writeFileSync(values.out, `[\n${lines.join(",\n")}\n]\n`)
}

for (const workload of chosen) {
  const { figure = "us_cpu", id, ideal, what } = workload
  line(`\n${id}: ${what} (${figure}, ratio to ${ideal === undefined ? "raw" : `${ideal} ms`})`)
  for (const { median, peer, ratio } of Matrix.rows(measured, workload, names)) {
    line(`  ${shown(peer).padEnd(16)} ${median.toFixed(1).padStart(9)}  ${ratio.toFixed(2)}`)
  }
}
