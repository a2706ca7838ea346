import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Fetch from "../../../src/provider/transport/Fetch.ts"

describe("Fetch", () => {
  it.live("is there for the next one when the first to ask is interrupted while it is loaded", () =>
    Effect.gen(function*() {
      const { get } = yield* Fetch.Fetch
      const first = yield* Effect.forkChild(get, { startImmediately: true })
      yield* Fiber.interrupt(first)
      const found = yield* get
      assert.isFunction(found)
      assert.strictEqual(yield* get, found)
    }).pipe(Effect.provide(Fetch.layer)))
})
