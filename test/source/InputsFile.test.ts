import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as InputsFile from "../../src/source/InputsFile.ts"
import * as JsonFault from "../../src/source/JsonFault.ts"
import * as Folder from "./Folder.ts"

describe("JsonFault.find", () => {
  const texts: ReadonlyArray<readonly [text: string, offset: number, says: string]> = [
    ["{\"a\": }", 6, "value"],
    ["{\"a\" 1}", 5, "\":\""],
    ["{a: 1}", 1, "double quotes"],
    ["[1 2]", 3, "\",\""],
    ["[1,]", 3, "value"],
    ["{\"a\": 1", 7, "ends"],
    ["{\"a\": \"x\ny\"}", 6, "not closed"],
    ["{\"a\": 01}", 6, "value"],
    ["{} {}", 3, "nothing more"],
    ["", 0, "ends"]
  ]
  it.each(texts)("shows where %j stops being JSON", (text, offset, says) => {
    const fault = JsonFault.find(text)
    assert.strictEqual(fault?.offset, offset)
    assert.include(fault?.problem, says)
  })

  it.effect.prop(
    "finds nothing in what is JSON, and something in what is not",
    [Schema.String, Schema.Int],
    ([key, cut]) =>
      Effect.sync(() => {
        const text = JSON.stringify({ [key]: [1.5e-3, null, true, { [key]: key }], n: -0 }, undefined, cut % 3)
        assert.isUndefined(JsonFault.find(text))
        assert.isDefined(JsonFault.find(text.slice(0, Math.abs(cut) % text.length)))
      })
  )

  it("is linear on a large text", () => {
    assert.isUndefined(
      JsonFault.find(JSON.stringify({ a: "\\\"x".repeat(500_000), b: Array.from({ length: 100_000 }, () => [0]) }))
    )
    assert.isDefined(JsonFault.find("[".repeat(1_000_000)))
  })
})

const said = (
  effect: Effect.Effect<
    unknown,
    PipeFailure | PlatformError,
    FileSystem.FileSystem | Path.Path | Scope.Scope
  >
) =>
  Effect.map(Effect.flip(effect), (failure) => `${"code" in failure ? failure.code : failure._tag}: ${failure.message}`)

const detect = (files: Readonly<Record<string, string>>) => Effect.flatMap(Folder.make(files), InputsFile.detect)

layer(Folder.layer)("InputsFile", (it) => {
  it.effect("leads relative urls at any depth from the file's folder, and leaves addresses alone", () =>
    Effect.gen(function*() {
      const document = {
        doc: { url: "files/a.pdf", caption: "files/a.pdf" },
        list: [{ concept: "Image", content: { url: "~/b.png" } }, { url: "https://x.y/z.pdf" }, {
          url: "data:text/plain,hi"
        }],
        stored: { url: "pipelex-storage://k/v" },
        absolute: { url: "/c.pdf" },
        blank: { url: "" },
        deep: { url: { url: "d.pdf" } }
      }
      const folder = yield* Folder.make({ "in/inputs.json": JSON.stringify(document) })
      const { resolve, values } = yield* InputsFile.read("in/inputs.json", { cwd: folder, home: "/home/ann" })
      assert.deepStrictEqual(values, {
        doc: { url: `${folder}/in/files/a.pdf`, caption: "files/a.pdf" },
        list: [{ concept: "Image", content: { url: "/home/ann/b.png" } }, { url: "https://x.y/z.pdf" }, {
          url: "data:text/plain,hi"
        }],
        stored: { url: "pipelex-storage://k/v" },
        absolute: { url: "/c.pdf" },
        blank: { url: "" },
        deep: { url: { url: `${folder}/in/d.pdf` } }
      })
      assert.strictEqual(resolve("e.png"), `${folder}/in/e.png`)
    }))

  it.effect("reads inline JSON from the working directory, and TOML with its dates as texts", () =>
    Effect.gen(function*() {
      const inline = yield* InputsFile.read(" { \"a\": { \"url\": \"x.pdf\" } }", { cwd: "/work" })
      assert.deepStrictEqual(inline.values, { a: { url: "/work/x.pdf" } })
      const folder = yield* Folder.make({ "inputs.toml": "day = 2026-03-04\nat = 07:32:00\n[doc]\nurl = \"x.pdf\"\n" })
      const { values } = yield* InputsFile.read("inputs.toml", { cwd: folder })
      assert.deepStrictEqual(values, { day: "2026-03-04", at: "07:32:00", doc: { url: `${folder}/x.pdf` } })
    }))

  it.effect("keeps names such as __proto__ as names", () =>
    Effect.gen(function*() {
      const { values } = yield* InputsFile.read("{\"__proto__\": {\"x\": 1}}", { cwd: "/" })
      assert.deepStrictEqual(Object.keys(values), ["__proto__"])
    }))

  it.effect("names the file and the place of a fault, and never quotes what it holds", () =>
    Effect.gen(function*() {
      const folder = yield* Folder.make({
        "a.json": "{\n  \"secret\": s3cr3t\n}",
        "b.json": "[1]",
        "c.toml": "a = 1\na = \"s3cr3t\"",
        "d.json": Uint8Array.from([123, 10, 255]),
        "deep.json": `{"a":${"[".repeat(300)}${"]".repeat(300)}}`
      })
      const read = (file: string, maxBytes?: number) =>
        said(InputsFile.read(file, { cwd: folder, ...(maxBytes === undefined ? {} : { maxBytes }) }))
      assert.strictEqual(yield* read("a.json"), "request.invalid: a.json:2:13: not valid JSON: a value is expected")
      assert.strictEqual(
        yield* read("b.json"),
        "request.invalid: b.json holds a list; inputs are an object of names and values"
      )
      assert.strictEqual(yield* read("c.toml"), "request.invalid: c.toml:2:1: not valid TOML: \"a\" is defined twice")
      assert.strictEqual(yield* read("d.json"), "request.invalid: d.json:2:1: the file is not UTF-8")
      assert.include(yield* read("deep.json"), "nested deeper")
      assert.strictEqual(
        yield* read("none.json"),
        "input.reference_not_found: inputs file \"none.json\" does not exist"
      )
      assert.include(yield* read("b.json", 2), "input.too_large: inputs file \"b.json\"")
      assert.include(yield* read("{\"a\":}"), "--inputs:1:6")
      assert.include(yield* read("."), "input.file_unreadable")
    }))

  it.effect("detects the inputs of a folder: one file that is no link, or none", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      assert.isTrue(Option.isNone(yield* detect({})))
      assert.isTrue(Option.exists(yield* detect({ "inputs.toml": "" }), (file) => file.endsWith("/inputs.toml")))
      assert.include(yield* said(detect({ "inputs.toml": "", "inputs.json": "{}" })), "both")
      const folder = yield* Folder.make({ "real.json": "{}" })
      yield* fs.symlink(`${folder}/real.json`, `${folder}/inputs.json`)
      assert.include(yield* said(InputsFile.detect(folder)), "not a regular file")
    }))

  it.effect("reads every inputs file of the corpus", (context) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const corpus = yield* Folder.corpus
      if (corpus === undefined) {
        context.skip()
        return
      }
      const files = (yield* fs.readDirectory(corpus, { recursive: true })).filter((name) =>
        path.basename(name) === "inputs.json"
      )
      assert.isAbove(files.length, 50)
      for (const name of files) yield* InputsFile.read(name, { cwd: corpus })
    }))
})
