import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Stuff } from "../concept/Stuff.ts"
import * as Configuration from "../config/Configuration.ts"
import type { Variables } from "../config/Placeholder.ts"
import * as Direct from "../direct/Direct.ts"
import * as InputFiles from "../direct/InputFiles.ts"
import * as Mime from "../document/Mime.ts"
import type { Library } from "../library/Library.ts"
import { type PipeCall, PipeRunner } from "../program/PipeRunner.ts"
import * as Adapters from "../provider/Adapters.ts"
import { Files } from "../provider/Files.ts"

/** The live half of a run: what reads files, extracts documents and calls models. A dry run never loads it. */
export const open = (options: Direct.Options) => Layer.build(Direct.layerWithResources(options))

/** What `open` gives, until its scope closes. */
export type Opened = Effect.Success<ReturnType<typeof open>>

/** What a live run can call from here. */
export const serving = (
  configuration: Configuration.Configuration,
  variables: Variables,
  backend: string | undefined
) => Configuration.live(configuration, { variables, isAdapted: Adapters.isAdapted, backend })

/** Looks at the files among the inputs, then runs the pipe. */
export const call = Effect.fnUntraced(function*(library: Library, wanted: PipeCall) {
  const memory = yield* InputFiles.prepare(library.concepts, wanted.memory, wanted.scope.runId)
  const runner = yield* PipeRunner
  return yield* runner.call({ ...wanted, memory })
})

const isFile = (library: Library, concept: string): boolean =>
  ["native.Image", "native.Document"].some((native) => library.concepts.isCompatible(concept, native, true))

/** The bytes of a main output that is an image or a document. */
export const file = Effect.fnUntraced(function*(library: Library, stuff: Stuff) {
  const url = stuff.content["url"]
  if (stuff.plural || typeof url !== "string" || url === "" || !isFile(library, stuff.concept)) return undefined
  const files = yield* Files
  const read = yield* Effect.option(files.read(url, "the main output"))
  if (read._tag === "None") return undefined
  const mime = stuff.content["mime_type"]
  const extension = Mime.extension(typeof mime === "string" ? mime : read.value.mimeType)
  return { name: `${stuff.name}.${extension}`, content: read.value.bytes }
})
