import { assert, describe, it } from "@effect/vitest"
import { fromEntries, isArray, isObject, itemsOf, own, textOf } from "../../src/concept/Json.ts"

describe("JSON", () => {
  it("is read by own keys only", () => {
    assert.isUndefined(own({}, "constructor"))
    assert.isUndefined(own<unknown>({}, "__proto__"))
    assert.strictEqual(textOf({}, "toString"), "")
    assert.strictEqual(textOf({ a: 1 }, "a"), "")
    assert.deepStrictEqual(itemsOf({ items: [1] }), [1])
    assert.deepStrictEqual(itemsOf({ items: "x" }), [])
    assert.strictEqual(own(fromEntries([["__proto__", 1]]), "__proto__"), 1)
  })

  it("tells objects from arrays and null", () => {
    assert.deepStrictEqual([{}, [], null, "a"].map(isObject), [true, false, false, false])
    assert.deepStrictEqual([{}, [], null, "a"].map(isArray), [false, true, false, false])
  })
})
