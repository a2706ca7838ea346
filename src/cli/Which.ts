import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import process from "node:process"
import * as Configuration from "../config/Configuration.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { closest } from "../failure/Suggest.ts"
import { Ended } from "./Exit.ts"
import { Streams } from "./Streams.ts"
import * as Target from "./Target.ts"

/** `pipelex which`: where a pipe comes from. Asks only what bundles say of themselves, so that a broken method can be searched too. */
export interface WhichOptions {
  readonly ref: string
  readonly libraryDirs: ReadonlyArray<string>
}

const exists = Effect.fnUntraced(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.orElseSucceed(fs.exists(folder), () => false)
})

const missed = (ref: string, names: ReadonlyArray<string>): Ended =>
  new Ended({
    code: 1,
    failure: fail(new Reason.PipeNotFound({ ref, suggestions: closest(ref, names) })),
    tips: [
      `💡 Tip: name the folder with -L, or in PIPELEXPATH${
        names.length === 0 ? "" : "; `pipelex show pipe --all` lists what is there"
      }.`
    ]
  })

export const which = Effect.fn("Which.which")(function*({ libraryDirs, ref }: WhichOptions) {
  const streams = yield* Streams
  const path = yield* Path.Path
  const { style } = streams.out
  const configuration = yield* Configuration.loadFrom(process.cwd())
  const named = Target.searchPath(libraryDirs, configuration.locations)
  const folders = named.length === 0 ? ["."] : named
  const there = yield* Effect.forEach(
    folders,
    (folder) => Effect.map(exists(folder), (isThere) => ({ folder, isThere }))
  )
  const present = there.filter(({ isThere }) => isThere).map(({ folder }) => folder)
  const [first, ...rest] = present
  const bundles = first === undefined
    ? []
    : (yield* Target.find({ kind: "bundle", target: first, libraryDirs: rest, compat: true }, configuration)).method
      .bundles
  const pipes = bundles.flatMap(({ domain, file, pipes: codes }) =>
    Array.from(codes, ([code, { type }]) => ({ code, domain, file, type, ref: `${domain}.${code}` }))
  )
  const matches = pipes.filter((pipe) => pipe.ref === ref || pipe.code === ref)
  const searched = [
    "Search path:",
    ...there.map(({ folder, isThere }) => `  ${isThere ? style.good("✓") : style.bad("✗")} ${path.resolve(folder)}`)
  ]
  const found = matches.map((pipe) => Object.assign({}, pipe, { file: path.resolve(pipe.file) }))
  if (found.length === 0) {
    if (streams.audience.reader === "people") yield* streams.result(searched)
    return yield* missed(ref, pipes.flatMap(({ code, ref: full }) => [code, full]))
  }
  return yield* streams.answer({
    json: () => ({
      search_path: folders.map((folder) => path.resolve(folder)),
      found: found.map(({ domain, file, ref: full, type }) => ({ pipe_ref: full, type, domain, source_file: file }))
    }),
    lines: () => [
      ...searched,
      ...found.flatMap(({ domain, file, ref: full, type }) => [
        "",
        style.good(`Found: ${full}`),
        `  Type:        ${type}`,
        `  Domain:      ${domain}`,
        `  Source file: ${file}`
      ])
    ]
  })
})
