import * as Arbitrary from "effect/Arbitrary"
import { Attempts, fail, Location, PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"

/** Failures of every reason, for laws. Samples are one per reason, with the facts that reports show. */
export const reasons = Arbitrary.schema(Reason.Reason)

export const failures = Arbitrary.all([
  reasons,
  Arbitrary.schema(Location),
  Arbitrary.schema(Attempts)
]).pipe(Arbitrary.map(([reason, location, attempts]) => new PipeFailure({ reason, location, attempts })))

export const rateLimited = new PipeFailure({
  reason: new Reason.RateLimited({
    provider: "openai",
    model: "gpt-4o-mini",
    retryAfterSeconds: 0.4,
    metadata: {
      provider: "openai",
      sdkError: "RateLimitError",
      message: "Rate limit reached for requests",
      status: 429,
      requestId: "req_fixed",
      providerCode: "requests"
    }
  }),
  location: { pipe: "write_pitch", path: ["pitch_and_review", "write_pitch"] },
  attempts: { transport: 3 }
})

export const inputMissing = fail(new Reason.InputMissing({ inputs: ["topic"] }), { pipe: "p", path: ["p"] })

export const invalid = fail(
  new Reason.MethodInvalid({
    issues: [{
      code: "method.pipe_unresolved",
      message: "pipe \"top\" names \"lab.ghots\", which does not exist",
      fix: "name a pipe of the library",
      pipe: "top",
      field: "pipe.top.steps.0.pipe",
      file: "bad.mthds",
      line: 12,
      column: 3,
      suggestions: ["lab.ghost"]
    }]
  })
)
