import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { TemporalAccess } from "../../../src/config/TemporalAccess.ts"
import { defaults } from "../../../src/config/TemporalOptions.ts"
import * as Attributes from "../../../src/temporal/client/Attributes.ts"
import * as Connection from "../../../src/temporal/client/Connection.ts"
import * as Namespace from "../../../src/temporal/client/Namespace.ts"
import * as Refusing from "../Refusing.ts"
import * as Server from "../Server.ts"

Server.use()

const limit = 120_000
const { attributes: wanted } = defaults.searchAttributes

const access = (address: string, namespace: string): TemporalAccess => ({
  options: defaults,
  server: { name: "local", address, namespace, tls: false },
  encryptionKeys: {}
})

/** A namespace that nobody else uses, with these attributes (types are the server's numbers). */
const namespace = Effect.fnUntraced(function*(has: Readonly<Record<string, number>> = {}) {
  const { connection } = yield* Server.client()
  const name = `setup-${globalThis.crypto.randomUUID()}`
  yield* Effect.promise(() =>
    connection.workflowService.registerNamespace({
      namespace: name,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as unknown as Long }
    })
  )
  // A server takes a while to know of a namespace everywhere.
  const known = Effect.tryPromise(() => connection.operatorService.listSearchAttributes({ namespace: name }))
  yield* Effect.retry(known, { schedule: Schedule.spaced("100 millis"), times: 300 })
  if (Object.keys(has).length > 0) {
    yield* Effect.promise(() =>
      connection.operatorService.addSearchAttributes({ namespace: name, searchAttributes: has })
    )
  }
  return name
})

const opened = Effect.fnUntraced(function*(name: string, address?: string) {
  return yield* Connection.open(access(address ?? (yield* Server.address), name))
})

describe("setting up a namespace", () => {
  it.live("adds what is missing and nothing else, and has nothing to do the second time", () =>
    Effect.gen(function*() {
      const name = yield* namespace({ UserId: 2, Other: 2 })
      const connection = yield* opened(name)
      const first = yield* Namespace.setUp(connection, wanted)
      const others = wanted.filter((each) => each !== "UserId")
      assert.deepStrictEqual(first, { _tag: "Registered", added: others, present: ["UserId"] })
      const second = yield* Namespace.setUp(connection, wanted)
      assert.deepStrictEqual(second, { _tag: "Registered", added: [], present: wanted })
      assert.deepStrictEqual(yield* Attributes.find(connection), { attached: [...wanted], missing: [] })
    }), limit)

  it.live("is refused by a name that has another type, which no run carries", () =>
    Effect.gen(function*() {
      const name = yield* namespace({ UserId: 3 })
      const connection = yield* opened(name)
      const failure = yield* Effect.flip(Namespace.setUp(connection, wanted))
      assert.strictEqual(failure.code, "pipelex.config.invalid")
      assert.include(failure.message, "UserId")
      const { attached, missing } = yield* Attributes.find(connection)
      assert.deepStrictEqual([attached, missing.includes("UserId")], [[], true])
    }), limit)

  it.live(
    "tells whoever may not what is to be added by whoever may: all of it when it cannot even look",
    () =>
      Effect.gen(function*() {
        const name = yield* namespace({ UserId: 2 })
        const address = yield* Server.address
        const refusing = (...methods: ReadonlyArray<string>) =>
          Effect.gen(function*() {
            const refused = Object.fromEntries(methods.map((method) => [method, Refusing.permissionDenied]))
            const connection = yield* opened(name, yield* Refusing.start(address, refused))
            return yield* Namespace.setUp(connection, wanted)
          }).pipe(Effect.scoped)
        const others = wanted.filter((each) => each !== "UserId")
        assert.deepStrictEqual(yield* refusing("AddSearchAttributes"), { _tag: "Denied", missing: others })
        assert.deepStrictEqual(yield* refusing("ListSearchAttributes"), { _tag: "Denied", missing: wanted })
      }),
    limit
  )

  it.live(
    "fails where there is no such namespace, and passes on what the server says of names it does not take",
    () =>
      Effect.gen(function*() {
        const lost = yield* Effect.flip(Namespace.setUp(yield* opened("nowhere"), wanted))
        assert.include(lost.message, "no namespace \"nowhere\"")
        const name = yield* namespace()
        const many = Array.from({ length: 60 }, (_, at) => `Name${at}`)
        const failure = yield* Effect.flip(Namespace.setUp(yield* opened(name), many))
        assert.match(failure.message, /refuses: .*search attribute/i)
      }),
    limit
  )

  it("is told in commands of Temporal's own tools", () => {
    const server = { name: "cloud", address: "lab.tmprl.cloud:7233", namespace: "lab", tls: {} }
    const { tcld, temporal } = Namespace.commands(server, ["PipeCode", "UserId"])
    assert.strictEqual(
      temporal.join(" "),
      "temporal operator search-attribute create --address lab.tmprl.cloud:7233 --tls --namespace lab" +
        " --name PipeCode --type Keyword --name UserId --type Keyword"
    )
    assert.strictEqual(
      tcld.join(" "),
      "tcld namespace search-attributes add --namespace lab --search-attribute PipeCode=Keyword" +
        " --search-attribute UserId=Keyword"
    )
  })

  it("is hinted at in a line that fits a terminal", () => {
    assert.isAtMost(Namespace.hint(wanted).length, 80)
    assert.isAtMost(Namespace.hint(["MethodRef"]).length, 80)
  })
})
