/** `pipelex worker`, the process: what it says, how it ends, and what becomes of its work when it is killed. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { promptText } from "../../fake/Request.ts"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Process from "./Process.ts"
import * as Working from "./Working.ts"

Server.use()

const limit = 180_000

/** What a busy machine may add, in milliseconds. */
const slack = 15_000

const started = (more?: string, args?: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const project = yield* Working.project("worker", [], more)
    const { code, stderr, stdout } = yield* (yield* Process.start(yield* Working.home(project), args)).ended
    return { project, code, stderr, stdout }
  })

/** Requests of an attempt that is always told to come later. */
const tier1 = 3

const server = (more: string) => `[temporal.temporal_config.temporal_server_configs.local]\n${more}`

const refusals: ReadonlyArray<{ readonly title: string; readonly args: ReadonlyArray<string>; readonly says: string }> =
  [
    {
      title: "a scope that is none, with what was meant",
      args: ["--scope", "runner-lm"],
      says: "did you mean \"runner-llm\""
    },
    {
      title: "to count runs where none is carried out",
      args: ["--scope", "runner-llm", "--max-runs", "1"],
      says: "carries out none"
    },
    { title: "to count no run", args: ["--max-runs", "0"], says: "at least one run" },
    { title: "a port that is none", args: ["--health-port", "70000"], says: "--health-port 70000 is no port" },
    {
      title: "to make current what is no version",
      args: ["--set-current"],
      says: "needs deployment_name"
    },
    { title: "a profile that is none, with those there are", args: ["--profile", "big"], says: "there is default" },
    {
      title: "a queue that nobody declared",
      args: ["--task-queue", "elsewhere"],
      says: "no task queue is called \"elsewhere\""
    }
  ]

