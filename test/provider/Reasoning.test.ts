import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { fit, reasoning } from "../../src/provider/Reasoning.ts"
import { inference, model } from "./Scripted.ts"

const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const

const verdicts = (sdk: string, thinking: "none" | "manual" | "adaptive") =>
  efforts.map((reasoningEffort) => {
    const verdict = reasoning(model({ sdk, thinking }), { reasoningEffort }, inference)
    return Result.isFailure(verdict) ? `refused: ${verdict.failure}` : verdict.success
  })

const effort = (word: string) => ({ _tag: "Effort" as const, effort: word })
const budget = (tokens: number) => ({ _tag: "Budget" as const, tokens })
const adaptive = (word: string) => ({ _tag: "Adaptive" as const, effort: word })
const budgets = [512, 1024, 5000, 16384, 32768, 65536].map(budget)

describe("reasoning by effort", () => {
  it.each(["openai", "azure_openai", "openai_responses", "azure_openai_responses"])(
    "is OpenAI's own word under %s",
    (sdk) => {
      assert.deepStrictEqual(
        verdicts(sdk, "manual"),
        ["none", "minimal", "low", "medium", "high", "xhigh", "xhigh"].map(effort)
      )
    }
  )

  it("is a budget for Anthropic when it thinks on request, and a level when it decides itself", () => {
    assert.deepStrictEqual(verdicts("anthropic", "manual"), [undefined, ...budgets])
    assert.deepStrictEqual(
      verdicts("anthropic", "adaptive"),
      [undefined, ...["low", "low", "medium", "high", "xhigh", "max"].map(adaptive)]
    )
  })

  it("is a budget or a level for Gemini, and turned off by a budget of nothing", () => {
    assert.deepStrictEqual(verdicts("google", "manual"), [budget(0), ...budgets])
    assert.deepStrictEqual(
      verdicts("google", "adaptive"),
      [budget(0), ...["minimal", "low", "medium", "high", "high", "high"].map(adaptive)]
    )
    const always = model({ sdk: "google", thinking: "manual", listedConstraints: ["thinking_cannot_be_disabled"] })
    assert.deepStrictEqual(
      reasoning(always, { reasoningEffort: "none" }, inference),
      Result.fail("turning reasoning off")
    )
  })

  it("is on or off for Mistral", () => {
    assert.deepStrictEqual(
      verdicts("mistral", "manual"),
      ["none", "high", "high", "high", "high", "high", "high"].map(effort)
    )
  })

  it("is refused of models that do not think, and of OpenAI and Mistral when they would decide themselves", () => {
    assert.deepStrictEqual(new Set(verdicts("openai", "none")), new Set(["refused: reasoning"]))
    for (const sdk of ["openai", "mistral"]) {
      assert.deepStrictEqual(
        new Set(verdicts(sdk, "adaptive").slice(1)),
        new Set(["refused: adaptive reasoning"])
      )
    }
  })
})

describe("reasoning by budget", () => {
  const asked = (sdk: string, thinking: "manual" | "adaptive" | "none") =>
    reasoning(model({ sdk, thinking }), { reasoningBudget: 2000 }, inference)

  it("is for Anthropic on request and for Gemini always", () => {
    const sent = Result.succeed(budget(2000))
    assert.deepStrictEqual([
      asked("anthropic", "manual"),
      asked("google", "manual"),
      asked("google", "adaptive")
    ], [sent, sent, sent])
    assert.deepStrictEqual(
      [
        asked("anthropic", "adaptive"),
        asked("openai", "manual"),
        asked("mistral", "manual"),
        asked("google", "none")
      ].map((verdict) => Result.isFailure(verdict) ? verdict.failure : "sent"),
      [
        "a reasoning budget",
        "a reasoning budget",
        "a reasoning budget",
        "reasoning"
      ]
    )
  })

  it("is cut to the model's bound and to three quarters of the output limit", () => {
    const bounded = model({ valuedConstraints: { min_thinking_budget: 1024, max_thinking_budget: 8000 } })
    assert.deepStrictEqual([
      fit(bounded, 9000, undefined),
      fit(bounded, 9000, 4000),
      fit(bounded, 10, undefined),
      fit(bounded, 9000, 1366),
      fit(bounded, 9000, 1365),
      fit(model(), 9000, 1)
    ], [
      Result.succeed(budget(8000)),
      Result.succeed(budget(3000)),
      Result.succeed(budget(1024)),
      Result.succeed(budget(1025)),
      Result.succeed(budget(1024)),
      Result.fail("reasoning within 1 output tokens")
    ])
    assert.deepStrictEqual(fit(bounded, 9000, 1364), Result.fail("reasoning within 1364 output tokens"))
  })

  const positive = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200_000 }))
  it.effect.prop("always leaves room for an answer, and never more than was asked beyond the model's least", [
    positive,
    positive,
    positive
  ], ([wanted, maxTokens, least]) =>
    Effect.sync(() => {
      const verdict = fit(model({ valuedConstraints: { min_thinking_budget: least } }), wanted, maxTokens)
      if (Result.isFailure(verdict)) return assert.isBelow(maxTokens - Math.max(1, Math.floor(maxTokens / 4)), least)
      const tokens = verdict.success?._tag === "Budget" ? verdict.success.tokens : Number.NaN
      assert.isAtMost(tokens, Math.max(wanted, least))
      assert.isAtLeast(tokens, least)
      assert.isAtMost(tokens, maxTokens - Math.max(1, Math.floor(maxTokens / 4)))
    }))
})
