import { assert, describe, it } from "@effect/vitest"
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  RetryState,
  TerminatedFailure,
  TimeoutFailure,
  type TimeoutType
} from "@temporalio/common"
import { fail } from "../../../src/failure/PipeFailure.ts"
import * as Reason from "../../../src/failure/Reason.ts"
import * as Wire from "../../../src/failure/Wire.ts"
import type { Job } from "../../../src/program/Leaves.ts"
import * as Failures from "../../../src/temporal/wire/Failures.ts"

const ofActivity = (cause: Error) =>
  new ActivityFailure("failed", "act", "1", RetryState.MAXIMUM_ATTEMPTS_REACHED, "worker", cause)

const job = {
  meta: { runId: "r", userId: "u", pipe: "p", domain: "d", path: "p#0" },
  setting: { model: { handle: "writer", backend: "acme" }, settings: {} }
} as unknown as Job<"act_llm_gen_text">

const timeout = (type: TimeoutType, cause?: Error): Error =>
  ofActivity(Object.assign(new TimeoutFailure("timed out", undefined, type), { cause }))

describe("a failure that comes back from a server", () => {
  const report = fail(new Reason.QuotaExhausted({ model: "writer" }), { pipe: "p", path: ["q", "p"] })
  const carrying = ApplicationFailure.create({ message: "m", details: [Wire.encode(report)] })

  it("is the one that its report says, however deep it is", () => {
    assert.deepStrictEqual(Failures.recover(ofActivity(carrying)), report)
    assert.deepStrictEqual(Failures.recover(timeout("SCHEDULE_TO_CLOSE", carrying)), report)
  })

  const timeouts: ReadonlyArray<readonly [TimeoutType, "act_llm_gen_text" | "act_img_gen_images", code: string]> = [
    ["START_TO_CLOSE", "act_llm_gen_text", "provider.timeout"],
    ["HEARTBEAT", "act_llm_gen_text", "provider.timeout"],
    ["SCHEDULE_TO_CLOSE", "act_llm_gen_text", "provider.timeout"],
    ["START_TO_CLOSE", "act_img_gen_images", "provider.outcome_unknown"],
    ["SCHEDULE_TO_START", "act_img_gen_images", "runtime.unavailable"]
  ]
  it.each(timeouts)("after a %s timeout of %s is %s", (type, name, code) => {
    const failure = Failures.recover(timeout(type), { leaf: { name, job } })
    assert.strictEqual(failure.code, code)
    if (code !== "runtime.unavailable") assert.deepStrictEqual([failure.model, failure.provider], ["writer", "acme"])
  })

  it("of a run says that it was cancelled, ended by somebody, or took too long", () => {
    assert.strictEqual(Failures.recover({ cause: new CancelledFailure("c") }).code, "run.cancelled")
    const terminated = Failures.recover({ cause: new TerminatedFailure("history too large") })
    assert.strictEqual(terminated.code, "run.terminated")
    assert.include(terminated.message, "history too large")
    const late = new TimeoutFailure("t", undefined, "START_TO_CLOSE")
    assert.strictEqual(Failures.recover({ cause: late }, { seconds: 60 }).code, "run.timed_out")
    assert.strictEqual(Failures.recover({ cause: late }).code, "run.terminated")
  })

  it("says what it can of anything else", () => {
    const failure = Failures.recover(ofActivity(ApplicationFailure.create({ message: "no report" })))
    assert.strictEqual(failure.code, "runtime.unexpected")
    assert.include(failure.message, "no report")
  })
})
