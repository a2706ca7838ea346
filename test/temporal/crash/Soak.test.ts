/** A batch that goes on while everything around it is killed, in small; `node bench/durable/Soak.ts` does it with thousands of items. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Folder from "../../source/Folder.ts"
import * as SoakChecks from "./SoakChecks.ts"
import * as Soaking from "./Soaking.ts"

const options: Soaking.Options = {
  items: 300,
  workers: 2,
  kills: 2,
  restarts: 1,
  faults: 0.05,
  concurrency: 60,
  shardSize: 50,
  heartbeat: "6s",
  sticky: "1s"
}

describe("a batch whose workers and server are killed, and whose provider errs", () => {
  it.live(
    "makes what it would have made, in order, asks nothing again that was completed, and keeps its histories small",
    () =>
      Effect.gen(function*() {
        const soaked = yield* Soaking.soaked(options)
        assert.lengthOf(soaked.shards, 6)
        assert.isAbove(soaked.asked.filter(({ isFault }) => isFault).length, 5)
        assert.deepStrictEqual(SoakChecks.checks(soaked).filter(({ isKept }) => !isKept), [])
      }).pipe(Effect.provide(Folder.layer)),
    300_000
  )
})

describe("what is asked again", () => {
  const asked = (at: number, isFault = false): Soaking.Asked => ({ item: 7, at, isFault })
  const again = (...requests: ReadonlyArray<Soaking.Asked>) => {
    const { completed, inFlight, unexplained } = SoakChecks.again({
      asked: requests,
      completed: new Map([[7, 40]]),
      killed: [{ what: "worker", at: 20, until: 22, begun: 1 }]
    })
    return { completed, unexplained: unexplained.length, inFlight: inFlight.length }
  }

  it("is a fault's business or that of a kill in between, else it is paid twice for nothing", () => {
    const none = { completed: [], unexplained: 0, inFlight: 0 }
    assert.deepStrictEqual(again(asked(10)), none)
    assert.deepStrictEqual(again(asked(5, true), asked(10)), none)
    assert.deepStrictEqual(again(asked(10), asked(30)), { ...none, inFlight: 1 })
    assert.deepStrictEqual(again(asked(21), asked(30)), { ...none, inFlight: 1 })
    assert.deepStrictEqual(again(asked(25), asked(30)), { ...none, unexplained: 1 })
    assert.deepStrictEqual(again(asked(10), asked(15)), { ...none, unexplained: 1 })
    assert.deepStrictEqual(again(asked(10), asked(30), asked(35)), { ...none, unexplained: 1, inFlight: 1 })
  })

  it("never is what was completed, whatever was killed", () => {
    assert.deepStrictEqual(again(asked(30), asked(50, true)).completed, [7])
  })
})
