import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ProblemDocument from "../../src/failure/ProblemDocument.ts"
import * as ProblemReader from "../../src/failure/ProblemReader.ts"
import { failures, inputMissing, invalid, rateLimited } from "./Failures.ts"

const valid = Schema.is(ProblemDocument.ProblemDocument)

describe("ProblemDocument", () => {
  it("carries the newer members, the five facts and the older flat ones", () => {
    const action = { kind: "wait_and_retry", detail: "Wait at least 1 s, then run the method again." }
    const message =
      "pipe \"write_pitch\": provider \"openai\" for model \"gpt-4o-mini\" is limiting the rate of requests"
    assert.deepStrictEqual<unknown>(
      ProblemDocument.fromFailure(rateLimited, { runId: "run-1", runtimeVersion: "0.1.0", instance: "/v1/execute" }),
      {
        type: "https://mthds.ai/errors/provider.rate_limited",
        title: "The provider is rate limiting this deployment",
        status: 429,
        detail: "provider \"openai\" for model \"gpt-4o-mini\" is limiting the rate of requests",
        code: "provider.rate_limited",
        domain: "runtime",
        retry: "yes",
        retry_after: 1,
        next_step: { kind: "wait", detail: action.detail },
        params: { model: "gpt-4o-mini", provider: "openai" },
        location: { pipe: "write_pitch", path: ["pitch_and_review", "write_pitch"] },
        pipeline_run_id: "run-1",
        diagnostics: {
          error_class: "RateLimited",
          message,
          causes: [{ error_class: "RateLimitError" }],
          model: "gpt-4o-mini",
          provider: {
            name: "openai",
            status: 429,
            code: "requests",
            message: "Rate limit reached for requests",
            request_id: "req_fixed"
          },
          runtime_version: "0.1.0"
        },
        category: "transient",
        retryable: true,
        model: "gpt-4o-mini",
        provider: "openai",
        suggested_action: action,
        error: true,
        error_type: "RateLimited",
        error_domain: "runtime",
        error_category: "transient",
        user_action: action,
        message,
        hint: action.detail,
        instance: "/v1/execute",
        request_id: "req_fixed"
      }
    )
  })

  it("answers a rate limit with the header Retry-After", () => {
    assert.deepStrictEqual(ProblemDocument.headers(ProblemDocument.fromFailure(rateLimited)), {
      "content-type": "application/problem+json",
      "retry-after": "1"
    })
  })

  it("lists the faults of an invalid method and the verdict", () => {
    const document = ProblemDocument.fromFailure(invalid, { bundlePath: "bad.mthds" })
    assert.strictEqual(document.is_valid, false)
    assert.strictEqual(document.bundle_path, "bad.mthds")
    assert.strictEqual(document.errors?.[0]?.code, "method.pipe_unresolved")
    assert.strictEqual(document.next_step.kind, "change_method")
  })

  it("tells an outsider what they may do, and only sentences about what they sent", () => {
    const outside = ProblemDocument.fromFailure(rateLimited, { disclosure: "strict" })
    assert.notMatch(JSON.stringify(outside), /openai|gpt|req_fixed|write_pitch/)
    assert.strictEqual(outside.diagnostics?.provider?.status, 429)
    assert.strictEqual(ProblemDocument.fromFailure(invalid, { disclosure: "strict" }).next_step.kind, "contact_owner")
    assert.strictEqual(
      ProblemDocument.fromFailure(inputMissing, { disclosure: "strict" }).detail,
      "input \"topic\" is missing"
    )
  })

  it.prop("every failure makes a document of the declared form, in both disclosures", [failures], ([failure]) => {
    for (const disclosure of ["verbose", "strict"] as const) {
      const document = ProblemDocument.fromFailure(failure, { disclosure })
      assert.isTrue(valid(document))
      assert.notInclude(Object.values(document), undefined)
      assert.strictEqual(ProblemReader.read(document).code, failure.code)
    }
  }, { arbitrary: { runs: 500 } })
})

describe("ProblemReader", () => {
  it("judges an unknown code by its family and an unknown verdict as no", () => {
    assert.deepStrictEqual(
      ProblemReader.read({ code: "model.sleepy", retry: "perhaps", colour: "red", detail: "zzz" }),
      {
        code: "model.sleepy",
        domain: "method",
        retry: "no",
        status: 422,
        title: "A failure of a kind that is not known here",
        detail: "zzz"
      }
    )
  })

  it.prop("is total", [Schema.Json], ([value]) => {
    assert.isString(ProblemReader.read(value).detail)
  })
})
