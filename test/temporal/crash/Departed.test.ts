/** Workers that were killed, and those that come after them on the same machine. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { hostname } from "node:os"
import process from "node:process"
import * as Departed from "../../../src/temporal/worker/Departed.ts"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Histories from "./Histories.ts"
import * as Place from "./Place.ts"

Server.use()

/** As the SDK names the queue of one worker. */
const queueOf = (pid: number, host: string): string => `${pid}@${host}-${"0123456789abcdef".repeat(2)}`

describe("a worker's own queue", () => {
  it.live("is a dead one's when nothing of that number runs on this machine", () =>
    Effect.gen(function*() {
      const child = spawn(process.execPath, ["--version"], { stdio: "ignore" })
      yield* Effect.promise(() => once(child, "exit"))
      const dead = child.pid ?? assert.fail("no process")
      assert.isTrue(Departed.isDeparted(queueOf(dead, hostname())))
      assert.isFalse(Departed.isDeparted(queueOf(process.ppid, hostname())))
    }))

  it("is a dead one's when it has the number of this process, which is only now beginning", () => {
    assert.isTrue(Departed.isDeparted(queueOf(process.pid, hostname())))
  })

  it("is nobody's business on another machine, nor when it is named otherwise", () => {
    assert.isFalse(Departed.isDeparted(queueOf(process.pid, `${hostname()}-2`)))
    assert.isFalse(Departed.isDeparted(`${process.pid}@${hostname()}`))
    assert.isFalse(Departed.isDeparted("temporal_task_queue"))
  })
})

describe("a worker that starts after one that was killed", () => {
  it.live(
    "has the server forget the dead one, which else it would go on offering workflows to",
    () =>
      Effect.gen(function*() {
        const place = yield* Place.make({ address: yield* Server.address, name: "departed" })
        const held = Promise.withResolvers<void>()
        // Not the first leaf: a workflow is its worker's own only when it has been given to it once.
        yield* place.provider.answer((_, nth) => nth === 3 ? { until: held.promise } : {})
        const first = yield* place.worker("--scope", "router")
        yield* place.worker("--scope", "runner")
        const runId = `${place.queue}-run`
        const run = yield* Effect.forkChild(place.run(runId))
        yield* Effect.repeat(place.asked, {
          until: ({ length }) => length >= 3,
          schedule: Schedule.spaced("20 millis")
        })

        const events = yield* Histories.soFar(place.client, runId)
        const queues = events.flatMap(({ raw }) => raw.workflowTaskScheduledEventAttributes?.taskQueue ?? [])
        const own = queues.find(({ normalName }) => (normalName ?? "") !== "") ?? assert.fail("no queue of one worker")
        const pollers = Effect.promise(() =>
          place.client.workflowService.describeTaskQueue({ namespace: "default", taskQueue: own })
        ).pipe(Effect.map((described) => described.pollers ?? []))
        yield* first.kill("SIGKILL")
        yield* first.ended
        assert.isNotEmpty(yield* pollers)

        yield* place.worker("--scope", "router")
        yield* Effect.repeat(pollers, { until: ({ length }) => length === 0, schedule: Schedule.spaced("50 millis") })
        held.resolve()
        yield* Fiber.join(run)
      }).pipe(Effect.provide(Folder.layer)),
    120_000
  )
})
