import { assert, describe, it } from "@effect/vitest"
import * as RetryAfter from "../../../src/provider/transport/RetryAfter.ts"

const now = Date.parse("2026-03-04T05:06:07Z")

const seconds = (headers: Record<string, string>): number | undefined =>
  RetryAfter.seconds((name) => headers[name], now)

describe("RetryAfter.seconds", () => {
  it("reads seconds, milliseconds before them, and dates from now on", () => {
    assert.strictEqual(seconds({ "retry-after": "2" }), 2)
    assert.strictEqual(seconds({ "retry-after": " 0.5 " }), 0.5)
    assert.strictEqual(seconds({ "retry-after-ms": "50", "retry-after": "9" }), 0.05)
    assert.strictEqual(seconds({ "retry-after": "Wed, 04 Mar 2026 05:06:37 GMT" }), 30)
  })

  it("asks for no delay when the date has passed", () => {
    assert.strictEqual(seconds({ "retry-after": "Wed, 04 Mar 2020 05:06:37 GMT" }), 0)
  })

  it("does not hear what is no delay", () => {
    for (const bad of ["-1", "NaN", "Infinity", "1e400", "soon", "", "  "]) {
      assert.isUndefined(seconds({ "retry-after": bad }), bad)
    }
    assert.isUndefined(seconds({}))
    assert.strictEqual(seconds({ "retry-after-ms": "-3", "retry-after": "4" }), 4)
  })
})
