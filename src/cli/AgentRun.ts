import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import type { JsonObject } from "../concept/Json.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import * as CostTable from "../report/CostTable.ts"
import * as Artefacts from "./Artefacts.ts"
import * as Costs from "./Costs.ts"
import * as Execution from "./Execution.ts"
import { usage } from "./Exit.ts"
import * as LeftOut from "./LeftOut.ts"
import * as MainOutput from "./MainOutput.ts"
import * as ResultFolder from "./ResultFolder.ts"
import { Streams } from "./Streams.ts"
import * as Viewer from "./Viewer.ts"

/** `pipelex-agent run`: the content of the main output on stdout, or with `--with-memory` all that a next command may need. */
export interface AgentRunOptions extends Execution.Options {
  readonly outputDir: string | undefined
  readonly withMemory: boolean
  readonly format: "json" | "markdown" | undefined
  readonly runner: "local" | "hosted" | undefined
}

const envelope = (finished: Execution.Finished, main: MainOutput.MainOutput): JsonObject => ({
  main_stuff: { json: JSON.stringify(main.json), markdown: main.markdown, html: main.html },
  working_memory: WorkingMemory.toJson(finished.memory),
  ...LeftOut.member(finished)
})

const save = Effect.fnUntraced(
  function*(options: AgentRunOptions, finished: Execution.Finished, main: MainOutput.MainOutput) {
    const path = yield* Path.Path
    const { entry, isGraphed, isSimulated, library, runId } = finished
    const name = options.dryRun ? "dry_run" : "live_run"
    const json = MainOutput.toText(main.json)
    const note = isSimulated ? "simulated: made up by the simulated backend, no real model was called" : undefined
    const folder = yield* ResultFolder.save(options.outputDir ?? "results", entry.code, runId, [
      { name: `${name}.json`, content: MainOutput.toText(envelope(finished, main)) },
      {
        name: `${name}.html`,
        content: Viewer.page(entry.code, { html: main.html, markdown: main.markdown, json }, note)
      },
      ...LeftOut.files(finished),
      ...(isGraphed
        ? [{ name: `${name}_graph.json`, content: `${JSON.stringify(Artefacts.graph(finished), null, 2)}\n` }]
        : []),
      ...(isGraphed
        ? [{ name: "pipe_io_contracts.json", content: MainOutput.toText(Artefacts.contracts(library)) }]
        : [])
    ])
    return {
      output_file: path.resolve(folder, `${name}.json`),
      ...(isGraphed
        ? {
          graph_files: {
            graph_spec: path.resolve(folder, `${name}_graph.json`),
            pipe_io_contracts: path.resolve(folder, "pipe_io_contracts.json")
          }
        }
        : {})
    }
  }
)

const fenced = (value: unknown): ReadonlyArray<string> => ["```json", JSON.stringify(value, null, 2), "```"]

export const run = Effect.fn("AgentRun.run")(function*(options: AgentRunOptions) {
  const streams = yield* Streams
  if (options.runner === "hosted") {
    return yield* usage("hosted runs are not part of this program: leave --runner hosted out to run here")
  }
  const finished = yield* Execution.execute(options)
  const main = MainOutput.of(finished.library, finished.memory)
  const files = yield* save(options, finished, main)
  const result = options.withMemory
    ? {
      ...envelope(finished, main),
      ...(finished.found === undefined ? {} : { method_tree_digest: finished.found.method.tree.digest }),
      ...(options.costs ? { cost_report: CostTable.toJson(Costs.rows(Costs.of(finished))) } : {}),
      ...(finished.isSimulated ? { simulated: true } : {}),
      ...files
    }
    : MainOutput.compact(main)
  yield* streams.audience.format === "markdown" ? streams.result(fenced(result)) : streams.json(result)
  return yield* LeftOut.end(finished)
}, Effect.scoped)
