import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { defaults } from "../../../src/config/TemporalOptions.ts"
import * as Attributes from "../../../src/temporal/client/Attributes.ts"
import * as Connection from "../../../src/temporal/client/Connection.ts"
import * as Names from "../../../src/temporal/wire/Names.ts"
import * as Server from "../Server.ts"

Server.use()

const access = (address: string, namespace: string, enabled: boolean | "auto" = "auto") => ({
  options: { ...defaults, searchAttributes: { ...defaults.searchAttributes, enabled } },
  server: { name: "local", address, namespace, tls: false as const },
  encryptionKeys: {}
})

describe("a connection to a Temporal server", () => {
  it.live("that is not there is one typed failure, which names host and namespace", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(Effect.scoped(Connection.open(access("127.0.0.1:1", "lab"))))
      assert.strictEqual(failure.code, "runtime.unavailable")
      assert.include(failure.message, "127.0.0.1:1")
      assert.include(failure.message, "\"lab\"")
      assert.notInclude(failure.message, "\n")
    }))

  it.live("to a namespace that is not there says so when it is first asked for something", () =>
    Effect.gen(function*() {
      const connection = yield* Connection.open(access(yield* Server.address, "nowhere"))
      const failure = yield* Effect.flip(
        Connection.request(connection, () => Connection.handleOf(connection, "run").describe())
      )
      assert.strictEqual(failure.code, "runtime.unavailable")
      assert.include(failure.message, "no namespace \"nowhere\"")
    }).pipe(Effect.scoped))

  it.live("finds the search attributes that are wanted and there", () =>
    Effect.gen(function*() {
      const address = yield* Server.address
      const found = (namespace: string, enabled: boolean | "auto") =>
        Effect.scoped(Effect.flatMap(Connection.open(access(address, namespace, enabled)), Attributes.find))
      const all = Names.attributes.slice(0, 5)
      const { bare, default: own } = Server.namespaces
      assert.deepStrictEqual(yield* found(own, "auto"), { attached: all, missing: [] })
      assert.deepStrictEqual(yield* found(bare, "auto"), { attached: [], missing: all })
      assert.deepStrictEqual(yield* found(bare, true), { attached: all, missing: [] })
      assert.deepStrictEqual(yield* found(own, false), { attached: [], missing: [] })
      assert.deepStrictEqual(yield* found("nowhere", "auto"), { attached: [], missing: [] })
    }))
})
