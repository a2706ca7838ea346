/** Judges every case of a corpus. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import * as Pdf from "../../src/document/Pdf.ts"
import * as Storage from "../../src/storage/Storage.ts"
import { cases, type Kind } from "./Corpus.ts"
import * as Failures from "./Failures.ts"
import * as Judging from "./Judging.ts"
import * as Templates from "./Templates.ts"

export interface Result {
  readonly judged: ReadonlyArray<Judging.Judged>
  readonly notes: Judging.Notes
}

const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)

/** What every case shares: one reader of PDFs, and a store in memory. Standard output is for the result alone. */
const resources = Layer.provideMerge(
  Layer.mergeAll(Pdf.layer, Storage.layerMemory, Layer.succeed(References.MinimumLogLevel, "None")),
  platform
)

export const judge = Effect.fn("Suite.judge")(function*(root: string, kinds: ReadonlyArray<Kind>) {
  const seen = Judging.notes()
  const known: Judging.Configurations = new Map()
  const folders = kinds.flatMap((kind) => kind === "templates" || kind === "failures" ? [] : cases(root, kind))
  const fromFolders = yield* Effect.forEach(folders, (each) => Judging.one(root, each, known, seen), {
    concurrency: 12
  })
  const faults = kinds.includes("failures") ? Failures.faults(root) : []
  const fromFaults = yield* Effect.forEach(faults, (each) => Judging.failure(root, each, known), { concurrency: 16 })
  const fromLines = kinds.includes("templates") ? Templates.lines(root).map(Judging.template) : []
  const result: Result = { judged: [...fromFolders, ...fromFaults, ...fromLines], notes: seen }
  return result
}, Effect.provide(resources))
