import { assert, describe, it } from "@effect/vitest"
import * as Reference from "../../src/concept/Reference.ts"

describe("a reference", () => {
  it.for(
    [
      ["Invoice", { code: "Invoice" }],
      ["billing.invoices.Invoice", { domain: "billing.invoices", code: "Invoice" }],
      ["kit->tools.run", { package: "kit", domain: "tools", code: "run" }],
      ["github.com/acme/kit->tools.run", { package: "github.com/acme/kit", domain: "tools", code: "run" }],
      ["a->b->c.D", { package: "a", domain: "b->c", code: "D" }]
    ] as const
  )("%s is taken apart", ([text, parts]) => assert.deepStrictEqual(Reference.split(text), parts))

  it("is put together again", () => {
    assert.strictEqual(Reference.qualify("a.b", "C"), "a.b.C")
    assert.strictEqual(Reference.qualify("a.b", "c", "kit"), "kit->a.b.c")
  })
})
