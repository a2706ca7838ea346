import { assert, describe, it } from "@effect/vitest"
import * as Amounts from "../../src/report/Amounts.ts"
import { width } from "../../src/report/Columns.ts"
import * as CostTable from "../../src/report/CostTable.ts"
import * as LeafUsage from "../../src/report/LeafUsage.ts"
import * as UsageRecords from "../../src/report/UsageRecords.ts"
import { prices, usage } from "./Events.ts"

const leaf = (
  model: string,
  used: LeafUsage.LeafUsage["usage"],
  name: LeafUsage.LeafUsage["leaf"] = "act_llm_gen_text"
): LeafUsage.LeafUsage => ({
  path: "p#0",
  pipe: "p",
  leaf: name,
  model,
  usage: { ...used, model },
  endedAt: 1_700_000_000_684
})

const leaves = [
  leaf("gpt-4o-mini", usage({ input: 1000, output: 200, input_cached: 400, output_reasoning: 50 })),
  leaf("gpt-4o-mini", usage({ input: 1000, output: 0 }, { requests: 3 })),
  leaf("mystery", usage({ input: 10, output: 10 })),
  leaf("mistral-ocr", usage({ pages: 7 }, { backend: "mistral" }), "act_extract_gen_extract_pages"),
  leaf("gpt-4o", usage({ input: 5, output: 5 }, { simulated: true })),
  { ...leaf("x", usage({})), model: undefined, leaf: "act_func" as const }
]
const priceOf: LeafUsage.Prices = (model, backend) =>
  model === "mistral-ocr" ? { input: 0.001 } : prices(model, backend)
const table = CostTable.rows(leaves, priceOf)

const given: LeafUsage.Prices = () => ({ input: 1, output: 2, input_cached: 0.1 })

const priced = (backend: string, input: number) => ({
  handle: "m",
  family: "llm" as const,
  backend,
  sdk: "openai",
  modelId: "m",
  inputs: [],
  outputs: [],
  thinking: "none" as const,
  costs: { input }
})

describe("LeafUsage.cost", () => {
  it("prices cached input apart, at half when no price is given, and never adds what is inside the output", () => {
    assert.closeTo(
      LeafUsage.cost(usage({ input: 1000, output: 200, input_cached: 400, output_reasoning: 50 }), prices) ?? 0,
      0.00024,
      1e-12
    )
    assert.closeTo(LeafUsage.cost(usage({ input: 1_000_000, input_cached: 1_000_000 }), given) ?? 0, 0.1, 1e-12)
  })

  it("is unknown without a price, and nothing where the price is nothing", () => {
    assert.isUndefined(LeafUsage.cost(usage({ input: 1 }), () => undefined))
    assert.isUndefined(LeafUsage.cost(usage({ output: 1 }), () => ({ input: 1 })))
    assert.strictEqual(LeafUsage.cost(usage({ input: 1 }), () => ({ input: 0 })), 0)
    assert.strictEqual(LeafUsage.cost(usage({ input: 1 }), () => ({})), 0)
    assert.strictEqual(LeafUsage.cost(usage({ input: 1 }, { simulated: true }), () => undefined), 0)
  })

  it("prices pages by the piece", () => {
    assert.strictEqual(LeafUsage.cost(usage({ pages: 7 }), () => ({ input: 0.001 })), 0.007)
  })

  it("takes prices from the model table, the backend's own first", () => {
    const of = LeafUsage.prices([priced("a", 1), priced("b", 2)])
    assert.deepStrictEqual([of("m", "b"), of("m", undefined), of("m", "c"), of("n", "a")], [
      { input: 2 },
      { input: 1 },
      undefined,
      undefined
    ])
  })
})

