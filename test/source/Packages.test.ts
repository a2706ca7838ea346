import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as MethodTree from "../../src/source/MethodTree.ts"
import * as Packages from "../../src/source/Packages.ts"
import * as Folder from "./Folder.ts"

const manifest = (name: string, address = "github.com/Acme/methods", more = "") =>
  `[package]\nname = "${name}"\naddress = "${address}"\nversion = "1.0.0"\ndescription = "d"\n${more}`
const calling = (...refs: ReadonlyArray<string>) =>
  `domain = "lab"\n[pipe.top]\ntype = "PipeSequence"\nsteps = [${
    refs.map((ref) => `{ pipe = "${ref}" }`).join(", ")
  }]\n`

describe("Packages.keysOf", () => {
  it("finds what stands before an arrow in references, and nothing in prose", () => {
    assert.deepStrictEqual(
      Packages.keysOf({
        a: ["github.com/o/r/n->d.p", { b: "kit->Thing[]?" }],
        prompt: "go x->y now",
        c: "github.com/o/r/n@v1->d.q"
      }),
      ["github.com/o/r/n", "kit", "github.com/o/r/n@v1"]
    )
    assert.deepStrictEqual(Packages.address("github.com/o/r@v1.2"), { address: "github.com/o/r", tag: "v1.2" })
  })
})

layer(Folder.layer)("Packages.find", (it) => {
  const found = Effect.fnUntraced(
    function*(files: Readonly<Record<string, string>>, options: Packages.Options & { readonly target?: string } = {}) {
      const folder = yield* Folder.make(files)
      const closure = yield* Packages.find(yield* MethodTree.read(`${folder}/${options.target ?? "m.mthds"}`), {
        ...options,
        ...(options.roots === undefined ? {} : { roots: options.roots.map((root) => `${folder}/${root}`) }),
        ...(options.home === undefined ? {} : { home: `${folder}/${options.home}` })
      })
      const local = (place: string) => place.slice(folder.length + 1)
      return {
        closure,
        links: Object.fromEntries(Object.entries(closure.links).map(([key, place]) => [key, local(place)])),
        packages: Array.from(closure.packages.keys(), local)
      }
    }
  )

  it.effect("finds a vendored package upward from the bundle, whatever the case of its address", () =>
    Effect.gen(function*() {
      const { closure, links } = yield* found({
        "a/b/m.mthds": calling("github.com/acme/METHODS/docs->docs.read"),
        ".mthds/methods/docs/METHODS.toml": manifest("docs"),
        ".mthds/methods/docs/docs.mthds": "domain = \"docs\"\n",
        ".mthds/methods/other/METHODS.toml": manifest("other")
      }, { target: "a/b/m.mthds" })
      assert.deepStrictEqual(links, { "github.com/acme/METHODS/docs": ".mthds/methods/docs" })
      assert.deepStrictEqual(
        Array.from(closure.packages.values(), ({ tree }) => tree.bundles.map(({ name }) => name)),
        [["docs.mthds"]]
      )
    }))

  it.effect("prefers the vendored copy to a given one, and a given one to the installed", () =>
    Effect.gen(function*() {
      const files = {
        "home/.mthds/methods/docs/METHODS.toml": manifest("docs"),
        "m/m.mthds": calling("github.com/acme/methods/docs->d.p")
      }
      const given = { ...files, "libs/x/docs/METHODS.toml": manifest("docs") }
      const vendored = { ...given, "m/.mthds/methods/docs/METHODS.toml": manifest("docs") }
      const options = { target: "m", roots: ["libs"], home: "home" }
      assert.deepStrictEqual((yield* found(files, options)).packages, ["home/.mthds/methods/docs"])
      assert.deepStrictEqual((yield* found(given, options)).packages, ["libs/x/docs"])
      assert.deepStrictEqual((yield* found(vendored, options)).packages, ["m/.mthds/methods/docs"])
    }))

  it.effect("takes the address alone for the only package that has it", () =>
    Effect.gen(function*() {
      const files = {
        "m.mthds": calling("github.com/acme/kit->d.p"),
        "libs/kit/METHODS.toml": manifest("kit", "github.com/acme/kit")
      }
      assert.deepStrictEqual((yield* found(files, { roots: ["libs"] })).packages, ["libs/kit"])
      const two = yield* found({ ...files, "libs/kit2/METHODS.toml": manifest("kit2", "github.com/acme/kit") }, {
        roots: ["libs"]
      })
      assert.deepStrictEqual(two.closure.missing.map(({ key }) => key), ["github.com/acme/kit"])
    }))

  it.effect("follows packages of packages, an alias where it is written, and circles once", () =>
    Effect.gen(function*() {
      const dependency =
        "[dependencies]\nkit = { address = \"github.com/x/kit\", version = \"*\", path = \"../kit\" }\n"
      const { closure, links, packages } = yield* found({
        "m/METHODS.toml": manifest("mm", "github.com/x/mm", dependency),
        "m/m.mthds": calling("kit->d.p"),
        "kit/METHODS.toml": manifest("kit", "github.com/x/kit"),
        "kit/k.mthds": calling("github.com/x/mm/mm->lab.top", "kit->d.p")
      }, { target: "m", roots: ["."] })
      assert.deepStrictEqual(links, { kit: "kit" })
      assert.deepStrictEqual(packages, ["kit", "m"])
      assert.deepStrictEqual(closure.missing.map(({ from, key }) => [key, from.endsWith("kit")]), [["kit", true]])
    }))

  it.effect("says which names lead nowhere, and warns of another version", () =>
    Effect.gen(function*() {
      const { closure } = yield* found({
        "m.mthds": calling(
          "github.com/nobody/nothing->lab.make",
          "alias->d.p",
          "github.com/acme/methods/docs@v2.0.0->d.p"
        ),
        "libs/docs/METHODS.toml": manifest("docs")
      }, { roots: ["libs", "not-there"] })
      assert.deepStrictEqual(closure.missing.map(({ key }) => key), ["github.com/nobody/nothing", "alias"])
      assert.include(Packages.hint("github.com/nobody/nothing"), ".mthds/methods/<name>/")
      assert.deepStrictEqual(closure.warnings.map(({ warning }) => warning), ["package_version"])
    }))

  it.effect("still finds a package whose manifest is broken, with its faults", () =>
    Effect.gen(function*() {
      const { closure } = yield* found({
        "m.mthds": calling("github.com/a/b/docs->d.p"),
        "libs/docs/METHODS.toml": "[package"
      }, { roots: ["libs"] })
      assert.deepStrictEqual(Array.from(closure.packages.values(), ({ tree }) => tree.issues[0]?.code), [
        "method.syntax"
      ])
    }))

  it.effect("finds the packages that lie in the corpus's methods", (context) =>
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
        if (!(yield* Effect.orElseSucceed(fs.exists(path.join(folder, "packages")), () => false))) continue
        const closure = yield* Packages.find(yield* MethodTree.read(folder))
        assert.deepStrictEqual(closure.missing, [], name)
        const one = yield* Packages.find(yield* MethodTree.read(path.join(folder, "bundle.mthds")), {
          roots: [path.join(folder, "packages")]
        })
        assert.deepStrictEqual(one.missing, [], name)
      }
    }))
})