describe("pipelex worker", () => {
  for (const { args, says, title } of refusals) {
    it.live(`refuses ${title}`, () =>
      Effect.gen(function*() {
        const { code, stderr, stdout } = yield* started("", args)
        assert.include(stderr.toLowerCase(), says)
        assert.deepStrictEqual([code, stdout], [2, ""])
      }).pipe(Effect.provide(Folder.layer)), limit)
  }

  it.live("refuses to start without a server, naming it", () =>
    Effect.gen(function*() {
      const folder = yield* Folder.make({ ".pipelex/pipelex.toml": server("target_host = \"127.0.0.1:1\"") })
      const { code, stderr } = yield* (yield* Process.start(folder)).ended
      assert.include(stderr, "127.0.0.1:1 (namespace \"default\") cannot be reached")
      assert.strictEqual(code, 2)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("refuses a namespace that is not there", () =>
    Effect.gen(function*() {
      const address = yield* Server.address
      const lost = server(`target_host = "${address}"\nnamespace = "nowhere"`)
      const folder = yield* Folder.make({ ".pipelex/pipelex.toml": lost })
      const { code, stderr } = yield* (yield* Process.start(folder, ["--check"])).ended
      assert.include(stderr, "has no namespace \"nowhere\"")
      assert.strictEqual(code, 2)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("checks the configuration and the server, and ends without asking for work", () =>
    Effect.gen(function*() {
      const { code, project, stderr, stdout } = yield* started("", ["--check", "--json"])
      assert.strictEqual(code, 0, stderr)
      const { address, queue } = project
      assert.deepStrictEqual(JSON.parse(stdout), {
        server: "local",
        address,
        namespace: "default",
        queue,
        scope: "full",
        profile: "default"
      })
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live(
    "hints at search attributes that the namespace lacks, and refuses to start where they are demanded",
    () =>
      Effect.gen(function*() {
        const address = yield* Server.address
        const bare = server(`target_host = "${address}"\nnamespace = "${Server.namespaces.bare}"\n`)
        const checked = (toml: string) =>
          Effect.flatMap(
            Folder.make({ ".pipelex/pipelex.toml": toml }),
            (folder) => Effect.flatMap(Process.start(folder, ["--check"]), ({ ended }) => ended)
          )
        const hinted = yield* checked(bare)
        assert.strictEqual(hinted.code, 0)
        assert.include(hinted.stderr, "search attributes are missing")
        assert.include(hinted.stderr, "pipelex setup-temporal-namespace")
        const refused = yield* checked(`${bare}[temporal.search_attributes]\nenabled = true\n`)
        assert.strictEqual(refused.code, 2)
        assert.include(refused.stderr, "SearchAttributeRegistrationError")
        for (
          const fix of ["`pipelex setup-temporal-namespace`", "temporal operator search-attribute create --address"]
        ) {
          assert.include(refused.stderr, fix)
        }
        const silent = yield* checked(`${bare}[temporal.search_attributes]\nenabled = false\n`)
        assert.deepStrictEqual([silent.code, silent.stderr], [0, ""])
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live(
    "says when it is ready, runs what it is asked to, and ends well when it is told to stop",
    () =>
      Effect.gen(function*() {
        const project = yield* Working.project("process", [{ reply: { text: "Cats." } }])
        const worker = yield* Process.start(yield* Working.home(project), [])
        const ready = yield* worker.said("worker ready: ")
        assert.match(
          ready,
          new RegExp(`worker ready: \\S+ queue=${project.queue} scope=full profile=default workflows=\\d activities=9`)
        )
        const { result } = yield* project.run(`process-${project.queue}`, "text")
        assert.deepStrictEqual(result._tag === "Success" ? result.success : result.failure, { text: "Cats." })
        yield* worker.kill("SIGTERM")
        const { code, stdout } = yield* worker.ended
        assert.deepStrictEqual([code, stdout], [0, ""])
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live(
    "says to a program that it is ready in one line of JSON, with what its scope lets it run",
    () =>
      Effect.gen(function*() {
        const project = yield* Working.project("json")
        const worker = yield* Process.start(yield* Working.home(project), [
          "--json",
          "--scope",
          "runner-llm",
          "--no-sandbox",
          "--unit-testing"
        ])
        const said = yield* worker.said("\n")
        const { identity, ...facts } = JSON.parse(said)
        assert.isString(identity)
        assert.deepStrictEqual(facts, {
          queue: project.queue,
          scope: "runner-llm",
          profile: "default",
          workflows: 0,
          activities: 3
        })
        yield* worker.kill("SIGINT")
        assert.strictEqual((yield* worker.ended).code, 0)
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live(
    "that is killed in the middle of a leaf loses that leaf alone, to another worker, within seconds",
    () =>
      Effect.gen(function*() {
        const project = yield* Working.project("killed", [
          { reply: { until: new Promise(() => undefined) }, times: 1 },
          { reply: { text: "Cats." } }
        ])
        const folder = yield* Working.home(project)
        const first = yield* Process.start(folder)
        yield* first.said("worker ready: ")
        const run = yield* Effect.forkChild(project.run(`killed-${project.queue}`, "text"))
        yield* Effect.repeat(project.provider.requests, {
          schedule: Schedule.spaced("50 millis"),
          until: ({ length }) => length > 0
        })
        yield* first.kill("SIGKILL")
        yield* first.ended
        const died = performance.now()
        const second = yield* Process.start(folder)
        yield* second.said("worker ready: ")
        const ready = performance.now()
        const { result } = yield* Fiber.join(run)
        assert.deepStrictEqual(result._tag === "Success" ? result.success : result.failure, { text: "Cats." })
        const requests = yield* project.provider.requests
        assert.lengthOf(requests, 2)
        // Silent for the heartbeat timeout, it is lost, and the server gives it to whoever is there: ten minutes are what it may take.
        const { heartbeatTimeout = 0 } = project.access.options.routing.baseline
        const due = Math.max(died + heartbeatTimeout, ready)
        assert.isBelow((requests[1]?.time ?? Infinity) - due, slack)
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live(
    "that is lost with a leaf costs it an attempt: what those before have consumed is counted, and when none is left the run fails",
    () =>
      Effect.gen(function*() {
        const limited = { status: 429, body: { error: { message: "slow down", code: "rate_limit_exceeded" } } }
        const project = yield* Working.project("lost")
        const times = { cats: 0, dogs: 0 }
        yield* project.provider.answer((request) => {
          const topic = promptText(request).includes("dogs") ? "dogs" : "cats"
          times[topic]++
          if (topic === "dogs" && times.dogs <= tier1) return limited
          return topic === "dogs" && times.dogs > tier1 + 1
            ? { text: "Dogs." }
            : { until: new Promise(() => undefined) }
        })
        const folder = yield* Working.home(project)
        const asked = (topic: keyof typeof times, count: number) =>
          Effect.repeat(Effect.sync(() => times[topic]), {
            schedule: Schedule.spaced("50 millis"),
            until: (found) => found >= count
          })
        const worker = yield* Process.start(folder)
        const cats = yield* Effect.forkChild(project.run(`lost-cats-${project.queue}`, "text"))
        const dogs = yield* Effect.forkChild(project.run(`lost-dogs-${project.queue}`, "text", { topic: "dogs" }))
        yield* asked("cats", 1)
        yield* asked("dogs", tier1 + 1)
        yield* worker.kill("SIGKILL")
        const second = yield* Process.start(folder)
        yield* asked("cats", 2)
        const saved = yield* Fiber.join(dogs)
        yield* second.kill("SIGKILL")
        const third = yield* Process.start(folder)
        yield* asked("cats", 3)
        yield* third.kill("SIGKILL")
        yield* Process.start(folder)
        const { result } = yield* Fiber.join(cats)
        assert.deepStrictEqual(saved.result._tag === "Success" ? saved.result.success : {}, { text: "Dogs." })
        // What the lost attempt asked for, nobody can say.
        const usages = saved.events.flatMap((event) => event._tag === "LeafFinished" ? [event.usage.requests] : [])
        assert.deepStrictEqual(usages, [tier1 + 1])
        assert.strictEqual(result._tag === "Failure" ? result.failure.code : "", "provider.timeout")
        assert.strictEqual(times.cats, 3)
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live("refuses a port that is in use, before it asks for work", () =>
    Effect.gen(function*() {
      const taken = yield* Effect.acquireRelease(
        Effect.promise(() => {
          const door = createServer()
          return new Promise<typeof door>((resolve) => {
            door.listen(0, "127.0.0.1", () => resolve(door))
          })
        }),
        (door) => Effect.sync(() => door.close())
      )
      const { port } = taken.address() as AddressInfo
      const { code, stderr } = yield* started("", ["--health-port", String(port)])
      assert.include(stderr, `127.0.0.1:${port} cannot be listened at: it is in use`)
      assert.strictEqual(code, 2)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live(
    "stops by itself when so many runs have ended, failed ones included, and lets none begin after that",
    () =>
      Effect.gen(function*() {
        const refusal = { status: 401, body: { error: { message: "no", type: "invalid_api_key" } } }
        const project = yield* Working.project("recycled", [
          { reply: refusal, times: 1 },
          { reply: { text: "Cats." } }
        ])
        const worker = yield* Process.start(yield* Working.home(project), ["--max-runs", "2"])
        yield* worker.said("worker ready: ")
        const { result } = yield* project.run(`recycled-1-${project.queue}`, "text")
        assert.strictEqual(result._tag === "Failure" ? result.failure.code : "", "provider.credential_refused")
        yield* project.run(`recycled-2-${project.queue}`, "text")
        const { code, stderr } = yield* worker.ended
        assert.include(stderr, "Stopping, as 2 runs have ended here")
        assert.strictEqual(code, 0)
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live(
    "told twice to stop, gives back at once what is under way, which begins again elsewhere",
    () =>
      Effect.gen(function*() {
        const project = yield* Working.project("twice", [
          { reply: { until: new Promise(() => undefined) }, times: 1 },
          { reply: { text: "Cats." } }
        ])
        const folder = yield* Working.home(project)
        const worker = yield* Process.start(folder)
        yield* worker.said("worker ready: ")
        const run = yield* Effect.forkChild(project.run(`twice-${project.queue}`, "text"))
        yield* Effect.repeat(project.provider.requests, {
          schedule: Schedule.spaced("50 millis"),
          until: ({ length }) => length > 0
        })
        yield* worker.kill("SIGTERM")
        yield* worker.said("what is under way may finish")
        yield* worker.kill("SIGTERM")
        const { code, stderr } = yield* worker.ended
        assert.include(stderr, "Stopping at once")
        assert.strictEqual(code, 130, stderr)
        const second = yield* Process.start(folder)
        yield* second.said("worker ready: ")
        const { result } = yield* Fiber.join(run)
        assert.deepStrictEqual(result._tag === "Success" ? result.success : result.failure, { text: "Cats." })
        assert.deepStrictEqual((yield* project.provider.requests).map(({ aborted }) => aborted), [true, false])
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )
})
