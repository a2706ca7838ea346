/** The server that is killed and started again in the middle of a run, with what it had written. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Folder from "../../source/Folder.ts"
import * as Histories from "./Histories.ts"
import * as Kill from "./Kill.ts"
import * as Method from "./Method.ts"
import * as MortalServer from "./MortalServer.ts"
import * as Place from "./Place.ts"

const settings: Place.Settings = { heartbeat: "6s", sticky: "1s", task: "3s", firstRetry: "100ms" }

/** The requests at which it dies: alone, and with the worker, as when the power fails. */
const alone = 3
const withWorker = 7

describe("a server killed in the middle of a run", () => {
  it.live(
    "loses nothing of it, also when the worker dies with it, and what was completed is not asked again",
    () =>
      Effect.gen(function*() {
        const folder = yield* Folder.make({})
        const server = yield* MortalServer.start(`${folder}/runs.db`)
        const place = yield* Place.make({ address: server.address, name: "server", ...settings })
        const first = yield* place.worker()
        const undisturbed = `${place.queue}-undisturbed`
        yield* place.run(undisturbed)
        const reference = yield* Histories.soFar(place.client, undisturbed)
        const asked = yield* place.asked

        const runId = `${place.queue}-disturbed`
        const heard: Array<Histories.Event> = []
        const outage = yield* Deferred.make<void>()
        const failure = yield* Deferred.make<void>()
        const lost: Array<{ readonly before: ReadonlyArray<Histories.Event>; readonly askedBefore: number }> = []
        const die = (nth: number, noticed: Deferred.Deferred<void>) => {
          server.kill()
          lost.push({ before: [...heard], askedBefore: nth })
          Deferred.doneUnsafe(noticed, Exit.void)
        }
        yield* place.provider.answer((_, nth) => {
          if (lost.length === 0 && nth === alone) die(nth, outage)
          else if (lost.length === 1 && nth === withWorker) {
            first.child.kill("SIGKILL")
            die(nth, failure)
          }
          return { delay_ms: 100 }
        })
        const mending = Effect.gen(function*() {
          yield* Deferred.await(outage)
          yield* server.restart
          yield* Deferred.await(failure)
          yield* server.restart
          yield* place.worker()
        })
        const following = Histories.follow(place.client, runId, (event) => {
          heard.push(event)
        })
        yield* Effect.all([Effect.raceFirst(place.run(runId), following), mending], { concurrency: 2 })

        const events = yield* Histories.soFar(place.client, runId)
        const all = yield* place.asked
        assert.deepStrictEqual(place.made(events, runId), place.made(reference, undisturbed))
        assert.deepStrictEqual(Histories.deeds(events, runId), Histories.deeds(reference, undisturbed))
        assert.deepStrictEqual(Array.from(new Set(all)).toSorted(), asked.toSorted())
        assert.lengthOf(lost, 2)
        for (const { askedBefore, before } of lost) {
          const known = { asked: all, askedBefore: all.slice(0, askedBefore), before }
          assert.deepStrictEqual(Kill.repeats(known, Method.leafIn).completed, [])
        }
        // Each outage may cost what was in flight at that moment, which no more than two branches had.
        assert.isAtMost(all.length, asked.length + 2 * lost.length)
      }).pipe(Effect.provide(Folder.layer)),
    300_000
  )
})
