/** The examples of deployments, with real processes: who does what, what stops when a pool is not there, and what becomes of its work. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import process from "node:process"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Compose from "./Compose.ts"
import * as Deployment from "./Deployment.ts"
import type { Placed } from "./Placed.ts"

Server.use()

const limit = 240_000

const never = new Promise(() => undefined)

/** Which models were asked, and how often. */
const asked = ({ provider }: Deployment.Deployment) =>
  Effect.map(provider.requests, (requests) => {
    const counts: Record<string, number> = {}
    for (const { request: { model } } of requests) counts[model ?? ""] = (counts[model ?? ""] ?? 0) + 1
    return counts
  })

const haiku = "claude-haiku-4-5-20251001"
const everyModelOnce = { "gpt-4o-mini": 1, [haiku]: 1, "gpt-image-1-mini": 1, "mistral-ocr-latest": 1 }

const freePort = Effect.promise(() =>
  new Promise<string>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(String(typeof address === "object" ? address?.port : "")))
    })
  })
)

/** Asks as the composition does, until it is told yes. */
const ready = (port: string) => {
  const script = Compose.read(Deployment.folderOf("single")).readiness.replace(Compose.port, port)
  const looked = Effect.promise(() => once(spawn(process.execPath, ["-e", script], { stdio: "ignore" }), "close"))
  return Deployment.until(looked, ([code]) => code === 0)
}

/** One line each, in an order that says nothing. */
const listed = (rows: ReadonlyArray<ReadonlyArray<string | number | undefined>>) =>
  rows.map((row) => row.join(" ")).toSorted()

const doneBy = (placed: ReadonlyArray<Placed>) =>
  listed(placed.map(({ activity, done: by, queue }) => [activity, queue, by?.identity, by?.attempt]))

/** A leaf whose worker was killed: its workflow began it anew. */
const lostOn = (queue: string) => ["act_llm_gen_text", queue, undefined, undefined]

const done = (placed: ReadonlyArray<Placed>) => placed.filter((each) => each.done !== undefined)

/** Waits until so many leaves of a run are done, and the model that is held back was asked. */
const othersDone = (deployment: Deployment.Deployment, runId: string, count: number) =>
  Effect.tap(
    Deployment.until(deployment.placed(runId), (placed) => done(placed).length === count),
    () => Deployment.until(asked(deployment), (counts) => counts["gpt-4o-mini"] === 1)
  )

