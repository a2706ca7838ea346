/** What a worker tells its supervisors, asked as they ask. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as Health from "../../../src/temporal/worker/Health.ts"
import * as Pages from "../../../src/temporal/worker/Pages.ts"
import * as Folder from "../../source/Folder.ts"
import * as Server from "../Server.ts"
import * as Process from "./Process.ts"
import * as Working from "./Working.ts"

Server.use()

const limit = 180_000

interface Told {
  readonly status: number
  readonly body: {
    readonly state: string
    readonly queue: string
    readonly running?: Readonly<Record<string, number>>
  }
}

const ask = (url: string, method = "GET") =>
  Effect.promise(async (): Promise<Told> => {
    const answer = await fetch(url, { method })
    return { status: answer.status, body: await answer.json() as Told["body"] }
  })

const plan = { queue: "q", scope: "full", profile: "default" }

const served = Effect.fnUntraced(function*(running: Health.Watched["running"]) {
  const node = createServer()
  const server = yield* NodeHttpServer.make(() => node, { host: "127.0.0.1", port: 0 })
  yield* server.serve(Pages.app(Health.pages({ plan, running })))
  return `http://127.0.0.1:${(node.address() as AddressInfo).port}`
})

const opened = (isPolling: boolean, isConnected: boolean) =>
  Effect.succeed({
    identity: "1@here",
    version: { deploymentName: "prod", buildId: "0.1.0-0" },
    isConnected: Effect.succeed(isConnected),
    status: Effect.succeed({ isPolling, activities: 1, workflowTasks: 2, cachedWorkflows: 3 })
  })

const rows: ReadonlyArray<{
  readonly title: string
  readonly running: Health.Watched["running"]
  readonly state: string
  readonly ready: number
}> = [
  { title: "has not connected yet", running: Effect.undefined, state: "starting", ready: 503 },
  { title: "takes work", running: opened(true, true), state: "ready", ready: 200 },
  { title: "cannot reach its server", running: opened(true, false), state: "disconnected", ready: 503 },
  { title: "stops", running: opened(false, true), state: "stopping", ready: 503 }
]

describe("the health of a worker that", () => {
  for (const { ready, running, state, title } of rows) {
    it.live(`${title} is alive, and ${ready === 200 ? "" : "not "}ready`, () =>
      Effect.gen(function*() {
        const url = yield* served(running)
        const alive = yield* ask(`${url}/healthz`)
        assert.deepStrictEqual([alive.status, alive.body.state, alive.body.queue], [200, state, "q"])
        const told = yield* ask(`${url}/readyz?verbose`)
        assert.deepStrictEqual([told.status, told.body.state], [ready, state])
        if (state !== "starting") {
          assert.deepInclude<object>(told.body, {
            deploymentName: "prod",
            buildId: "0.1.0-0",
            running: { activities: 1, workflowTasks: 2, cachedWorkflows: 3 }
          })
        }
      }))
  }

  it.live("is asked for something else says what there is", () =>
    Effect.gen(function*() {
      const url = yield* served(opened(true, true))
      assert.strictEqual((yield* ask(`${url}/`)).status, 404)
      assert.strictEqual((yield* ask(`${url}/readyz`, "POST")).status, 405)
    }))
})

describe("pipelex worker --health-port", () => {
  it.live(
    "answers with what is under way, and that no more is taken once it is told to stop",
    () =>
      Effect.gen(function*() {
        let release = () => {}
        const held = new Promise<void>((resolve) => {
          release = resolve
        })
        const project = yield* Working.project("health", [{ reply: { until: held, text: "Cats." } }])
        const worker = yield* Process.start(yield* Working.home(project), ["--json", "--health-port", "0"])
        const { health } = JSON.parse(yield* worker.said("\n")) as { readonly health: string }
        const first = yield* ask(`${health}/readyz`)
        assert.deepStrictEqual([first.status, first.body.state, first.body.queue], [200, "ready", project.queue])
        const run = yield* Effect.forkChild(project.run(`health-${project.queue}`, "text"))
        const until = (state: string, path: string) =>
          Effect.repeat(ask(`${health}${path}`), {
            schedule: Schedule.spaced("100 millis"),
            until: ({ body }) => body.state === state && body.running?.["activities"] === 1
          })
        assert.strictEqual((yield* until("ready", "/readyz")).status, 200)
        yield* worker.kill("SIGTERM")
        assert.strictEqual((yield* until("stopping", "/readyz")).status, 503)
        assert.strictEqual((yield* until("stopping", "/healthz")).status, 200)
        release()
        assert.strictEqual((yield* worker.ended).code, 0)
        yield* Working.worker(project)
        assert.strictEqual((yield* Fiber.join(run)).result._tag, "Success")
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )
})
