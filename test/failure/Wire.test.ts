import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Schema from "effect/Schema"
import { fail, PipeFailure } from "../../src/failure/PipeFailure.ts"
import { Reason } from "../../src/failure/Reason.ts"
import * as Wire from "../../src/failure/Wire.ts"
import { failures, rateLimited, reasons } from "./Failures.ts"

const travelled = (failure: PipeFailure): PipeFailure => Wire.decode(JSON.parse(JSON.stringify(Wire.encode(failure))))

describe("Wire", () => {
  it.prop("a failure of any reason arrives equal", [failures], ([failure]) => {
    const arrived = travelled(failure)
    assert.isTrue(Equal.equals(arrived, failure))
    assert.instanceOf(arrived, PipeFailure)
    assert.strictEqual(arrived.message, failure.message)
    assert.deepStrictEqual(
      [arrived.code, arrived.category, arrived.retryable, arrived.model, arrived.provider, arrived.suggestedAction],
      [failure.code, failure.category, failure.retryable, failure.model, failure.provider, failure.suggestedAction]
    )
  }, { arbitrary: { runs: 2000 } })

  for (const member of Reason.members) {
    it.effect(`the reason ${member.identifier} arrives equal`, () =>
      Effect.gen(function*() {
        const samples = yield* Arbitrary.sampleEffect(Arbitrary.schema(Schema.Union([member])), { count: 20, seed: 7 })
        for (const reason of samples) assert.isTrue(Equal.equals(travelled(fail(reason)).reason, reason))
      }))
  }

  it.prop("two failures with different reasons do not arrive equal", [reasons, reasons], ([left, right]) => {
    assert.strictEqual(Equal.equals(left, right), Equal.equals(travelled(fail(left)), travelled(fail(right))))
  })

  it.prop("anything else arrives as a failure all the same", [Schema.Json], ([value]) => {
    const arrived = Wire.decode(value)
    assert.strictEqual(arrived.code, "runtime.unexpected")
    assert.include(arrived.message, Wire.marker)
  })

  it("a reason of a later version keeps the place and the innermost sentence", () => {
    const arrived = Wire.decode({
      _tag: "PipeFailure",
      reason: { _tag: "SolarFlare", problem: "outer", cause: { message: "the sun was too bright" } },
      location: { pipe: "p", path: ["p"] }
    })
    assert.strictEqual(
      arrived.message,
      "pipe \"p\": the sun was too bright [error report failed schema validation]"
    )
    assert.deepStrictEqual(arrived.location, { pipe: "p", path: ["p"] })
    assert.include(Wire.decode({ _tag: "PipeFailure", reason: { _tag: "SolarFlare" } }).message, "SolarFlare")
  })

  it("values that misbehave when looked at are recovered too", () => {
    const cyclic: { message: string; cause?: unknown } = { message: "round and round" }
    cyclic.cause = cyclic
    const hostile = new Proxy({}, {
      get: () => {
        throw new Error("no")
      },
      has: () => {
        throw new Error("no")
      }
    })
    assert.include(Wire.decode(cyclic).message, "round and round")
    assert.include(Wire.decode(hostile).message, "could not be read")
    assert.strictEqual(Wire.recover(hostile).code, "runtime.unexpected")
    for (const value of [undefined, null, 0, "", [], () => 0, Symbol("s")]) {
      assert.instanceOf(Wire.decode(value), PipeFailure)
    }
  })

  it("the record is found among the details of a chain of causes", () => {
    const foreign = new Error("Workflow execution failed", {
      cause: Object.assign(new Error("Activity task failed", { cause: new Error("429") }), {
        details: [{ a: 1 }, Wire.encode(rateLimited)]
      })
    })
    assert.isTrue(Equal.equals(Wire.recover(foreign), rateLimited))
  })

  it("a crash without a record says what its innermost cause says", () => {
    const crash = new Error("Workflow execution failed", {
      cause: new Error("worker lost", { cause: new Error("  ") })
    })
    assert.strictEqual(Wire.recover(crash).message, "worker lost")
    assert.strictEqual(Wire.recover({}).message, "the run failed and did not say why")
  })
})
