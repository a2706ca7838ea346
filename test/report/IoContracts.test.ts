import { assert, it } from "@effect/vitest"
import * as Slot from "../../src/concept/Slot.ts"
import * as IoContracts from "../../src/report/IoContracts.ts"

const slot = (text: string, role: "input" | "output"): Slot.Slot => {
  const parsed = Slot.parse(text, role)
  return typeof parsed === "string" ? assert.fail(parsed) : parsed
}

it("says of each pipe what it takes and gives, how many, and whether it may be absent", () => {
  const contracts = IoContracts.make([{
    ref: "lab.p",
    inputs: new Map([
      ["one", slot("native.Text", "input")],
      ["many", slot("lab.Card[]", "input")],
      ["two", slot("lab.Card[2]", "input")],
      ["maybe", slot("lab.Card?", "input")],
      ["surely", slot("lab.Card!", "input")]
    ]),
    output: slot("lab.Card?", "output")
  }], ({ concept }) => ({ title: concept }))
  const schema = { title: "lab.Card" }
  assert.deepStrictEqual<unknown>(contracts, {
    "lab.p": {
      inputs: {
        one: {
          concept_ref: "native.Text",
          presence: "plain",
          multiplicity: "single",
          json_schema: { title: "native.Text" }
        },
        many: { concept_ref: "lab.Card", presence: "plain", multiplicity: "variable", json_schema: schema },
        two: { concept_ref: "lab.Card", presence: "plain", multiplicity: "fixed", item_count: 2, json_schema: schema },
        maybe: { concept_ref: "lab.Card", presence: "optional", multiplicity: "single", json_schema: schema },
        surely: { concept_ref: "lab.Card", presence: "force", multiplicity: "single", json_schema: schema }
      },
      output: { concept_ref: "lab.Card", multiplicity: "single", optional: true, json_schema: schema }
    }
  })
})
