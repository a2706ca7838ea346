import { assert, it } from "@effect/vitest"
import { Concepts } from "../../src/concept/Concept.ts"
import * as Slot from "../../src/concept/Slot.ts"
import * as IoContracts from "../../src/report/IoContracts.ts"

const slot = (text: string, role: "input" | "output"): Slot.Slot => {
  const parsed = Slot.parse(text, role)
  return typeof parsed === "string" ? assert.fail(parsed) : parsed
}

const concepts = Concepts.make([{ ref: "lab.Card", domain: "lab", code: "Card", description: "An index card" }])

/** The contracts alone; what the schemas hold is tested with the concepts. */
const withoutSchemas = (contracts: unknown): unknown => {
  const text = JSON.stringify(contracts, (key, value: unknown) => key === "json_schema" ? undefined : value)
  return JSON.parse(text)
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
  }], concepts)
  assert.deepStrictEqual<unknown>(withoutSchemas(contracts), {
    "lab.p": {
      inputs: {
        one: {
          concept_ref: "native.Text",
          presence: "plain",
          multiplicity: "single"
        },
        many: { concept_ref: "lab.Card", presence: "plain", multiplicity: "variable" },
        two: { concept_ref: "lab.Card", presence: "plain", multiplicity: "fixed", item_count: 2 },
        maybe: { concept_ref: "lab.Card", presence: "optional", multiplicity: "single" },
        surely: { concept_ref: "lab.Card", presence: "force", multiplicity: "single" }
      },
      output: { concept_ref: "lab.Card", multiplicity: "single", optional: true }
    }
  })
})
