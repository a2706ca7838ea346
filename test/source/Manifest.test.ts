import { assert, describe, it } from "@effect/vitest"
import * as Manifest from "../../src/source/Manifest.ts"

const good = `[package]
name = "doc_tools"
address = "github.com/Acme/methods"
version = "1.2.3"
description = "Tools"
main_pipe = "read"
authors = ["A"]
mthds_version = ">=1.0.0, <2"

[exports.docs.reading]
pipes = ["read"]
[exports.docs]
pipes = ["list"]

[dependencies]
kit = { address = "github.com/acme/kit", version = "^1.0", path = "../kit" }
`

describe("Manifest.parse", () => {
  it("reads a manifest, its exports by domain and its dependencies", () => {
    const { issues, manifest } = Manifest.parse(good, "METHODS.toml", "doc_tools")
    assert.deepStrictEqual(issues, [])
    assert.deepStrictEqual(manifest, {
      name: "doc_tools",
      address: "github.com/Acme/methods",
      version: "1.2.3",
      description: "Tools",
      mainPipe: "read",
      mthdsVersion: ">=1.0.0, <2",
      authors: ["A"],
      exports: { "docs.reading": ["read"], docs: ["list"] },
      dependencies: { kit: { address: "github.com/acme/kit", version: "^1.0", path: "../kit" } }
    })
  })

  it("reports every fault at once, each with the path of its key", () => {
    const { issues, manifest } = Manifest.parse(
      "[package]\nname = \"Doc\"\naddress = \"nowhere\"\nversion = \"1.2\"\nauthors = \"me\"\n[exports.Docs]\npipes = [\"read\"]\n[exports.docs]\npipes = [\"Read\"]\n[dependencies]\nkit = { version = \"x\" }",
      "METHODS.toml"
    )
    assert.isUndefined(manifest)
    assert.deepStrictEqual(issues.map(({ path }) => path.join(".")), [
      "package.name",
      "package.address",
      "package.version",
      "package.authors",
      "package",
      "exports.Docs",
      "exports.docs.pipes.0",
      "dependencies.kit.version",
      "dependencies.kit"
    ])
    assert.isTrue(issues.every(({ code, file }) => code === "method.schema_violation" && file === "METHODS.toml"))
  })

  it("warns of a key it does not know and of a folder of another name", () => {
    const { issues, manifest } = Manifest.parse(good.replace("authors", "authros"), "METHODS.toml", "other")
    assert.isDefined(manifest)
    assert.deepStrictEqual(issues.map(({ warning }) => warning), ["manifest_unknown_key", "manifest_folder_name"])
    assert.deepStrictEqual(issues[0]?.suggestions, ["authors"])
  })

  it("says what is missing of an empty file, and where it stops being TOML", () => {
    assert.include(Manifest.parse("", "METHODS.toml").issues[0]?.message, "\"package\"")
    assert.strictEqual(Manifest.parse("[package", "METHODS.toml").issues[0]?.code, "method.syntax")
  })

  it("takes the version constraints of the language", () => {
    for (const constraint of ["*", "^1.2.3", "~1.2", ">=1.0.0", "<2, >=1.5", "==1.0.0", "!=1.1.1", "1"]) {
      assert.isTrue(Manifest.isConstraint(constraint), constraint)
    }
    for (const constraint of ["", "latest", "^", ">= ", "1.0.0.0"]) {
      assert.isFalse(Manifest.isConstraint(constraint), constraint)
    }
  })
})
