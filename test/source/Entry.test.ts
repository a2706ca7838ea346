import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Entry from "../../src/source/Entry.ts"
import * as Manifest from "../../src/source/Manifest.ts"
import type { MethodTree } from "../../src/source/MethodTree.ts"

const head = (domain: string, pipes: ReadonlyArray<string>, mainPipe?: string): Entry.BundleHead => ({
  file: `${domain}.mthds`,
  domain,
  pipes,
  ...(mainPipe === undefined ? {} : { mainPipe })
})

const file = { path: "METHODS.toml", name: "METHODS.toml", text: "", size: 0, sha256: "" }
const bare: MethodTree = { root: "/m", isOneFile: false, bundles: [], nested: [], issues: [], digest: "" }
const packaged = (mainPipe: string | undefined, exports = ""): MethodTree => {
  const main = mainPipe === undefined ? "" : `main_pipe = "${mainPipe}"\n`
  const { manifest } = Manifest.parse(
    `[package]\nname = "lab"\naddress = "github.com/a/b"\nversion = "1.0.0"\ndescription = "d"\n${main}${exports}`,
    "METHODS.toml"
  )
  return { ...bare, manifestFile: file, ...(manifest === undefined ? {} : { manifest }) }
}
const said = (entry: Result.Result<string, Entry.EntryFault>): string =>
  Result.match(entry, { onSuccess: (ref) => ref, onFailure: ({ code }) => code })

describe("Entry.choose", () => {
  const heads = [head("lab", ["top", "make"], "top"), head("docs", ["read", "make"])]

  it("takes the pipe asked for, bare in any domain or qualified", () => {
    assert.strictEqual(said(Entry.choose(bare, heads, { pipe: "read" })), "docs.read")
    assert.strictEqual(said(Entry.choose(bare, heads, { pipe: "docs.make" })), "docs.make")
    assert.strictEqual(said(Entry.choose(bare, heads, { pipe: "make" })), "request.pipe_ambiguous")
    assert.strictEqual(said(Entry.choose(bare, heads, { pipe: "lab.read" })), "request.pipe_not_found")
  })

  it("offers the closest names for one that is not there", () => {
    const missed = Entry.choose(bare, heads, { pipe: "raed" })
    assert.deepStrictEqual(
      Result.isFailure(missed) && "suggestions" in missed.failure ? missed.failure.suggestions : [],
      ["read"]
    )
    const elsewhere = Entry.choose(bare, heads, { pipe: "lab.read" })
    assert.include(Result.isFailure(elsewhere) ? elsewhere.failure.detail : "", "docs.read")
  })

  it("takes the only main pipe of a folder without a manifest", () => {
    assert.strictEqual(said(Entry.choose(bare, heads)), "lab.top")
    const several = Entry.choose(bare, [...heads, head("other", ["go"], "go")])
    assert.include(Result.isFailure(several) ? several.failure.detail : "", "\"lab.top\", \"other.go\"")
    const none = Entry.choose({ ...bare, isOneFile: true }, [head("lab", ["top"])])
    assert.include(Result.isFailure(none) ? none.failure.detail : "", "--pipe")
  })

  it("takes the manifest's main pipe when a domain exports it, or names it its own", () => {
    assert.strictEqual(said(Entry.choose(packaged("read", "[exports.docs]\npipes = [\"read\"]"), heads)), "docs.read")
    assert.strictEqual(said(Entry.choose(packaged("top"), heads)), "lab.top")
    assert.strictEqual(said(Entry.choose(packaged("read"), heads)), "request.invalid")
    assert.strictEqual(said(Entry.choose(packaged(undefined), heads)), "request.invalid")
    assert.strictEqual(said(Entry.choose(packaged("nothing"), heads)), "request.pipe_not_found")
  })

  it("takes the unique match of any domain when older spellings are accepted", () => {
    const tree = packaged("read", "[exports.elsewhere]\npipes = [\"read\"]")
    assert.strictEqual(said(Entry.choose(tree, heads)), "request.invalid")
    assert.strictEqual(said(Entry.choose(tree, heads, { compat: true })), "docs.read")
  })
})
