import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as FakeProvider from "../fake/FakeProvider.ts"
import { folder, run } from "./Program.ts"

const say = (code: string, model: string) =>
  `[pipe.${code}]\ntype = "PipeLLM"\ndescription = "d"\noutput = "Text"\nmodel = "${model}"\nprompt = "Say ${code}"\n`

const method = `domain = "letters"
description = "Letters"
main_pipe = "both"

[pipe.both]
type = "PipeSequence"
description = "d"
output = "Text"
steps = [{ pipe = "first", result = "one" }, { pipe = "second", result = "two" }]

${say("first", "gpt-4o-mini")}
${say("second", "claude-4.5-haiku")}
`

const reported = "[pipelex.reporting_config]\nis_generate_cost_report_file_enabled = true\n"

const project = Effect.fnUntraced(function*(pipelex: string, rules: ReadonlyArray<FakeProvider.Rule> = []) {
  const provider = yield* FakeProvider.start
  yield* provider.rules(rules)
  const { url } = provider
  const cwd = yield* folder({
    "letters.mthds": method,
    "package.json": "{}",
    ".pipelex/pipelex.toml": pipelex,
    ".pipelex/inference/backends_override.toml": `[openai]\nendpoint = "${url}/v1"\n[anthropic]\nendpoint = "${url}"\n`
  })
  return { cwd, env: { OPENAI_API_KEY: "k3y", ANTHROPIC_API_KEY: "k3y" } }
})

const line = ["run", "bundle", "letters.mthds", "--no-graph"]

const refusal: ReadonlyArray<FakeProvider.Rule> = [{
  match: { model: "claude-haiku-4-5-20251001" },
  reply: { text: "cut", finish: "max_tokens" }
}]

/** As a spreadsheet would read it; no cell of these has a comma. */
const cells = (csv: string): ReadonlyArray<Readonly<Record<string, string>>> => {
  const [head = "", ...rows] = csv.trimEnd().split("\n")
  const names = head.split(",")
  return rows.map((row) => Object.fromEntries(row.split(",").map((cell, at) => [names[at] ?? "", cell])))
}

const reports = (cwd: string, directory = "reports"): ReadonlyArray<string> =>
  existsSync(join(cwd, directory)) ? readdirSync(join(cwd, directory)).toSorted() : []

