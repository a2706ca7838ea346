import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ErrorReport from "../../src/failure/ErrorReport.ts"
import { failures, inputMissing, invalid, rateLimited } from "./Failures.ts"

const nulls = (value: unknown): boolean =>
  value === null || (typeof value === "object" && Object.values(value).some(nulls))

describe("ErrorReport", () => {
  it("holds the members of both generations", () => {
    assert.deepStrictEqual<unknown>(ErrorReport.fromFailure(rateLimited, { runId: "run-1" }), {
      error_type: "RateLimited",
      message: "pipe \"write_pitch\": provider \"openai\" for model \"gpt-4o-mini\" is limiting the rate of requests",
      title: "The provider is rate limiting this deployment",
      type_uri: "https://mthds.ai/errors/provider.rate_limited",
      code: "provider.rate_limited",
      error_category: "transient",
      error_domain: "runtime",
      user_action: { kind: "wait_and_retry", detail: "Wait at least 1 s, then run the method again." },
      category: "transient",
      retryable: true,
      model: "gpt-4o-mini",
      provider: "openai",
      suggested_action: { kind: "wait_and_retry", detail: "Wait at least 1 s, then run the method again." },
      provider_metadata: {
        provider: "openai",
        sdk_exception_type: "RateLimitError",
        message: "Rate limit reached for requests",
        status_code: 429,
        request_id: "req_fixed",
        provider_error_code: "requests"
      },
      location: { pipe: "write_pitch", path: ["pitch_and_review", "write_pitch"] },
      attempts: { transport: 3 },
      retry_after: 0.4,
      pipeline_run_id: "run-1"
    })
  })

  it("has no category where no model was asked", () => {
    const report = ErrorReport.fromFailure(inputMissing)
    assert.notProperty(report, "category")
    assert.notProperty(report, "model")
    assert.strictEqual(report.error_domain, "input")
    assert.strictEqual(report.retryable, false)
  })

  it("lists the faults of an invalid method", () => {
    assert.deepStrictEqual<unknown>(ErrorReport.fromFailure(invalid).validation_errors, [{
      code: "method.pipe_unresolved",
      detail: "pipe \"top\" names \"lab.ghots\", which does not exist",
      params: { pipe: "top" },
      location: { pipe: "top", field: "pipe.top.steps.0.pipe", file: "bad.mthds", line: 12, column: 3 },
      suggestions: ["lab.ghost"],
      suggested_fix: "name a pipe of the library"
    }])
  })

  it.prop("is read back as it was written, and holds no null of its own", [failures], ([failure]) => {
    const report = ErrorReport.fromFailure(failure, { runId: "r" })
    assert.deepEqual(ErrorReport.read(JSON.parse(JSON.stringify(report))), JSON.parse(JSON.stringify(report)))
    if (report.validation_errors === undefined) assert.isFalse(nulls(report))
  }, { arbitrary: { runs: 500 } })

  it("an unknown member is a breach that keeps the sentence", () => {
    const report = ErrorReport.read({ ...ErrorReport.fromFailure(inputMissing), surprise: 1 })
    assert.strictEqual(report.error_type, "UnrecoverableWorkflowFailureError")
    assert.strictEqual(report.message, "pipe \"p\": input \"topic\" is missing [error report failed schema validation]")
    assert.strictEqual(report.error_domain, "runtime")
  })

  it.prop("reading is total", [Schema.Json], ([value]) => {
    assert.isString(ErrorReport.read(value).message)
    assert.isString(ErrorReport.recover(value).error_type)
  })

  it("a report is found among the details of a chain of causes; else the innermost cause speaks", () => {
    const report = ErrorReport.fromFailure(rateLimited)
    const chain = new Error("outer", { cause: Object.assign(new Error("inner"), { details: ["x", report] }) })
    assert.deepStrictEqual(ErrorReport.recover(chain), report)
    assert.strictEqual(ErrorReport.recover(new Error("outer", { cause: new Error("inner") })).message, "inner")
  })

  it("an outsider learns nothing of models, providers and accounts", () => {
    const report = ErrorReport.strict(ErrorReport.fromFailure(rateLimited))
    assert.deepStrictEqual<unknown>(report, {
      error_type: "RateLimited",
      message: "The run failed. Its owner can see why.",
      title: "The provider is rate limiting this deployment",
      type_uri: "https://mthds.ai/errors/provider.rate_limited",
      code: "provider.rate_limited",
      error_category: "transient",
      error_domain: "runtime",
      category: "transient",
      retryable: true,
      provider_metadata: { status_code: 429 },
      retry_after: 0.4
    })
    assert.strictEqual(ErrorReport.strict(ErrorReport.fromFailure(inputMissing)).message, inputMissing.message)
  })

  it.prop("an outsider's report is a report", [failures], ([failure]) => {
    const report = ErrorReport.strict(ErrorReport.fromFailure(failure))
    assert.deepEqual(ErrorReport.read(report), report)
    assert.notProperty(report, "model")
    assert.notProperty(report, "provider")
  })
})
