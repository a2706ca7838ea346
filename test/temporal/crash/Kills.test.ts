/**
 * A worker that is killed, wherever it is in a run, costs that run nothing but what was in flight. `PIPELEX_KILLS=all` kills one at every
 * event of the history, and while every leaf is in flight; else it is at some of both, evenly spread.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import process from "node:process"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Histories from "./Histories.ts"
import * as Kill from "./Kill.ts"
import * as Method from "./Method.ts"
import * as Place from "./Place.ts"

Server.use()

const isThorough = process.env["PIPELEX_KILLS"] === "all"
const usual = { events: 24, requests: 6 }
const lanes = 4
const limit = isThorough ? 7_200_000 : 900_000

/** Waits short enough to be had at every point, and beats that a worker keeps while a busy machine starts others. */
const settings: Place.Settings = { heartbeat: isThorough ? "10s" : "6s", sticky: "1s", task: "3s", firstRetry: "100ms" }

const beats = "max_heartbeat_throttle_interval = \"0.5s\"\ndefault_heartbeat_throttle_interval = \"0.5s\""

/** So many of the numbers up to the last, evenly spread; or all. */
const spread = (last: number, wanted: number): ReadonlyArray<number> => {
  const points = isThorough ? last : Math.min(wanted, last)
  return Array.from({ length: points }, (_, index) => 1 + Math.round((index * (last - 1)) / Math.max(points - 1, 1)))
}

/** A long test says how far it is. */
const told = (text: string): void => {
  if (isThorough) process.stdout.write(`${text}\n`)
}

const isOver = ({ before, runId }: Kill.Killed): boolean =>
  before.some(({ type, workflowId }) => workflowId === runId && type === "workflowExecutionCompleted")

const placed = Effect.flatMap(
  Server.address,
  (address) => Place.make({ address, name: "kills", ...settings, more: beats })
)

describe("a worker killed at any event of a run", () => {
  it.live(
    "loses nothing that was completed: the next one ends the run as if nothing had been, and repeats only what was in flight",
    () =>
      Effect.gen(function*() {
        const places = yield* Effect.replicateEffect(placed, lanes, { concurrency: lanes })
        const first = places[0] ?? assert.fail("no place")
        const firstWorker = yield* first.worker()
        const undisturbed = `${first.queue}-undisturbed`
        yield* first.run(undisturbed)
        const reference = yield* Histories.soFar(first.client, undisturbed)
        const asked = yield* first.asked
        assert.lengthOf(new Set(asked), asked.length)
        const made = first.made(reference, undisturbed)
        const deeds = Histories.deeds(reference, undisturbed)

        const moments: ReadonlyArray<Kill.Moment> = [
          ...spread(reference.length - 1, usual.events).map((events) => ({ events })),
          ...spread(asked.length, usual.requests).map((requests) => ({ requests }))
        ]
        const left = moments.entries()
        const lane = Effect.fnUntraced(function*(place: Place.Place) {
          const found: Array<Kill.Repeats & { readonly isOver: boolean }> = []
          let worker = place === first ? firstWorker : yield* place.worker()
          for (const [nth, moment] of left) {
            const killed = yield* Kill.at(place, worker, `${place.queue}-${nth}`, moment)
            const { events, runId } = killed
            worker = killed.worker
            const repeats = Kill.repeats(killed, Method.leafIn)
            const where = `killed ${Kill.show(moment)}`
            assert.deepStrictEqual(place.made(events, runId), made, where)
            assert.deepStrictEqual(Histories.deeds(events, runId), deeds, where)
            assert.deepStrictEqual(Array.from(new Set(killed.asked)).toSorted(), asked.toSorted(), where)
            assert.deepStrictEqual([repeats.completed, repeats.excessive], [[], []], where)
            found.push({ ...repeats, isOver: isOver(killed) })
            if (nth % 10 === 0) told(`${nth} of ${moments.length}`)
          }
          return found
        })
        const found = (yield* Effect.forEach(places, lane, { concurrency: lanes })).flat()

        // What is proven is worth something only where workers died in the middle, some of them with a leaf in hand.
        assert.isAtLeast(found.filter((each) => !each.isOver).length, found.length * 0.9)
        const again = found.flatMap(({ inFlight }) => inFlight).length
        assert.isAtLeast(again, usual.requests - 1)
        told(`${found.length} workers killed, ${again} leaves repeated, none of them completed`)
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )
})
