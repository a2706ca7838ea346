import * as Effect from "effect/Effect"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import { wrap } from "../report/Columns.ts"
import * as CostTable from "../report/CostTable.ts"
import * as FailedItems from "../report/FailedItems.ts"
import * as MethodTree from "../source/MethodTree.ts"
import * as Artefacts from "./Artefacts.ts"
import * as Costs from "./Costs.ts"
import * as Execution from "./Execution.ts"
import { usage } from "./Exit.ts"
import * as LeftOut from "./LeftOut.ts"
import * as MainOutput from "./MainOutput.ts"
import * as OutputPanel from "./OutputPanel.ts"
import * as ResultFolder from "./ResultFolder.ts"
import { Streams } from "./Streams.ts"
import * as Viewer from "./Viewer.ts"

/** What is shown of a run, and which files it leaves. */
export interface Shown extends Pick<Execution.Options, "costs" | "dryRun"> {
  readonly outputDir: string | undefined
  readonly saveWorkingMemory: boolean
  readonly workingMemoryPath: string | undefined
  readonly saveMainStuff: boolean
  readonly saveCsv: string | undefined
  readonly prettyPrint: boolean
}

/** `pipelex run`: the run, and what there is to show for it. */
export interface RunOptions extends Execution.Options, Shown {
  readonly graphFullData: boolean
  readonly graphNoData: boolean
}

const simulatedNote = "simulated: made up by the simulated backend, no real model was called"

const mainStuff = (
  main: MainOutput.MainOutput,
  title: string,
  isSimulated: boolean
): ReadonlyArray<ResultFolder.ResultFile> => {
  const json = MainOutput.toText(main.json)
  return [
    { name: "main_stuff.json", content: json },
    { name: "main_stuff.md", content: main.markdown },
    { name: "main_stuff.html", content: main.html },
    {
      name: "main_stuff_viewer.html",
      content: Viewer.page(
        title,
        { html: main.html, markdown: main.markdown, json },
        isSimulated ? simulatedNote : undefined
      )
    }
  ]
}

const mainFile = Effect.fnUntraced(
  function*({ library, opened }: Execution.Finished, { stuff }: MainOutput.MainOutput) {
    if (opened === undefined || stuff === undefined) return undefined
    const { file } = yield* Effect.promise(() => import("./LiveRun.ts"))
    return yield* Effect.provideContext(file(library, stuff), opened)
  }
)

interface Saved {
  readonly folder: string
  readonly lines: ReadonlyArray<string>
}

const save = Effect.fnUntraced(
  function*(options: Shown, finished: Execution.Finished, main: MainOutput.MainOutput) {
    const { entry, found, isGraphed, isSimulated, memory, runId } = finished
    const csv = options.saveCsv === undefined ? undefined : yield* MainOutput.csv(main)
    const memoryText = MainOutput.toText(WorkingMemory.toJson(memory))
    const isMemoryInside = options.saveWorkingMemory && options.workingMemoryPath === undefined
    const bytes = options.saveMainStuff ? yield* mainFile(finished, main) : undefined
    const tree = found === undefined ? undefined : MethodTree.toJson(found.method.tree, entry.ref)
    const folder = yield* ResultFolder.save(options.outputDir ?? "results", entry.code, runId, [
      ...(isGraphed ? Artefacts.graphFiles(finished) : []),
      ...(options.saveMainStuff ? mainStuff(main, entry.code, isSimulated) : []),
      ...(bytes === undefined ? [] : [bytes]),
      ...(isMemoryInside ? [{ name: "working_memory.json", content: memoryText }] : []),
      ...LeftOut.files(finished),
      ...(tree === undefined ? [] : [{ name: "method_tree.json", content: `${JSON.stringify(tree, null, 2)}\n` }])
    ])
    if (options.saveWorkingMemory && options.workingMemoryPath !== undefined) {
      yield* ResultFolder.writeBeside(options.workingMemoryPath, memoryText)
    }
    if (options.saveCsv !== undefined && csv !== undefined) yield* ResultFolder.writeBeside(options.saveCsv, csv)
    const saved: Saved = {
      folder,
      lines: [
        ...(isGraphed ? ["graphs: graphspec, mermaidflow, pipe_io_contracts"] : []),
        ...(options.saveMainStuff ? ["main_stuff: json, md, html, html_viewer"] : []),
        ...(bytes === undefined ? [] : [bytes.name]),
        ...(options.saveWorkingMemory ? [options.workingMemoryPath ?? "working_memory.json"] : []),
        ...(options.saveCsv === undefined ? [] : [options.saveCsv]),
        ...LeftOut.files(finished).map(({ name }) => name),
        ...(tree === undefined ? [] : ["method_tree.json"])
      ]
    }
    return saved
  }
)

const show = Effect.fnUntraced(
  function*(options: Shown, finished: Execution.Finished, main: MainOutput.MainOutput) {
    const streams = yield* Streams
    const { configuration: { options: { reporting } }, entry, isSimulated, runId } = finished
    if (options.prettyPrint && main.stuff !== undefined) {
      yield* streams.result(
        OutputPanel.lines(entry.code, main.stuff, main.json, {
          ...streams.out,
          title: "Final output of pipe",
          isSimulated
        })
      )
    }
    if (options.prettyPrint && main.stuff === undefined) {
      yield* streams.result([`Final output of pipe ${entry.code}: absent`])
    }
    if (options.costs && !options.dryRun && reporting.isCostLoggedToConsole) {
      yield* streams.result(
        CostTable.lines(Costs.rows(Costs.of(finished)), { ...streams.out, runId, unit: reporting.unitScale })
      )
    }
  }
)

const farewell = Effect.fnUntraced(
  function*({ dryRun }: Shown, { failed, isSimulated }: Execution.Finished, { folder, lines }: Saved) {
    const streams = yield* Streams
    const { style, width } = streams.out
    const what = dryRun ? "Dry run completed" : "Pipeline execution completed"
    const made = isSimulated ? " (simulated: no real model was called)" : ""
    yield* streams.result([
      "",
      ...(failed.length === 0
        ? [style.good(`✓ ${what} successfully${made}`)]
        : wrap(`! ${what} without ${FailedItems.amount(failed)} that failed${made}`, width).map(style.warning)),
      `  Output saved to ${folder}:`,
      ...lines.map((line) => `    ${style.good("✓")} ${line}`)
    ])
  }
)

export const run = Effect.fn("RunMethod.run")(function*(options: RunOptions) {
  if (options.graphFullData && options.graphNoData) {
    return yield* usage("--graph-full-data and --graph-no-data exclude each other")
  }
  return yield* conclude(options, yield* Execution.execute(options))
}, Effect.scoped)

/** Shows what a run came to, and writes its files. A run that left out items that failed ends with 1. */
export const conclude = Effect.fnUntraced(function*(options: Shown, finished: Execution.Finished) {
  const streams = yield* Streams
  const main = MainOutput.of(finished.library, finished.memory)
  const saved = yield* save(options, finished, main)
  yield* streams.audience.reader === "program"
    ? streams.json(MainOutput.compact(main))
    : Effect.andThen(show(options, finished, main), farewell(options, finished, saved))
  return yield* LeftOut.end(finished, saved.folder)
})
