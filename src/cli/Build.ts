import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import process from "node:process"
import { stringify } from "smol-toml"
import type { Json } from "../concept/Json.ts"
import * as JsonSchema from "../concept/JsonSchema.ts"
import * as Configuration from "../config/Configuration.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Defined } from "../library/Definitions.ts"
import type { Library } from "../library/Library.ts"
import { Ended } from "./Exit.ts"
import * as InputsTemplate from "./InputsTemplate.ts"
import * as MainOutput from "./MainOutput.ts"
import { Streams } from "./Streams.ts"
import * as Target from "./Target.ts"
import * as TypeScriptType from "./TypeScriptType.ts"

/** `pipelex build`: examples and types for the inputs and the output of a pipe, written beside the method. */
export interface BuildOptions {
  readonly what: "inputs" | "output"
  readonly kind: Target.Kind
  readonly target: string
  readonly pipe: string | undefined
  readonly libraryDirs: ReadonlyArray<string>
  readonly output: string | undefined
  readonly format: string | undefined
  readonly explicit: boolean
  readonly force: boolean
}

export interface Subject {
  readonly library: Library
  readonly entry: Defined
  readonly found: Target.Found
}

export const subject = Effect.fnUntraced(function*(wanted: Omit<Target.Wanted, "compat">) {
  const configuration = yield* Configuration.loadFrom(process.cwd())
  const found = yield* Target.find({ ...wanted, compat: true }, configuration)
  const library = yield* Target.library(found)
  const built: Subject = { found, library, entry: yield* Target.entry(found, library) }
  return built
})

interface Built {
  readonly name: string
  readonly text: string
}

type Builder = (subject: Subject, explicit: boolean) => Built

const inputs: Readonly<Record<string, Builder>> = {
  json: ({ entry, library }, explicit) => ({
    name: "inputs.json",
    text: MainOutput.toText(InputsTemplate.of(library, entry, explicit))
  }),
  toml: ({ entry, library }, explicit) => ({
    name: "inputs.toml",
    text: tomlText(InputsTemplate.of(library, entry, explicit))
  })
}

export const tomlText = (value: Json): string => `${stringify(value).trimEnd()}\n`

const schema = ({ entry, library }: Subject) => JsonSchema.slotSchemaOf(library.concepts, entry.output, "output")

const output: Readonly<Record<string, Builder>> = {
  json: ({ entry, library }) => ({
    name: "output.json",
    text: MainOutput.toText(InputsTemplate.output(library, entry))
  }),
  schema: (built) => ({ name: "output.schema.json", text: MainOutput.toText(schema(built)) }),
  ts: (built) => {
    const { concept } = built.entry.output
    return {
      name: "output.ts",
      text: TypeScriptType.declarations(built.library.concepts.className(concept), schema(built))
    }
  }
}

const builders = { inputs, output }

export const formats = { inputs: ["json", "toml"], output: ["json", "schema", "ts"] } as const

/** Beside the bundle, or in the folder of the method. */
const folderOf = Effect.fnUntraced(function*({ found: { method, place } }: Subject) {
  const path = yield* Path.Path
  return method.tree.isOneFile ? path.dirname(place) : place
})

const write = Effect.fnUntraced(function*(file: string, text: string, force: boolean) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const written = Effect.andThen(
    fs.makeDirectory(path.dirname(path.resolve(file)), { recursive: true }),
    fs.writeFileString(file, text, { flag: force ? "w" : "wx" })
  )
  yield* Effect.mapError(written, (error) =>
    new Ended({
      code: 1,
      failure: fail(
        new Reason.RequestInvalid({
          problem: error.reason._tag === "AlreadyExists"
            ? `"${file}" is there already; --force overwrites it, -o names another file`
            : `"${file}" cannot be written (${error.reason._tag})`
        })
      )
    }))
})

export const build = Effect.fn("Build.build")(function*(options: BuildOptions) {
  const streams = yield* Streams
  const path = yield* Path.Path
  const built = yield* subject(options)
  const builder = builders[options.what][options.format ?? "json"] ?? builders[options.what]["json"]
  if (builder === undefined) return
  const { name, text } = builder(built, options.explicit)
  const file = options.output ?? path.join(yield* folderOf(built), name)
  yield* write(file, text, options.force)
  yield* streams.answer({ json: () => ({ success: true, pipe_ref: built.entry.ref, path: file }), lines: () => [file] })
})
