import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Slot from "../../src/concept/Slot.ts"

describe("a slot", () => {
  it.for(
    [
      ["Text", "input", "Text", "single", "plain"],
      ["Text", "output", "Text", "single", "plain"],
      ["Text[]", "input", "Text", "list", "plain"],
      ["Text[3]", "output", "Text", 3, "plain"],
      ["Text[1]", "input", "Text", "single", "plain"],
      ["Text?", "output", "Text", "single", "optional"],
      ["Text!", "input", "Text", "single", "forced"],
      ["billing.invoices.Invoice[2]", "input", "billing.invoices.Invoice", 2, "plain"],
      ["kit->tools.Hammer?", "input", "kit->tools.Hammer", "single", "optional"],
      [
        "github.com/acme/kit/tools->tools.Hammer[]",
        "output",
        "github.com/acme/kit/tools->tools.Hammer",
        "list",
        "plain"
      ]
    ] as const
  )(
    "reads %s as an %s",
    ([text, role, concept, multiplicity, presence]) =>
      assert.deepStrictEqual(Slot.parse(text, role), { concept, multiplicity, presence })
  )

  it.for(
    [
      ["", "input", "malformed"],
      ["Text [ ]", "input", "malformed"],
      ["Text[a]", "input", "malformed"],
      ["Text[-1]", "input", "malformed"],
      ["Text[][]", "input", "malformed"],
      ["Text?!", "input", "malformed"],
      [".Text", "input", "malformed"],
      ["Text\n", "input", "malformed"],
      ["Text[99999999999999999999]", "input", "malformed"],
      ["Text[0]", "output", "zero"],
      ["Text[000]", "input", "zero"],
      ["Text[]?", "input", "marker_on_list"],
      ["Text[]!", "input", "marker_on_list"],
      ["Text[3]?", "output", "marker_on_list"],
      ["Text!", "output", "forced_output"]
    ] as const
  )("refuses %j as an %s: %s", ([text, role, fault]) => assert.strictEqual(Slot.parse(text, role), fault))

  const parts = Schema.Struct({
    concept: Schema.Literals(["Text", "a.B", "p->a.B"]),
    ending: Schema.Literals(["", "[]", "[2]", "[17]", "?", "!"])
  })

  it.prop("is written as it was read", [parts], ([{ concept, ending }]) => {
    const slot = Slot.parse(`${concept}${ending}`, "input")
    assert.isObject(slot)
    assert.strictEqual(typeof slot === "string" ? slot : Slot.show(slot), `${concept}${ending}`)
  })

  it("takes what is stored when there is as much of it as it asks for", () => {
    const sources = ["single", "list", 2, 3] as const
    const fits = (target: Slot.Multiplicity) => sources.filter((source) => Slot.multiplicityFits(source, target))
    assert.deepStrictEqual(fits("single"), ["single"])
    assert.deepStrictEqual(fits("list"), ["list", 2, 3])
    assert.deepStrictEqual(fits(2), [2])
  })
})
