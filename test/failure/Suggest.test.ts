import { assert, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { closest, didYouMean } from "../../src/failure/Suggest.ts"

it("offers the closest names first, and none that is too far", () => {
  assert.deepStrictEqual(closest("review_pich", ["write_pitch", "review_pitch", "review", "zzz"]), [
    "review_pitch",
    "review"
  ])
  assert.deepStrictEqual(closest("teh", ["the", "hte"]), ["the"])
  assert.deepStrictEqual(closest("x", []), [])
})

it("writes them as a question", () => {
  assert.strictEqual(didYouMean(["a", "b"]), "; did you mean \"a\" or \"b\"?")
  assert.strictEqual(didYouMean([]), "")
})

it.prop("a name that exists is the first offer, and there are at most three", [
  Schema.String,
  Schema.Array(Schema.String)
], ([name, others]) => {
  const offers = closest(name.slice(0, 50), [...others, name.slice(0, 50)])
  assert.isAtMost(offers.length, 3)
  assert.isTrue(offers.length === 0 || offers.some((offer) => offer.toLowerCase() === name.slice(0, 50).toLowerCase()))
})
