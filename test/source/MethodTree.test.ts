import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as MethodTree from "../../src/source/MethodTree.ts"
import * as Folder from "./Folder.ts"

const bundle = "domain = \"lab\"\n"
const manifest =
  "[package]\nname = \"lab\"\naddress = \"github.com/acme/lab\"\nversion = \"1.0.0\"\ndescription = \"d\"\n"
const names = (tree: MethodTree.MethodTree) => tree.bundles.map(({ name }) => name)

const digest = (files: Readonly<Record<string, string>>) =>
  Effect.map(Effect.flatMap(Folder.make(files), MethodTree.read), (tree) => tree.digest)

layer(Folder.layer)("MethodTree.read", (it) => {
  it.effect("reads every bundle of a folder, by name, without the excluded and hidden folders", () =>
    Effect.gen(function*() {
      const folder = yield* Folder.make({
        "b.mthds": bundle,
        "a/c.mthds": bundle,
        "results/r.mthds": bundle,
        "node_modules/n.mthds": bundle,
        ".mthds/methods/x/x.mthds": bundle,
        "old.plx": bundle,
        "notes.md": "#"
      })
      assert.deepStrictEqual(names(yield* MethodTree.read(folder)), ["a/c.mthds", "b.mthds"])
      assert.deepStrictEqual(names(yield* MethodTree.read(folder, { compat: true })), [
        "a/c.mthds",
        "b.mthds",
        "old.plx"
      ])
      assert.deepStrictEqual(names(yield* MethodTree.read(folder, { excludedDirs: new Set(["a"]) })), [
        "b.mthds",
        "node_modules/n.mthds",
        "results/r.mthds"
      ])
    }))

  it.effect("reads one bundle as a target of its own", () =>
    Effect.gen(function*() {
      const folder = yield* Folder.make({ "a.mthds": bundle, "b.mthds": bundle })
      const tree = yield* MethodTree.read(`${folder}/a.mthds`)
      assert.deepStrictEqual([tree.isOneFile, names(tree), tree.root], [true, ["a.mthds"], folder])
    }))

  it.effect("leaves a package within a package to itself", () =>
    Effect.gen(function*() {
      const files = { "a.mthds": bundle, "packages/kit/METHODS.toml": manifest, "packages/kit/k.mthds": bundle }
      const folder = yield* Folder.make({ ...files, "METHODS.toml": manifest })
      const tree = yield* MethodTree.read(folder)
      assert.deepStrictEqual([names(tree), tree.nested, tree.manifest?.name], [
        ["a.mthds"],
        [`${folder}/packages/kit`],
        "lab"
      ])
      const library = yield* MethodTree.read(yield* Folder.make(files))
      assert.deepStrictEqual(names(library), ["a.mthds", "packages/kit/k.mthds"])
    }))

  it.effect("follows no link", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const outside = yield* Folder.make({ "secret.mthds": bundle })
      const folder = yield* Folder.make({ "a.mthds": bundle })
      yield* fs.symlink(path.join(outside, "secret.mthds"), path.join(folder, "link.mthds"))
      yield* fs.symlink(outside, path.join(folder, "folder"))
      yield* fs.symlink(folder, path.join(folder, "self"))
      assert.deepStrictEqual(names(yield* MethodTree.read(folder)), ["a.mthds"])
    }))

  it.effect("refuses a folder over its limits before it reads anything", () =>
    Effect.gen(function*() {
      const folder = yield* Folder.make({ "a.mthds": bundle, "b.mthds": bundle, "c.txt": "" })
      assert.strictEqual((yield* Effect.flip(MethodTree.read(folder, { maxFiles: 2 }))).code, "input.too_large")
      assert.strictEqual((yield* Effect.flip(MethodTree.read(folder, { maxTotalBytes: 20 }))).code, "input.too_large")
    }))

  it.effect("names the target that is not there, or is no target", () =>
    Effect.gen(function*() {
      const folder = yield* Folder.make({ "a.txt": "", "old.plx": bundle, "empty/x.txt": "" })
      assert.strictEqual(
        (yield* Effect.flip(MethodTree.read("/nowhere/x.mthds"))).message,
        "\"/nowhere/x.mthds\" does not exist"
      )
      assert.strictEqual((yield* Effect.flip(MethodTree.read(`${folder}/a.txt`))).code, "request.invalid")
      assert.include((yield* Effect.flip(MethodTree.read(`${folder}/old.plx`))).message, "--compat")
      assert.include(
        (yield* Effect.flip(MethodTree.read(`${folder}/empty`))).message,
        "neither a .mthds file nor a folder"
      )
      assert.deepStrictEqual(names(yield* MethodTree.read(`${folder}/empty`, { mayBeEmpty: true })), [])
    }))

  it.effect("keeps the faults of a manifest and of a bundle that is not text, with their places", () =>
    Effect.gen(function*() {
      const folder = yield* Folder.make({
        "METHODS.toml": manifest.replace("1.0.0", "one"),
        "a.mthds": Uint8Array.from([10, 255]),
        "b.mthds": bundle
      })
      const tree = yield* MethodTree.read(folder)
      assert.deepStrictEqual(tree.issues.map(({ code, file, position }) => [code, file, position?.line]), [
        ["method.syntax", `${folder}/a.mthds`, 2],
        ["method.schema_violation", `${folder}/METHODS.toml`, 4]
      ])
      assert.isUndefined(tree.manifest)
    }))

  it.effect("gives the same method the same digest wherever it lies, and another one another", () =>
    Effect.gen(function*() {
      const first = yield* digest({ "a.mthds": bundle, "b.mthds": "x" })
      assert.match(first, /^sha256:[0-9a-f]{64}$/)
      assert.strictEqual(yield* digest({ "b.mthds": "x", "a.mthds": bundle, "notes.md": "" }), first)
      assert.notStrictEqual(yield* digest({ "a.mthds": bundle, "b.mthds": "y" }), first)
      assert.notStrictEqual(yield* digest({ "a.mthds": bundle, "c.mthds": "x" }), first)
    }))

  it.effect("writes the document of a method's tree", () =>
    Effect.gen(function*() {
      const folder = yield* Folder.make({ "METHODS.toml": manifest, "a.mthds": bundle })
      const json = MethodTree.toJson(yield* MethodTree.read(folder), "lab.top")
      assert.deepStrictEqual(Object.keys(json), ["digest", "root", "is_one_file", "entry", "files"])
      assert.deepStrictEqual(json.files.map(({ path, size }) => [path, size]), [["METHODS.toml", manifest.length], [
        "a.mthds",
        bundle.length
      ]])
    }))
})

layer(Folder.layer)("the corpus", (it) => {
  it.effect("holds method folders that are all read, with manifests that are valid", (context) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const corpus = yield* Folder.corpus
      if (corpus === undefined) {
        context.skip()
        return
      }
      for (const name of yield* fs.readDirectory(path.join(corpus, "methods"))) {
        const folder = path.join(corpus, "methods", name)
        if ((yield* fs.stat(folder)).type !== "Directory") continue
        const tree = yield* MethodTree.read(folder)
        assert.deepStrictEqual(tree.issues.filter(({ warning }) => warning === undefined), [], name)
        assert.isTrue(
          tree.bundles.length > 0 && tree.bundles.every(({ name: file }) => !file.startsWith("packages/")),
          name
        )
      }
    }))
})
