/** `pipelex worker`, the process: what it says, how it ends, and what becomes of its work when it is killed. */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Schedule from "effect/Schedule"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Process from "./Process.ts"
import * as Working from "./Working.ts"

Server.use()

const limit = 180_000

/** A folder with the project's configuration where a command looks for it. */
const home = Effect.fnUntraced(function*(project: Working.Project) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = yield* Folder.make({ "README.md": "" })
  yield* fs.copy(project.folder, path.join(folder, ".pipelex"))
  return folder
})

const started = (more?: string, args?: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const project = yield* Working.project("worker", [], more)
    const { code, stderr, stdout } = yield* (yield* Process.start(yield* home(project), args)).ended
    return { project, code, stderr, stdout }
  })

const server = (more: string) => `[temporal.temporal_config.temporal_server_configs.local]\n${more}`

const refusals: ReadonlyArray<{ readonly title: string; readonly args: ReadonlyArray<string>; readonly says: string }> =
  [
    {
      title: "a scope that is none, with what was meant",
      args: ["--scope", "runner-lm"],
      says: "did you mean \"runner-llm\""
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
        assert.include(hinted.stderr, "lacks the search attributes \"PipeCode\"")
        assert.include(hinted.stderr, "temporal operator search-attribute create --namespace")
        const refused = yield* checked(`${bare}[temporal.search_attributes]\nenabled = true\n`)
        assert.strictEqual(refused.code, 2)
        assert.include(refused.stderr, "SearchAttributeRegistrationError")
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
        const worker = yield* Process.start(yield* home(project), [])
        const ready = yield* worker.said("worker ready: ")
        assert.match(
          ready,
          new RegExp(`worker ready: \\S+ queue=${project.queue} scope=full profile=default workflows=2 activities=9`)
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
        const worker = yield* Process.start(yield* home(project), [
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
        const folder = yield* home(project)
        const first = yield* Process.start(folder)
        yield* first.said("worker ready: ")
        const run = yield* Effect.forkChild(project.run(`killed-${project.queue}`, "text"))
        yield* Effect.repeat(project.provider.requests, {
          schedule: Schedule.spaced("50 millis"),
          until: ({ length }) => length > 0
        })
        yield* first.kill("SIGKILL")
        yield* first.ended
        const died = yield* Clock.currentTimeMillis
        const second = yield* Process.start(folder)
        yield* second.said("worker ready: ")
        const { result } = yield* Fiber.join(run)
        assert.deepStrictEqual(result._tag === "Success" ? result.success : result.failure, { text: "Cats." })
        assert.lengthOf(yield* project.provider.requests, 2)
        // Ten minutes are what an attempt may take: only the beats can have told the server.
        assert.isBelow((yield* Clock.currentTimeMillis) - died, 60_000)
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )
})
