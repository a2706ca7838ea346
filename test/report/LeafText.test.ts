import { assert, describe, it } from "@effect/vitest"
import * as LeafText from "../../src/report/LeafText.ts"
import type { LeafUsage } from "../../src/report/LeafUsage.ts"
import { prices, usage } from "./Events.ts"

const line = (leaf: LeafUsage["leaf"], model: string | undefined, used: LeafUsage["usage"]): string =>
  LeafText.line({ leaf, model, usage: used }, prices)

describe("LeafText.line", () => {
  it("is the model, its job, the tokens and the cost", () => {
    assert.strictEqual(
      line("act_llm_gen_text", "gpt-4o-mini", usage({ input: 120, output: 45 })),
      "gpt-4o-mini chat · 120 → 45 tokens · $0.000045"
    )
  })

  it("tells how many tokens came from a cache", () => {
    assert.strictEqual(
      line("act_llm_gen_text", "gpt-4o-mini", usage({ input: 12_000, input_cached: 10_000, output: 45 })),
      "gpt-4o-mini chat · 12,000 (10,000 cached) → 45 tokens · $0.0011"
    )
  })

  it("tells of requests that were repeated, and of answers that were asked for again", () => {
    assert.strictEqual(
      line("act_llm_gen_object", "gpt-4o-mini", usage({ input: 120, output: 45 }, { requests: 3, reasks: 1 })),
      "gpt-4o-mini object · 120 → 45 tokens · 3 requests · 1 re-ask · $0.000045"
    )
  })

  it("counts pieces where there are no tokens", () => {
    assert.strictEqual(
      line("act_extract_gen_extract_pages", "mistral-ocr", usage({ pages: 7 })),
      "mistral-ocr extract · 7 pages · cost unknown"
    )
  })

  it("does not take a price that is not known for nothing, nor a count that is missing", () => {
    assert.strictEqual(
      line("act_llm_gen_text", "mystery", usage({ input: 1, output: 1 })),
      "mystery chat · 1 → 1 tokens · cost unknown"
    )
    assert.strictEqual(line("act_llm_gen_text", "gpt-4o-mini", usage({})), "gpt-4o-mini chat · cost unknown")
  })

  it("says what is simulated, and leaves out the cost of what asks no model", () => {
    assert.strictEqual(
      line("act_llm_gen_text", "gpt-4o", usage({ input: 1, output: 1 }, { simulated: true })),
      "gpt-4o chat · 1 → 1 tokens · simulated"
    )
    assert.strictEqual(line("act_func", undefined, usage({})), "function")
  })
})
