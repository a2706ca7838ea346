import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { kinds } from "../../../src/pipe/Pipe.ts"
import * as Bundle from "../../../src/temporal/worker/Bundle.ts"
import { methods } from "./Methods.ts"
import * as Replay from "./Replay.ts"

const names = Object.keys(methods)
const recorded = (name: string): ReadonlyArray<Replay.Recorded> =>
  Replay.fromJson(readFileSync(new URL(`../histories/${name}.json`, import.meta.url), "utf8"))

/** Building the code of workflows takes a while when it has changed. */
const limit = 180_000

describe("the histories that are kept", () => {
  it("are of every pipe type", () => {
    assert.includeMembers(names, Object.keys(kinds))
  })

  it.live("replay on the code of today, whole and cut anywhere", () =>
    Effect.gen(function*() {
      const whole = names.flatMap(recorded)
      const cut = whole.flatMap(Replay.prefixes)
      assert.isAbove(cut.length, whole.length)
      assert.deepStrictEqual(yield* Replay.failures(yield* Bundle.path, [...whole, ...cut]), [])
    }), limit)

  it.live("hold no timer: nothing of Effect's own reaches a history", () =>
    Effect.sync(() => assert.strictEqual(Replay.count(names.flatMap(recorded), "timerStartedEventAttributes"), 0)))

  it.live("would not replay on code that starts something else", () =>
    Effect.gen(function*() {
      const altered = recorded("PipeBatch").slice(0, 1)
      for (const event of altered.flatMap(({ history }) => history.events ?? [])) {
        const started = event.startChildWorkflowExecutionInitiatedEventAttributes
        if (started != null) started.workflowId = `${started.workflowId}-other`
      }
      const found = yield* Replay.failures(yield* Bundle.path, altered)
      assert.lengthOf(found, 1)
      assert.include(found[0], "TMPRL1100")
    }), limit)
})