describe.concurrent("the costs of a run", () => {
  it.live("are a table, and no file unless the configuration asks for one", () =>
    Effect.gen(function*() {
      const options = yield* project("")
      const { code, stderr, stdout } = yield* run(line, options)
      assert.strictEqual(code, 0, stderr)
      assert.match(stdout, /Costs of run [\w-]+ \(estimates, USD\)\n/)
      assert.match(stdout, /\nclaude-4\.5-haiku +llm +1 /)
      assert.match(stderr, /gpt-4o-mini chat · \d+ → \d+ tokens · \$0\.0\d+ · done in /)
      assert.deepStrictEqual(reports(options.cwd), [])
    }))

  it.live("are written to the first report that is free, a row for each call", () =>
    Effect.gen(function*() {
      const options = yield* project(reported)
      const first = yield* run(line, options)
      assert.strictEqual(first.code, 0, first.stderr)
      assert.include(first.stderr, `Costs are written to ${join("reports", "cost_report_1.csv")}`)
      yield* run(line, options)
      assert.deepStrictEqual(reports(options.cwd), ["cost_report_1.csv", "cost_report_2.csv"])
      const rows = cells(readFileSync(join(options.cwd, "reports/cost_report_1.csv"), "utf8"))
      assert.deepStrictEqual(
        rows.map((row) => [row["pipe_code"], row["backend"], row["inference_model_name"], row["requests"]]),
        [["first", "openai", "gpt-4o-mini", "1"], ["second", "anthropic", "claude-4.5-haiku", "1"]]
      )
      const [, second] = rows
      const expected = (Number(second?.["nb_input"]) * 1 + Number(second?.["nb_output"]) * 5) / 1e6
      assert.closeTo(Number(second?.["cost"]), expected, 1e-12)
      assert.strictEqual(second?.["inference_model_id"], "claude-haiku-4-5-20251001")
    }))

  it.live("go where the configuration says, as JSON when it says so, without the table", () =>
    Effect.gen(function*() {
      const options = yield* project(
        `${reported}cost_report_dir_path = "out/costs"\ncost_report_base_name = "spent"\ncost_report_extension = "json"\n` +
          "is_log_costs_to_console = false\n"
      )
      const { stdout } = yield* run([...line, "--run-id", "run-1"], options)
      assert.notInclude(stdout, "estimates")
      assert.deepStrictEqual(reports(options.cwd, "out/costs"), ["spent_1.json"])
      const report = JSON.parse(readFileSync(join(options.cwd, "out/costs/spent_1.json"), "utf8"))
      assert.strictEqual(report.run_id, "run-1")
      assert.isTrue(report.cost_report.is_complete)
      assert.lengthOf(report.cost_report.by_model, 2)
      assert.lengthOf(report.tokens_usages, 2)
      const sum = report.tokens_usages.reduce((total: number, { cost }: { readonly cost: number }) => total + cost, 0)
      assert.closeTo(report.cost_report.total_cost, sum, 1e-12)
    }))

  it.live("are in the unit that the configuration names", () =>
    Effect.gen(function*() {
      const options = yield* project("[pipelex.reporting_config]\ncost_report_unit_scale = 0.001\n")
      const { stdout } = yield* run(line, options)
      assert.include(stdout, "(estimates, in 0.001 USD)")
    }))

  it.live("are nowhere with --no-costs", () =>
    Effect.gen(function*() {
      const options = yield* project(reported, refusal)
      const { code, stderr, stdout } = yield* run([...line, "--no-costs"], options)
      assert.strictEqual(code, 1)
      assert.notInclude(stderr, "Cost until")
      assert.notInclude(stdout, "Costs")
      assert.deepStrictEqual(reports(options.cwd), [])
    }))

  it.live("are nothing in a dry run", () =>
    Effect.gen(function*() {
      const options = yield* project(reported)
      const { code, stderr, stdout } = yield* run([...line, "--dry-run"], options)
      assert.strictEqual(code, 0, stderr)
      assert.notInclude(stdout, "Costs")
      assert.deepStrictEqual(reports(options.cwd), [])
    }))

  it.live("are told after a failure, and reported with what the failed call used", () =>
    Effect.gen(function*() {
      const options = yield* project(reported, refusal)
      const { code, stderr } = yield* run(line, options)
      assert.strictEqual(code, 1)
      assert.match(stderr, /\nCost until the failure: \$0\.0\d+ in 2 requests\n$/)
      assert.match(stderr, /claude-4\.5-haiku chat · \d+ → \d+ tokens · \$0\.0\d+ · failed after /)
      const rows = cells(readFileSync(join(options.cwd, "reports/cost_report_1.csv"), "utf8"))
      assert.deepStrictEqual(rows.map((row) => [row["pipe_code"], row["failed"]]), [["first", ""], ["second", "true"]])
      for (const row of rows) assert.isAbove(Number(row["cost"]), 0)
      const quiet = yield* run([...line, "--quiet"], options)
      assert.strictEqual(quiet.code, 1)
      assert.notInclude(quiet.stderr, "Cost until")
    }))

  it.live("add nothing to what programs are told of a failure", () =>
    Effect.gen(function*() {
      const options = yield* project("", refusal)
      for (const told of [{ ...options, program: "pipelex-agent" } as const, options]) {
        const args = told === options ? [...line, "--json"] : line
        const { code, stderr, stdout } = yield* run(args, told)
        assert.deepStrictEqual([code, stdout], [1, ""])
        assert.deepInclude(JSON.parse(stderr), { error: true, code: "model.output_truncated" })
        assert.notInclude(stderr, "Cost until")
      }
    }))

  it.live("that cannot be reported are a warning, and no failed run", () =>
    Effect.gen(function*() {
      const options = yield* project(`${reported}cost_report_dir_path = "letters.mthds"\n`)
      const { code, stderr, stdout } = yield* run(line, options)
      assert.strictEqual(code, 0, stderr)
      assert.include(stderr, "WARNING  the cost report cannot be written to \"letters.mthds\"")
      assert.include(stdout, "Pipeline execution completed successfully")
    }))

  it.live("are the same for programs", () =>
    Effect.gen(function*() {
      const options = yield* project("")
      const { stderr, stdout } = yield* run([...line, "--with-memory"], { ...options, program: "pipelex-agent" })
      assert.strictEqual(stderr, "")
      const { by_model: models, total_cost: total } = JSON.parse(stdout).cost_report
      assert.deepStrictEqual(
        models.map((
          { model, model_type: type }: { readonly model: string; readonly model_type: string }
        ) => [model, type]),
        [["gpt-4o-mini", "llm"], ["claude-4.5-haiku", "llm"]]
      )
      assert.isAbove(total, 0)
    }))
})
