import type { JsonObject } from "../concept/Json.ts"
import * as JsonSchema from "../concept/JsonSchema.ts"
import * as Slot from "../concept/Slot.ts"
import * as Crate from "../library/Crate.ts"
import type { Library } from "../library/Library.ts"
import * as Graph from "../report/Graph.ts"
import * as IoContracts from "../report/IoContracts.ts"
import * as Mermaid from "../report/Mermaid.ts"
import type { Finished } from "./Execution.ts"
import { toText } from "./MainOutput.ts"
import type { ResultFile } from "./ResultFolder.ts"
import * as Version from "./Version.ts"

/** What a run tells of itself besides its output. */
export const contracts = (library: Library, refs?: Iterable<string>): JsonObject =>
  IoContracts.make(
    Array.from(library.pipes.values()).filter(({ ref }) => refs === undefined || new Set(refs).has(ref)),
    library.concepts
  )

const conceptRegistry = ({ concepts }: Library, crate: ReturnType<typeof Crate.of>): JsonObject =>
  Object.fromEntries(
    (crate.concepts as ReadonlyArray<{ readonly ref: string }>).map(({ ref }) => {
      const concept = concepts.get(ref)
      return [ref, {
        concept_ref: ref,
        description: concept?.description ?? "",
        json_schema: JsonSchema.jsonSchemaOf(concepts, ref)
      }]
    })
  )

const pipeRegistry = (library: Library, crate: ReturnType<typeof Crate.of>): JsonObject =>
  Object.fromEntries(
    Object.keys(crate.pipes).flatMap((ref) => {
      const pipe = library.pipes.get(ref)
      return pipe === undefined
        ? []
        : [
          [ref, {
            type: pipe.blueprint.type,
            description: pipe.blueprint.description,
            domain_code: pipe.domain,
            inputs: Object.fromEntries(Array.from(pipe.inputs, ([name, slot]) => [name, Slot.show(slot)])),
            output: Slot.show(pipe.output)
          }] as const
        ]
    })
  )

export const graph = ({ entry, library, prices, runId, watch }: Finished): Graph.GraphSpec => {
  const crate = Crate.of(library, [entry.ref])
  return Graph.make(watch.events, {
    runId,
    ref: entry.ref,
    prices,
    meta: { runtime: "pipelex-effect", runtime_version: Version.program },
    pipes: pipeRegistry(library, crate),
    concepts: conceptRegistry(library, crate)
  })
}

export const graphFiles = (finished: Finished): ReadonlyArray<ResultFile> => {
  const spec = graph(finished)
  return [
    { name: "graphspec.json", content: `${JSON.stringify(spec, null, 2)}\n` },
    { name: "mermaidflow.mmd", content: Mermaid.render(spec) },
    { name: "pipe_io_contracts.json", content: toText(contracts(finished.library)) }
  ]
}
