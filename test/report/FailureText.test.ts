import { assert, describe, it } from "@effect/vitest"
import { fail } from "../../src/failure/PipeFailure.ts"
import * as Reason from "../../src/failure/Reason.ts"
import { width } from "../../src/report/Columns.ts"
import * as FailureText from "../../src/report/FailureText.ts"
import * as Style from "../../src/report/Style.ts"
import { failures, inputMissing, rateLimited } from "../failure/Failures.ts"

describe("FailureText", () => {
  it("states the problem and the pipe first, then the five facts, and the provider's words last", () => {
    assert.strictEqual(
      FailureText.render(rateLimited),
      `Pipe "write_pitch" failed: provider "openai" for model "gpt-4o-mini" is limiting
the rate of requests

Category:         transient
Retryable:        yes (after 3 requests)
Model:            gpt-4o-mini
Provider:         openai
Suggested action: Wait at least 1 s, then run the method again.
Code:             provider.rate_limited (domain runtime, retry yes, after 1 s)
Location:         pitch_and_review > write_pitch
openai said (HTTP 429, request req_fixed): Rate limit reached for requests`
    )
  })

  it("shows the five facts of a failure that asked no model, too", () => {
    assert.strictEqual(
      FailureText.render(inputMissing, { run: "pipelex-run-1" }),
      `Pipe "p" failed: input "topic" is missing

Category:         none
Retryable:        no
Model:            none
Provider:         none
Suggested action: Change the inputs, then run the method again.
Code:             input.missing (domain input, retry no)
Location:         p
Run:              pipelex-run-1`
    )
  })

  it("needs no pipe to say what is wrong", () => {
    const lines = FailureText.lines(fail(new Reason.ConfigInvalid({ problem: "no such key", file: "pipelex.toml" })))
    assert.strictEqual(lines[0], "Pipelex.toml: no such key")
  })

  it.prop("is at most fifteen lines of eighty columns, whatever failed", [failures], ([failure]) => {
    const lines = FailureText.lines(failure, { run: "run-1" })
    assert.isAtMost(lines.length, 15)
    for (const line of lines) assert.isAtMost(width(line), 80)
    for (const label of ["Category:", "Retryable:", "Model:", "Provider:", "Suggested action:"]) {
      assert.isTrue(lines.some((line) => line.startsWith(label)))
    }
  }, { arbitrary: { runs: 500 } })

  it("colours change no word and no width", () => {
    const coloured = FailureText.lines(rateLimited, { style: Style.colour })
    assert.deepStrictEqual(coloured.map(width), FailureText.lines(rateLimited).map(width))
    assert.include(coloured.join(""), "\u001b[31m")
  })

  it("leaves the middle out of a long chain of pipes", () => {
    const path = Array.from({ length: 20 }, (_, index) => `pipe_number_${index}`)
    const lines = FailureText.lines(
      fail(new Reason.PromptEmpty({}), { pipe: "pipe_number_19", path, item: 2 })
    )
    assert.strictEqual(
      lines.at(-1),
      "Location:         pipe_number_0 > … > pipe_number_18 > pipe_number_19 (item 3)"
    )
  })
})
