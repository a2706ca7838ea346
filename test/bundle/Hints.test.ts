import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Bundle from "../../src/bundle/Bundle.ts"
import * as Toml from "../../src/source/Toml.ts"

const warnings = (text: string): ReadonlyArray<string | undefined> => {
  const { issues } = Bundle.decode(Result.getOrThrow(Toml.parse(text, "a.mthds")), { file: "a.mthds", compat: false })
  assert.deepStrictEqual(issues.filter(({ warning }) => warning === undefined), [])
  return issues.map(({ path, warning }) => `${warning} ${path.join(".")}`)
}

const field = (hints: string, type = "text") => `
domain = "d"
[concept.Card]
description = "A card"
[concept.Card.structure]
title = { type = "${type}", description = "Title", hints = { ${hints} } }
`

describe("hints", () => {
  it("that fit say nothing", () => {
    assert.deepStrictEqual(warnings(field("intent = \"label\"")), [])
    assert.deepStrictEqual(warnings(field("intent = \"rating\"", "integer")), [])
  })

  it("of an unknown key, an unknown intent, or for another kind of value are warnings", () => {
    const at = "concept.Card.structure.title.hints"
    assert.deepStrictEqual(warnings(field("colour = \"red\"")), [`hint_unknown_key ${at}.colour`])
    assert.deepStrictEqual(warnings(field("intent = \"labl\"")), [`hint_unknown_intent ${at}.intent`])
    assert.deepStrictEqual(warnings(field("intent = \"quantity\"")), [`hint_inapplicable_intent ${at}.intent`])
    assert.deepStrictEqual(warnings(field("intent = \"label\"", "date")), [`hint_inapplicable_intent ${at}.intent`])
  })

  it("stand beside concepts and inputs too", () => {
    const found = warnings(`
domain = "d"
[concept.Note]
description = "A note"
hints = { intent = "rating" }
[pipe.p]
type = "PipeLLM"
description = "p"
inputs = { n = { concept = "Number", hints = { intent = "prose" } } }
output = "Text"
prompt = "$n"
`)
    assert.deepStrictEqual(found, [
      "hint_inapplicable_intent concept.Note.hints.intent",
      "hint_inapplicable_intent pipe.p.inputs.n.hints.intent"
    ])
  })
})