describe("a single worker", () => {
  it.live(
    "does everything on one queue, and killed in the middle repeats only what it had not finished",
    () =>
      Effect.gen(function*() {
        const deployment = yield* Deployment.open("single", yield* Server.address)
        yield* deployment.provider.rules([{ match: { model: "gpt-4o-mini" }, times: 1, reply: { until: never } }])
        const first = yield* deployment.start("worker")
        const run = yield* deployment.run("single")
        yield* deployment.whileRunning([run], othersDone(deployment, "single", 3))
        yield* first.kill
        const port = yield* freePort
        const second = yield* deployment.start("worker", Compose.added.replaceAll(Compose.port, port).split(" "))
        yield* ready(port)
        const { code, stderr } = yield* run.ended
        assert.strictEqual(code, 0, stderr)
        const queue = "temporal_task_queue"
        assert.deepStrictEqual(
          doneBy(yield* deployment.placed("single")),
          listed([
            ["act_extract_gen_extract_pages", queue, first.identity, 1],
            ["act_img_gen_images", queue, first.identity, 1],
            ["act_llm_gen_text", queue, first.identity, 1],
            ["act_llm_gen_text", queue, second.identity, 1],
            lostOn(queue)
          ])
        )
        assert.deepStrictEqual(yield* asked(deployment), { ...everyModelOnce, "gpt-4o-mini": 2 })
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )
})

describe("a router with runners", () => {
  it.live(
    "gives each pool its own leaves, goes on without one, and survives the death of another",
    () =>
      Effect.gen(function*() {
        const deployment = yield* Deployment.open("router-runners", yield* Server.address)
        yield* deployment.provider.rules([{ match: { model: "gpt-4o-mini" }, times: 1, reply: { until: never } }])
        const pools = yield* deployment.startAll(["router", "llm", "extract", "search"])
        const run = yield* deployment.run("routed")
        const waiting = yield* deployment.whileRunning([run], othersDone(deployment, "routed", 2))
        assert.deepStrictEqual(
          doneBy(done(waiting)),
          listed([
            ["act_extract_gen_extract_pages", "extract_q", pools["extract"]?.identity, 1],
            ["act_llm_gen_text", "llm_q", pools["llm"]?.identity, 1]
          ])
        )
        assert.strictEqual(yield* deployment.status("routed"), "RUNNING")
        yield* pools["llm"]?.kill ?? Effect.die(new Error("there is no pool"))
        const later = yield* deployment.startAll(["llm", "img-gen"])
        const { code, stderr } = yield* run.ended
        assert.strictEqual(code, 0, stderr)
        assert.deepStrictEqual(
          doneBy(yield* deployment.placed("routed")),
          listed([
            ["act_extract_gen_extract_pages", "extract_q", pools["extract"]?.identity, 1],
            ["act_img_gen_images", "img_gen_q", later["img-gen"]?.identity, 1],
            ["act_llm_gen_text", "llm_q", pools["llm"]?.identity, 1],
            ["act_llm_gen_text", "llm_q", later["llm"]?.identity, 1],
            lostOn("llm_q")
          ])
        )
        assert.deepStrictEqual(yield* asked(deployment), { ...everyModelOnce, "gpt-4o-mini": 2 })
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )
})

/** So few at once that a second worker of the pool has something left to take. */
const narrow = "[temporal.worker_runtime_profiles.profiles.openai]\nmax_concurrent_activities = 4\n"

const topics = JSON.stringify({ topics: Array.from({ length: 12 }, (_, index) => `topic ${index}`) })

describe("a pool per provider", () => {
  it.live(
    "has its own queue, retries and limits, waits alone when it is dead, and grows in the middle of a run",
    () =>
      Effect.gen(function*() {
        const deployment = yield* Deployment.open("per-provider", yield* Server.address, narrow)
        const pools = yield* deployment.startAll(["home", "openai", "image", "ocr"])
        const run = yield* deployment.run("providers")
        yield* deployment.whileRunning([run], othersDone(deployment, "providers", 3))
        assert.strictEqual(yield* deployment.status("providers"), "RUNNING")

        let open = (): void => undefined
        const held = new Promise<void>((resolve) => {
          open = resolve
        })
        yield* deployment.provider.answer(({ model }) => model === "gpt-4o-mini" ? { until: held } : {})
        const batch = yield* deployment.run("batch", ["--pipe", "write_titles", "--inputs", topics])
        const inFlight = (wanted: number) =>
          deployment.whileRunning(
            [batch],
            Deployment.until(deployment.provider.maxInFlight, (count) => count >= wanted)
          )
        yield* inFlight(4)
        const more = yield* deployment.startAll(["openai", "anthropic"])
        yield* inFlight(8)
        open()
        const ended = yield* Effect.all([run.ended, batch.ended], { concurrency: 2 })
        assert.deepStrictEqual(ended.map(({ code }) => code), [0, 0], ended.map(({ stderr }) => stderr).join("\n"))

        const placed = yield* deployment.placed("providers")
        const facts = placed.map((
          { activity, done: by, maximumAttempts, queue, startToCloseSeconds }
        ) => [activity, queue, by?.identity, maximumAttempts, startToCloseSeconds])
        assert.deepStrictEqual(
          listed(facts),
          listed([
            ["act_extract_gen_extract_pages", "ocr_q", pools["ocr"]?.identity, 3, 1200],
            ["act_img_gen_images", "image_q", pools["image"]?.identity, 2, 300],
            ["act_llm_gen_text", "anthropic_q", more["anthropic"]?.identity, 6, 900],
            ["act_llm_gen_text", "openai_q", pools["openai"]?.identity, 5, 600]
          ])
        )
        const titles = yield* deployment.placed("batch")
        assert.lengthOf(titles, 12)
        for (const worker of [pools["openai"], more["openai"]]) {
          const own = titles.filter(({ done: by, queue }) => queue === "openai_q" && by?.identity === worker?.identity)
          assert.isAtLeast(own.length, 4)
        }
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )
})
