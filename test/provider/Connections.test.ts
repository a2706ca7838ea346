import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { looking } from "./Scripted.ts"

describe("connections", () => {
  it.effect("are looked up when they are asked for, once each, missing ones too", () =>
    Effect.gen(function*() {
      const { asked, connections } = looking()
      assert.deepStrictEqual(asked, [])
      const first = yield* connections.get("acme")
      assert.strictEqual(yield* connections.get("acme"), first)
      const { kind, metadata, variables } = yield* Effect.flip(connections.get("poor"))
      yield* Effect.flip(connections.get("poor"))
      assert.deepStrictEqual([kind, metadata, variables], ["credentials", { provider: "poor" }, ["POOR_KEY"]])
      assert.deepStrictEqual(asked, ["acme", "poor"])
    }))
})
