import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Bundle from "../../src/bundle/Bundle.ts"
import type { Library } from "../../src/library/Library.ts"
import * as Libraries from "../../src/library/Library.ts"
import * as Live from "../../src/library/Live.ts"
import type { ModelTable } from "../../src/program/Models.ts"
import { models } from "./Fixture.ts"

const pipe = (model: string) => ({ type: "PipeLLM", description: "d", output: "Text", model, prompt: "Hello" })

const library = (): Library => {
  const { bundle, issues } = Bundle.decode({
    domain: "letters",
    description: "d",
    pipe: {
      write: pipe("writer"),
      read: pipe("reader"),
      both: {
        type: "PipeSequence",
        description: "d",
        output: "Text",
        steps: [{ pipe: "write", result: "letter" }, { pipe: "read", result: "read" }]
      }
    }
  }, { file: "letters.mthds", compat: true })
  assert.deepStrictEqual(issues, [])
  const made = Libraries.make(
    { own: { bundles: bundle === undefined ? [] : [bundle], links: new Map() }, packages: new Map() },
    { models, compat: true }
  )
  return made.library ?? assert.fail("the library is not valid")
}

/** Nobody serves `reader`, for want of a key. */
const withoutReader: ModelTable = {
  ...models,
  models: models.models.filter(({ handle }) => handle !== "reader"),
  unserved: { reader: "acme" },
  lacking: { reader: ["ACME_KEY"] }
}

describe("Live.reaching", () => {
  it("keeps what the pipe reaches, whatever the rest would need", () => {
    const live = Live.reaching(library(), "letters.write", { models: withoutReader })
    assert.deepStrictEqual(Result.isSuccess(live) ? Array.from(live.success.pipes.keys()) : [], ["letters.write"])
  })

  it.each(["letters.read", "letters.both"])(
    "fails %s with the backend and the variable that a model in reach lacks",
    (ref) => {
      const live = Live.reaching(library(), ref, { models: withoutReader })
      assert.deepInclude(Result.isFailure(live) ? live.failure : {}, {
        _tag: "CredentialMissing",
        backend: "acme",
        model: "reader",
        variables: ["ACME_KEY"]
      })
    }
  )

  it("fails as an invalid method does, where no key would help", () => {
    const { lacking: _, ...unserved } = withoutReader
    const live = Live.reaching(library(), "letters.read", { models: unserved })
    assert.strictEqual(Result.isFailure(live) ? live.failure._tag : "", "MethodInvalid")
  })
})
