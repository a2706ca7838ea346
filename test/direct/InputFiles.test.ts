import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Concept from "../../src/concept/Authoring.ts"
import { Concepts } from "../../src/concept/Concept.ts"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import * as Direct from "../../src/direct/Direct.ts"
import * as InputFiles from "../../src/direct/InputFiles.ts"
import * as Pipe from "../../src/pipe/Composed.ts"
import { defaults } from "../../src/program/Settings.ts"
import * as pdfs from "../document/pdfs.ts"
import { models } from "../library/Fixture.ts"

const platform = Layer.merge(NodeFileSystem.layer, NodePath.layer)

const prepared = (base: string, url: string, options: InputFiles.Options = {}) =>
  InputFiles.prepare(
    Concepts.make([]),
    WorkingMemory.make([{ code: "x", name: "doc", concept: "native.Document", plural: false, content: { url } }]),
    "run",
    options
  ).pipe(Effect.provide(Direct.resources({ base, readableFolders: [base], storage: "memory" })))

const folder = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const made = yield* Effect.flatMap(fs.makeTempDirectoryScoped(), fs.realPath)
  yield* fs.writeFile(`${made}/fine.pdf`, pdfs.text("Hello"))
  yield* fs.writeFile(`${made}/hostile.pdf`, new TextEncoder().encode("%PDF-1.7\n" + "[".repeat(100_000)))
  return made
})

const read = Pipe.extract("f.read", { inputs: { doc: Concept.Document } })
const shout = Pipe.compose("f.shout", { inputs: { topic: Concept.Text }, output: Concept.Text, template: "$topic!" })

describe("the files of a run's inputs", () => {
  it.live("that do not exist are a typed failure which names the input", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(prepared(yield* folder, "gone.pdf"))
      assert.include(["input.file_unreadable", "input.reference_not_found"], failure.code)
      assert.strictEqual(failure.location.input, "doc")
    }).pipe(Effect.provide(platform)))

  it.live("stay where they are for a run in this process, and are stored for one elsewhere", () =>
    Effect.gen(function*() {
      const base = yield* folder
      const docOf = (options?: InputFiles.Options) =>
        Effect.map(prepared(base, "fine.pdf", options), (memory) => WorkingMemory.get(memory, "doc")?.content)
      const here = yield* docOf()
      assert.deepStrictEqual(here, { url: "fine.pdf", mime_type: "application/pdf", filename: "fine.pdf" })
      const elsewhere = yield* docOf({ isStored: true })
      assert.match(String(elsewhere?.["url"]), /^pipelex-storage:\/\/run\/assets\/[0-9a-f]{16}\.pdf$/)
      assert.deepStrictEqual({ ...elsewhere, url: "fine.pdf" }, here)
    }).pipe(Effect.provide(platform)))

  it.live("outside the readable folders are refused", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(prepared(yield* folder, "../../../etc/passwd"))
      assert.strictEqual(failure.code, "security.input_path_refused")
    }).pipe(Effect.provide(platform)))

  it.live("written as data URLs are moved to the store, with their type", () =>
    Effect.gen(function*() {
      const url = `data:application/pdf;base64,${Buffer.from(pdfs.text("Hi")).toString("base64")}`
      const memory = yield* prepared(yield* folder, url)
      const made = WorkingMemory.get(memory, "doc")?.content
      assert.notMatch(String(made?.["url"]), /^data:/)
      assert.strictEqual(made?.["mime_type"], "application/pdf")
      const broken = yield* Effect.flip(prepared(yield* folder, "data:application/pdf;base64,%%%"))
      assert.match(broken.code, /^input\./)
    }).pipe(Effect.provide(platform)))

  it.live(
    "that are hostile fail their own pipe alone; another pipe's run goes on beside it",
    () =>
      Effect.gen(function*() {
        const base = yield* folder
        const layer = Direct.layerWith({ models, settings: defaults, storage: "memory", base })
        const [hostile, fine, other] = yield* Effect.all([
          Effect.result(read({ doc: { url: "hostile.pdf" } })),
          Effect.result(read({ doc: { url: "fine.pdf" } })),
          Effect.result(shout({ topic: { text: "hey" } }))
        ], { concurrency: "unbounded" }).pipe(Effect.provide(layer))
        assert.isTrue(Result.isFailure(hostile))
        if (Result.isFailure(hostile)) assert.match(hostile.failure.code, /^input\./)
        if (Result.isFailure(hostile)) assert.strictEqual(hostile.failure.location.pipe, "read")
        assert.strictEqual(
          Result.isSuccess(fine) ? fine.success[0]?.text_and_images.text?.text.trim() : JSON.stringify(fine),
          "Hello"
        )
        assert.deepStrictEqual(Result.isSuccess(other) ? other.success : undefined, { text: "hey!" })
      }).pipe(Effect.provide(platform)),
    60_000
  )
})
