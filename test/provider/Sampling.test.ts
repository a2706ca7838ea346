import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import type { Model, Settings } from "../../src/program/Models.ts"
import { sampling } from "../../src/provider/Sampling.ts"
import { inference, model } from "./Scripted.ts"

const sampled = (given: Partial<Model>, settings: Settings, isStructured = false) => {
  const verdict = sampling(model(given), settings, inference, isStructured)
  return Result.isFailure(verdict) ? assert.fail(verdict.failure) : verdict.success
}

const temperature = (given: Partial<Model>, settings: Settings) => {
  const { request, warnings } = sampled(given, settings)
  return [request.temperature, warnings.length]
}

describe("the temperature", () => {
  it("is what was asked for, doubled, fixed or left out, in this order", () => {
    const doubled = "temperature_must_be_multiplied_by_2"
    const asked = { temperature: 0.4 }
    assert.deepStrictEqual([
      temperature({}, {}),
      temperature({}, asked),
      temperature({ listedConstraints: [doubled] }, asked),
      temperature({ valuedConstraints: { fixed_temperature: 1 } }, asked),
      temperature({ valuedConstraints: { fixed_temperature: 0.4 } }, asked),
      temperature({ listedConstraints: [doubled], valuedConstraints: { fixed_temperature: 0.8 } }, asked),
      temperature(
        { listedConstraints: ["temperature_unsupported"], valuedConstraints: { fixed_temperature: 1 } },
        asked
      )
    ], [[undefined, 0], [0.4, 0], [0.8, 0], [1, 1], [0.4, 0], [0.8, 0], [undefined, 0]])
  })

  it("is left out beside reasoning for OpenAI and Anthropic, and only when reasoning is sent", () => {
    const settings: Settings = { temperature: 0.4, reasoningEffort: "low" }
    const thinking = { thinking: "manual", maxTokens: 8000 } as const
    assert.deepStrictEqual(
      ["openai", "openai_responses", "anthropic", "google", "mistral"].map((sdk) =>
        temperature({ ...thinking, sdk }, settings)[0]
      ),
      [undefined, undefined, undefined, 0.4, 0.4]
    )
    assert.deepStrictEqual(
      temperature({ ...thinking, sdk: "anthropic" }, { temperature: 0.4, reasoningEffort: "none" }),
      [0.4, 0]
    )
  })
})

describe("the output limit", () => {
  const limit = (given: Partial<Model>, settings: Settings, isStructured = false) =>
    sampled({ maxTokens: 100_000, ...given }, settings, isStructured).request.maxTokens

  it("is sent when it is set, and always to Anthropic and Mistral", () => {
    assert.deepStrictEqual(
      ["openai", "google", "anthropic", "mistral"].map((sdk) =>
        [{}, { maxTokens: "auto" }, { maxTokens: 50 }].map((settings) => limit({ sdk }, settings as Settings))
      ),
      [[undefined, undefined, 50], [undefined, undefined, 50], [100_000, 100_000, 50], [100_000, 100_000, 50]]
    )
  })

  it("is lowered for a structured answer of Anthropic to what its timeout allows, with a word when it had been set", () => {
    assert.strictEqual(limit({ sdk: "anthropic" }, {}, true), 42_666)
    assert.strictEqual(limit({ sdk: "mistral" }, {}, true), 100_000)
    assert.lengthOf(sampled({ sdk: "anthropic", maxTokens: 100_000 }, {}, true).warnings, 0)
    assert.lengthOf(sampled({ sdk: "anthropic" }, { maxTokens: 90_000 }, true).warnings, 1)
  })

  it("bounds what the model may think in the same request", () => {
    const { request } = sampled(
      { sdk: "anthropic", thinking: "manual", maxTokens: 100_000 },
      { reasoningEffort: "max" },
      true
    )
    assert.deepStrictEqual(request, {
      imageDetail: "auto",
      maxTokens: 42_666,
      reasoning: { _tag: "Budget", tokens: 42_666 - 10_666 }
    })
  })
})

it("a setting that the model cannot obey is refused", () => {
  assert.deepStrictEqual(
    sampling(model(), { reasoningEffort: "low" }, inference, false),
    Result.fail("reasoning")
  )
})
