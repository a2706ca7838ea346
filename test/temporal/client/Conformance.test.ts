/** The cases of the corpus hold on either layer: the same requests, outputs and failures. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fileURLToPath } from "node:url"
import * as Suite from "../../conformance/Suite.ts"
import * as Server from "../Server.ts"

Server.use()

const own = fileURLToPath(new URL("../../cases", import.meta.url))

describe("our own cases", () => {
  it.live("pass durably too", () =>
    Effect.gen(function*() {
      const { judged } = yield* Suite.judge(own, ["runs", "failures"], "temporal", yield* Server.address)
      assert.isAbove(judged.length, 50)
      assert.deepStrictEqual(
        judged.filter(({ status }) => status !== "passed").map(({ difference, name }) =>
          `${name}: ${difference ?? ""}`
        ),
        []
      )
    }), 300_000)
})
