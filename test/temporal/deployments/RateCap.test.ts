/** `max_task_queue_activities_per_second`: how fast a queue gives its work away, to all of its workers together. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Capped from "./Capped.ts"
import * as Pace from "./Pace.ts"

Server.use()

const limit = 240_000

describe("a queue's cap", () => {
  it.live("holds for all of its workers together, however much waits", () =>
    Effect.gen(function*() {
      const address = yield* Server.address
      const [cap, items] = [20, 160]
      const drained = yield* Capped.drained({ address, cap, workers: 2, runs: 1, items })
      assert.deepStrictEqual(drained.codes, [0], drained.says)
      assert.lengthOf(drained.byProvider, items)
      assert.lengthOf(drained.byServer, items)
      // A bucket that is full in the beginning gives what it holds besides; a busy server notes a start a moment after it allowed it.
      const besides = 2 * cap
      for (const seconds of [1, 2, 3, 4]) {
        assert.isAtMost(Pace.busiest(drained.byServer, seconds), cap * seconds + besides, `in ${seconds} s`)
      }
      const identities = new Set(drained.placed.flatMap(({ done }) => done?.identity ?? []))
      assert.deepStrictEqual(Array.from(identities).toSorted(), drained.pool.toSorted())
    }).pipe(Effect.provide(Folder.layer)), limit)
})

describe("a pace", () => {
  it("is told of what comes after the first two seconds", () => {
    const burst = Array.from({ length: 36 }, (_, at) => at)
    const even = Array.from({ length: 200 }, (_, at) => 1000 + at * 50)
    const { average, count, first, most, seconds } = Pace.of([...burst, ...even])
    assert.deepStrictEqual([count, first, most], [236, 36, 20])
    assert.closeTo(average, 20, 0.2)
    assert.closeTo(seconds, 10.95, 0.01)
  })

  it("shows a second in which too many were started", () => {
    const even = Array.from({ length: 200 }, (_, at) => at * 50)
    assert.strictEqual(Pace.of([...even, ...Array.from({ length: 9 }, () => 5020)]).most, 29)
  })
})