describe("CostTable", () => {
  it("joins the leaves of a model, and leaves out what asked none", () => {
    assert.deepStrictEqual(
      table.map((
        { cost, input, model, requests }
      ) => [model, requests, input, cost === undefined ? undefined : Amounts.dollars(cost)]),
      [["gpt-4o-mini", 4, 2000, "$0.00039"], ["mystery", 1, 10, undefined], ["mistral-ocr", 1, 0, "$0.0070"], [
        "gpt-4o",
        1,
        5,
        "$0"
      ]]
    )
  })

  it("says what is not known and what is simulated, in at most eighty columns", () => {
    const lines = CostTable.lines(table, { runId: "run-1" })
    assert.strictEqual(
      lines.join("\n"),
      `Costs of run run-1 (estimates, USD)
Model        Type            Requests    Input  Cached  Output       Cost
─────────────────────────────────────────────────────────────────────────
gpt-4o-mini  llm                    4    2,000     400     200   $0.00039
mystery      llm                    1       10              10    unknown
mistral-ocr  text_extractor         1  7 pages                    $0.0070
gpt-4o       llm                    1        5               5  simulated
─────────────────────────────────────────────────────────────────────────
Total                                                             $0.0074
The price of mystery is not known: the total may be higher.
Simulated answers cost nothing and come from no model.`
    )
    const long = CostTable.rows([
      leaf("a-model-with-a-very-long-name/".repeat(5), usage({ input: 123_456_789, output: 1 }))
    ], prices)
    for (const line of CostTable.lines(long)) assert.isAtMost(width(line), 80)
    assert.deepStrictEqual(CostTable.lines([]), [])
  })

  it("is null, not zero, for programs when a cost is unknown", () => {
    assert.deepStrictEqual<unknown>(CostTable.toJson(CostTable.rows(leaves.slice(2, 5), priceOf)), {
      total_cost: 0.007,
      is_complete: false,
      by_model: [
        { model: "mystery", model_type: "llm", nb_tokens_input: 10, nb_tokens_output: 10, cost: null },
        {
          model: "mistral-ocr",
          model_type: "text_extractor",
          nb_tokens_input: 0,
          nb_tokens_output: 0,
          nb_units: { pages: 7 },
          cost: 0.007
        },
        { model: "gpt-4o", model_type: "llm", nb_tokens_input: 5, nb_tokens_output: 5, cost: 0, simulated: true }
      ]
    })
    assert.isNull(CostTable.toJson(CostTable.rows(leaves.slice(2, 3), priceOf)).total_cost)
    assert.strictEqual(CostTable.toJson([]).total_cost, 0)
  })
})

describe("a cost report in another unit", () => {
  it("says which, and leaves the dollar sign out", () => {
    const lines = CostTable.lines(table, { unit: 0.001 })
    assert.strictEqual(lines[0], "Costs (estimates, in 0.001 USD)")
    assert.match(lines.find((line) => line.startsWith("Total")) ?? "", / 7\.3900$/)
    assert.notInclude(lines.join("\n"), "$")
  })
})

describe("CostTable.untilFailure", () => {
  it("tells what was spent, and what of it is not known", () => {
    const said = (...used: ReadonlyArray<ReadonlyArray<LeafUsage.LeafUsage> | undefined>) =>
      CostTable.untilFailure(CostTable.rows(used.flatMap((each) => each ?? []), priceOf))
    const [known, retried, mystery, , simulated] = leaves.map((each) => [each])
    assert.deepStrictEqual(said(known, retried), ["Cost until the failure: $0.00039 in 4 requests"])
    assert.deepStrictEqual(said(known, mystery), ["Cost until the failure: at least $0.00024 in 2 requests"])
    assert.deepStrictEqual(said(mystery), ["Cost until the failure: unknown in 1 request"])
    assert.deepStrictEqual(said(simulated), [])
    assert.deepStrictEqual(said(), [])
  })
})

describe("UsageRecords", () => {
  it("makes a CSV whose columns are the sorted union of the fields", () => {
    const [head, first, , , ocr] = UsageRecords.csv(leaves, priceOf).split("\n")
    assert.strictEqual(
      head,
      "backend,completed_at,cost,inference_model_id,inference_model_name,job_category,model_type,nb_input,nb_input_cached,nb_output,nb_output_reasoning,nb_pages,pipe_code,requests,simulated,started_at,unit_job_id"
    )
    assert.include(first, "openai,2023-11-14T22:13:20.684Z,")
    assert.include(first, ",2023-11-14T22:13:20.000Z,p#0")
    assert.include(ocr, ",7,p,")
  })

  it("quotes what needs it, and disarms what a spreadsheet would compute", () => {
    const csv = UsageRecords.csv([{ ...leaf("=cmd,\"x\"", usage({})) }], prices)
    assert.include(csv, "\"'=cmd,\"\"x\"\"\"")
  })
})

describe("Amounts", () => {
  it("reads as people write them", () => {
    assert.deepStrictEqual([0, 684, 999.6, 1010, 59_990, 125_000, 3_725_000, -5].map(Amounts.duration), [
      "0 ms",
      "684 ms",
      "1.00 s",
      "1.01 s",
      "59.99 s",
      "2 min 5 s",
      "1 h 2 min",
      "0 ms"
    ])
    assert.deepStrictEqual([undefined, 0, 0.000044, 0.0001, 0.0456, 12.3].map(Amounts.dollars), [
      "unknown",
      "$0",
      "$0.000044",
      "$0.00010",
      "$0.0456",
      "$12.3000"
    ])
  })
})
