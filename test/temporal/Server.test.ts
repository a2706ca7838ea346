import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Names from "../../src/temporal/wire/Names.ts"
import * as Server from "./Server.ts"

Server.use()

describe("the server of the tests", () => {
  it.live("has the attributes in one namespace and none in the other", () =>
    Effect.scoped(Effect.gen(function*() {
      const { connection } = yield* Server.client()
      const keywords = (namespace: string) =>
        Effect.promise(() => connection.operatorService.listSearchAttributes({ namespace })).pipe(
          Effect.map(({ customAttributes }) => Object.keys(customAttributes ?? {}))
        )
      assert.includeMembers(yield* keywords(Server.namespaces.default), [...Names.attributes])
      assert.notIncludeMembers(yield* keywords(Server.namespaces.bare), [...Names.attributes])
    })))
})
