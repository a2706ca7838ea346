import { assert, it } from "@effect/vitest"
import { codes, isCode } from "../../src/failure/Codes.ts"
import { params } from "../../src/failure/Params.ts"
import { fail } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import { failures } from "./Failures.ts"

it.prop("every failure has a code of the registry, a sentence and an action", [failures], ([failure]) => {
  assert.isTrue(isCode(failure.code))
  assert.notMatch(failure.message, /undefined|\[object|\bNaN\b/)
  assert.isAbove(failure.message.trim().length, 0)
  assert.isAbove(failure.suggestedAction.detail.trim().length, 0)
}, { arbitrary: { runs: 1000 } })

it.prop("a category worth repeating never carries a code whose verdict is no", [failures], ([failure]) => {
  if (failure.retryable) assert.notStrictEqual(failure.retry, "no")
}, { arbitrary: { runs: 1000 } })

it.prop("the facts of a failure are registry facts, and none is null", [failures], ([failure]) => {
  for (const value of Object.values(params(failure.reason, failure.location))) {
    assert.isTrue(value !== undefined && value !== null)
  }
}, { arbitrary: { runs: 500 } })

it("codes have the registry's form", () => {
  for (const code of Object.keys(codes)) assert.match(code, /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,2}$/)
})

it("a model that nobody knew leaves no hole in the sentence", () => {
  assert.deepStrictEqual(
    [
      new Reason.ModelUnavailable({ why: "not_served" }),
      new Reason.ModelUnavailable({ why: "not_served", model: "m" }),
      new Reason.ModelUnavailable({ why: "not_allowed", provider: "openai", model: "m" }),
      new Reason.ModelUnknown({ family: "llm", suggestions: [] }),
      new Reason.ModelUnknown({ family: "llm", model: "", suggestions: [] }),
      new Reason.ContextExceeded({}),
      new Reason.OutputSchemaMismatch({ concept: "lab.Card", attempts: 1, misfits: [] }),
      new Reason.RateLimited({})
    ].map(({ detail }) => detail),
    [
      "no enabled backend serves the model",
      "no enabled backend serves model \"m\"",
      "provider \"openai\" does not allow model \"m\"",
      "no llm model was named",
      "no llm model was named",
      "the prompt is larger than the context of the model",
      "the answer of the model does not fit concept \"lab.Card\" after 1 attempt: no place is known",
      "the provider is limiting the rate of requests"
    ]
  )
})

it("what does not fit reads on after the place where it is", () => {
  const misfits = [
    { pointer: "", reason: "holds no call of the tool" },
    { pointer: "/title", reason: "is missing" }
  ]
  assert.strictEqual(
    new Reason.OutputSchemaMismatch({ model: "m", concept: "lab.Card", attempts: 3, misfits }).detail,
    "the answer of model \"m\" does not fit concept \"lab.Card\" after 3 attempts: " +
      "the value holds no call of the tool; /title is missing"
  )
})

it("an answer nobody can read is for support, one that says nothing is for who wrote the prompt", () => {
  const advice = (category: "unknown" | "content") =>
    fail(new Reason.ResponseInvalid({ category, defect: "it is empty" })).suggestedAction.kind
  assert.deepStrictEqual([advice("unknown"), advice("content")], ["contact_support", "change_input"])
})

it("a pipe that names no model has another code than one that names an unknown model", () => {
  assert.strictEqual(fail(new Reason.ModelUnknown({ family: "llm", suggestions: [] })).code, "model.unspecified")
  assert.strictEqual(
    fail(new Reason.ModelUnknown({ family: "llm", model: "x", suggestions: [] })).code,
    "model.unknown"
  )
})

it("a failure without a sentence of its own says what its code says", () => {
  assert.strictEqual(fail(new Reason.Unexpected({ problem: " " })).message, "Something unexpected went wrong")
})
