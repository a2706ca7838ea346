/** Judges every case of a corpus. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import * as Pdf from "../../src/document/Pdf.ts"
import * as Storage from "../../src/storage/Storage.ts"
import * as Durably from "../temporal/Durably.ts"
import { cases, type Kind } from "./Corpus.ts"
import * as Failures from "./Failures.ts"
import * as Judging from "./Judging.ts"
import type * as Live from "./Live.ts"
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

/** Where the runs of cases happen. What runs nothing is the same on both. */
export const layers = ["direct", "temporal"] as const
export type LayerName = typeof layers[number]

/** A server of one's own. */
const server = Effect.gen(function*() {
  const { start } = yield* Effect.promise(() => import("../temporal/DevServer.ts"))
  const { address } = yield* Effect.acquireRelease(Effect.promise(start), ({ stop }) => Effect.promise(stop))
  return address
})

/** A worker of one's own. A leaf is tried once there: how often it is, is not what a case says. */
const durable = Effect.fnUntraced(function*(given: string | undefined) {
  const fs = yield* FileSystem.FileSystem
  const address = given ?? (yield* server)
  const durably = yield* Durably.start({ address, queue: "conformance", attempts: 1 })
  const found: Live.Durable = { ...durably, folder: yield* fs.makeTempDirectoryScoped({ prefix: "conformance-" }) }
  return found
})

/** `address` is that of a Temporal server, where one is running. */
export const judge = Effect.fn("Suite.judge")(
  function*(root: string, kinds: ReadonlyArray<Kind>, layer: LayerName = "direct", address?: string) {
    const where = layer === "temporal" ? yield* durable(address) : undefined
    const seen = Judging.notes()
    const known: Judging.Configurations = new Map()
    const folders = kinds.flatMap((kind) => kind === "templates" || kind === "failures" ? [] : cases(root, kind))
    const fromFolders = yield* Effect.forEach(folders, (each) => Judging.one(root, each, known, seen, where), {
      concurrency: 12
    })
    const faults = kinds.includes("failures") ? Failures.faults(root) : []
    const fromFaults = yield* Effect.forEach(faults, (each) => Judging.failure(root, each, known, where), {
      concurrency: 16
    })
    const fromLines = kinds.includes("templates") ? Templates.lines(root).map(Judging.template) : []
    const result: Result = { judged: [...fromFolders, ...fromFaults, ...fromLines], notes: seen }
    return result
  },
  Effect.scoped,
  Effect.provide(resources)
)
