/**
 * A provider that asks for patience, and workers that do not last: the server waits, with nobody else there. `PIPELEX_LONG_WAIT=full`
 * stretches the run over more than ten minutes.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import process from "node:process"
import { llm, sequence } from "../../library/Fixture.ts"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Place from "./Place.ts"

Server.use()

const isFull = process.env["PIPELEX_LONG_WAIT"] === "full"

/** Seconds. Longer than a process waits by itself, or with processes that do not wait. */
const patience = isFull ? 66 : 2
const settings: Place.Settings = isFull
  ? { attempts: 6 }
  : { attempts: 6, requestRetries: 0, firstRetry: "10ms", sticky: "1s", task: "3s" }
const limit = isFull ? 1_800_000 : 600_000

const topic = { topic: "Text" }
const asking = (code: string) => llm(code, topic, "Text", { prompt: `leaf-${code}-$topic`, model: "gpt-4o-mini" })
const method = [
  asking("first"),
  asking("second"),
  sequence("go", topic, "Text", [{ pipe: "first", result: "a" }, { pipe: "second", result: "b" }])
].join("\n")

const leaves = ["leaf-first-cats", "leaf-second-cats"]
const refusals = 5
const restarts = leaves.length * refusals

describe("a run that waits for a provider", () => {
  it.live(
    `survives ${restarts} workers, and needs none while it waits`,
    () =>
      Effect.gen(function*() {
        const place = yield* Place.make({ address: yield* Server.address, name: "wait", method, ...settings })
        yield* place.provider.answer((_, nth) =>
          nth % (refusals + 1) === 0
            ? { text: `answer ${nth}` }
            : { status: 429, headers: { "retry-after": String(patience) } }
        )
        const runId = `${place.queue}-run`
        const began = yield* Clock.currentTimeMillis
        const run = yield* Effect.forkChild(place.run(runId, "d.go", { topic: "cats" }))

        /** The leaf that is to be tried again, when the server has it in hand. */
        const waiting = (nth: number) =>
          Effect.tryPromise(() => place.client.workflow.getHandle(runId).describe()).pipe(
            Effect.flatMap(({ raw }) => Effect.fromNullishOr(raw.pendingChildren?.[0]?.workflowId)),
            Effect.flatMap((child) => Effect.tryPromise(() => place.client.workflow.getHandle(child).describe())),
            Effect.map(({ raw }) => raw.pendingActivities?.[0]),
            Effect.filterOrFail((pending) => pending?.attempt === nth + 1),
            Effect.retry(Schedule.spaced("50 millis"))
          )

        const ends: Array<number | null> = []
        for (let wait = 0; wait < restarts; wait++) {
          const worker = yield* place.worker()
          yield* waiting((wait % refusals) + 1)
          const asked = yield* place.asked
          yield* worker.kill(wait % 2 === 0 ? "SIGKILL" : "SIGTERM")
          ends.push((yield* worker.ended).code)
          yield* Effect.sleep(`${patience} seconds`)
          // Nobody was there to ask.
          assert.deepStrictEqual(yield* place.asked, asked)
        }
        yield* place.worker()
        assert.deepStrictEqual(yield* Fiber.join(run), { text: `answer ${restarts + leaves.length}` })

        // Killed workers have no code, those that were told to stop end well.
        assert.deepStrictEqual(ends, Array.from({ length: restarts }, (_, wait) => (wait % 2 === 0 ? null : 0)))
        const requests = yield* place.provider.requests
        const wanted = leaves.flatMap((leaf) => Array.from({ length: refusals + 1 }, () => leaf))
        assert.deepStrictEqual(yield* place.asked, wanted)
        const gaps = requests.slice(1).map(({ time }, at) => time - (requests[at]?.time ?? 0))
        const between = gaps.filter((_, at) => (at + 1) % (refusals + 1) !== 0)
        assert.isAtLeast(Math.min(...between), patience * 1000)
        if (isFull) {
          const seconds = Math.round(((yield* Clock.currentTimeMillis) - began) / 1000)
          process.stdout.write(`${seconds} s, ${ends.length} workers ended, ${requests.length} requests\n`)
        }
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )
})
