/** Runs through the submitter's layer, on a real server and a real worker. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Concept from "../../../src/concept/Authoring.ts"
import * as Configuration from "../../../src/config/Configuration.ts"
import * as TemporalAccess from "../../../src/config/TemporalAccess.ts"
import * as Direct from "../../../src/direct/Direct.ts"
import * as ErrorReport from "../../../src/failure/ErrorReport.ts"
import type { PipeFailure } from "../../../src/failure/PipeFailure.ts"
import * as Pipe from "../../../src/pipe/Composed.ts"
import * as Pipelex from "../../../src/Pipelex.ts"
import * as PipePath from "../../../src/program/PipePath.ts"
import { type RunEvent, RunEvents } from "../../../src/program/RunEvents.ts"
import * as Connection from "../../../src/temporal/client/Connection.ts"
import * as Runs from "../../../src/temporal/client/Runs.ts"
import * as pdfs from "../../document/pdfs.ts"
import * as FakeProvider from "../../fake/FakeProvider.ts"
import * as Folder from "../../source/Folder.ts"
import * as Durably from "../Durably.ts"
import * as Replay from "../replay/Replay.ts"
import * as Server from "../Server.ts"

Server.use()

const limit = 120_000

const asking = { inputs: { topic: Concept.Text }, output: Concept.Text, model: "gpt-4o-mini" }
const draft = Pipe.llm("t.draft", { ...asking, prompt: "Draft on $topic" })
const shorten = Pipe.llm("t.shorten", { ...asking, prompt: "Shorten $topic" })
const write = Pipe.sequence("t.write", { topic: Concept.Text })
  .step("text", draft)
  .step("short", shorten)
  .end()
const read = Pipe.extract("t.read", { inputs: { doc: Concept.Document } })

const environment = { get: () => undefined }

const backends = (url: string) => `[openai]\nendpoint = "${url}/v1"\napi_key = "k"\n[internal]\n`

/** A provider, a worker, and what a run is set up with. */
const start = Effect.fnUntraced(function*(attempts = 1) {
  const fs = yield* FileSystem.FileSystem
  const provider = yield* FakeProvider.start
  const folder = yield* Folder.make({ "inference/backends.toml": backends(provider.url) })
  const queue = yield* Server.queue("client")
  const durably = yield* Durably.start({ address: yield* Server.address, queue, attempts })
  const configuration = yield* Configuration.loadFolder(folder)
  const client = yield* Server.client()
  const shared = { configuration, environment, directory: yield* fs.makeTempDirectoryScoped() }
  return {
    provider,
    queue,
    section: durably.section,
    access: yield* TemporalAccess.resolve({ temporal: durably.section }, () => undefined),
    configuration,
    handle: (runId: string) => client.workflow.getHandle(`${queue}-${runId}`),
    layer: (runId: string, more: Partial<Durably.Setting> = {}) =>
      durably.layer({ ...shared, ...more, runId: `${queue}-${runId}` }),
    direct: Direct.layerWith({ configuration, environment, storage: "memory" })
  }
})

const cats = { topic: { text: "cats" } }

const shown = (event: RunEvent): string =>
  `${event._tag} ${typeof event.path === "string" ? event.path : PipePath.show(event.path)}`

const hearing = <A, E, R>(effect: Effect.Effect<A, E, R>) => {
  const events: Array<string> = []
  const heard = Effect.provideService(effect, RunEvents, (event) => {
    events.push(shown(event))
  })
  return Effect.map(Effect.result(heard), (result) => ({ result, events }))
}

const failureOf = (result: Result.Result<unknown, PipeFailure>): PipeFailure =>
  Result.isFailure(result) ? result.failure : assert.fail(`it ended well: ${JSON.stringify(result.success)}`)

const never = new Promise<void>(() => {})

/** Until a request has arrived. */
const asked = (provider: FakeProvider.FakeProvider) =>
  Effect.repeat(provider.requests, {
    until: (requests) => requests.length > 0,
    schedule: Schedule.spaced("20 millis")
  })

describe("TemporalClient", () => {
  it.live(
    "answers a composed pipe as Direct does, and tells the same events in the same order",
    () =>
      Effect.gen(function*() {
        const { direct, layer, provider } = yield* start()
        for (const run of [draft(cats), write(cats)]) {
          const here = yield* Effect.provide(hearing(run), direct)
          yield* provider.rules([])
          const there = yield* Effect.provide(hearing(run), layer(`composed-${here.events.length}`))
          assert.deepStrictEqual(there, here)
          yield* provider.rules([])
        }
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live("tells how far a run is while it goes on", () =>
    Effect.gen(function*() {
      const { layer, provider } = yield* start()
      const { promise: until, resolve } = Promise.withResolvers<void>()
      yield* provider.answer((_request, nth) => nth === 2 ? { until } : {})
      const events: Array<{ readonly event: string; readonly at: number | undefined }> = []
      yield* write(cats).pipe(
        Effect.provideService(RunEvents, (event, at) => {
          events.push({ event: shown(event), at })
          if (event._tag === "LeafStarted" && event.pipe === "shorten") resolve()
        }),
        Effect.provide(layer("progress"))
      )
      assert.strictEqual(new Set(events.map(({ event }) => event)).size, events.length)
      const times = events.map(({ at }) => at ?? 0)
      assert.deepStrictEqual(times.toSorted((a, b) => a - b), times)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("joins a run of the same id, method and inputs, and refuses one of another", () =>
    Effect.gen(function*() {
      const { layer, provider } = yield* start()
      const first = yield* Effect.provide(draft(cats), layer("named"))
      assert.deepStrictEqual(yield* Effect.provide(draft(cats), layer("named")), first)
      assert.lengthOf(yield* provider.requests, 1)
      for (const other of [draft({ topic: { text: "dogs" } }), shorten(cats)]) {
        const failure = yield* Effect.flip(Effect.provide(other, layer("named")))
        assert.strictEqual(failure.code, "request.invalid")
        assert.include(failure.message, "choose another run id")
      }
      assert.lengthOf(yield* provider.requests, 1)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live(
    "starts a run with its urgency and its user's share, and so everything below it",
    () =>
      Effect.gen(function*() {
        const { handle, layer } = yield* start()
        yield* write(cats).pipe(Effect.provide(layer("urgent", { priority: 1 })))
        const { workflowId } = handle("urgent")
        const client = yield* Server.client()
        const histories = yield* Replay.fetch(client, workflowId)
        const found = histories.flatMap(({ history }) => history.events ?? []).flatMap((event) => {
          const { priority } = event.workflowExecutionStartedEventAttributes ?? {}
          return priority == null ? [] : [[priority.priorityKey, priority.fairnessKey]]
        })
        // Activities have those of their workflow, which the server does not write down.
        assert.deepStrictEqual(found, Array.from({ length: 3 }, () => [1, "anonymous"]))
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live("tries a run that failed again under its id", () =>
    Effect.gen(function*() {
      const { layer, provider } = yield* start()
      yield* provider.rules([{ reply: { status: 401, body: {} }, times: 1 }])
      const failure = yield* Effect.flip(Effect.provide(draft(cats), layer("again")))
      assert.strictEqual(failure.code, "provider.credential_refused")
      assert.isNotEmpty(yield* Effect.provide(draft(cats), layer("again")))
      assert.lengthOf(yield* provider.requests, 2)
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live(
    "tries a leaf again as a whole, and fails in the end with the report of a run in process",
    () =>
      Effect.gen(function*() {
        const { direct, layer, provider } = yield* start(3)
        yield* provider.rules([{ reply: { status: 429, body: {} } }])
        const here = yield* Effect.flip(Effect.provide(draft(cats), direct))
        assert.lengthOf(yield* provider.requests, 3)
        const there = yield* Effect.flip(Effect.provide(draft(cats), layer("limited")))
        assert.lengthOf(yield* provider.requests, 12)
        assert.deepStrictEqual(there.attempts, { ...here.attempts, activity: 3 })
        const { attempts: _here, ...report } = ErrorReport.fromFailure(here)
        const { attempts: _there, ...durable } = ErrorReport.fromFailure(there)
        assert.deepStrictEqual(durable, report)
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live("stores local files, so that a worker elsewhere reads them", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { layer } = yield* start()
      const base = yield* Effect.flatMap(fs.makeTempDirectoryScoped(), fs.realPath)
      yield* fs.writeFile(`${base}/hello.pdf`, pdfs.text("Hello"))
      const pages = yield* Effect.provide(read({ doc: { url: "hello.pdf" } }), layer("file", { base }))
      yield* fs.remove(`${base}/hello.pdf`)
      assert.strictEqual(pages[0]?.text_and_images.text?.text.trim(), "Hello")
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live("takes inputs of any size, and finds them again with the run", () =>
    Effect.gen(function*() {
      const { access, layer, queue } = yield* start()
      const topic = { text: "cats ".repeat(600_000) }
      assert.isNotEmpty(yield* Effect.provide(draft({ topic }), layer("large")))
      const connection = yield* Connection.open(access)
      const { input, started, status } = yield* Runs.find(connection, `${queue}-large`, { runMode: "normal" })
      assert.strictEqual(status, "COMPLETED")
      assert.strictEqual(started.call.ref, "t.draft")
      assert.deepInclude(input.memory.stuffs[0]?.[1], { content: topic })
      const missing = yield* Effect.flip(Runs.find(connection, "nobody", { runMode: "normal" }))
      assert.strictEqual(missing.code, "request.invalid")
    }).pipe(Effect.provide(Folder.layer)), limit)

  it.live(
    "leaves the run alone when the wait is interrupted, unless the run is to end with it",
    () =>
      Effect.gen(function*() {
        const { handle, layer, provider } = yield* start()
        yield* provider.answer(() => ({ until: never }))
        for (const isCancelledWithCaller of [false, true]) {
          const id = `interrupted-${isCancelledWithCaller}`
          const waiting = yield* Effect.forkChild(Effect.provide(draft(cats), layer(id, { isCancelledWithCaller })))
          yield* asked(provider)
          yield* Fiber.interrupt(waiting)
          const { status } = yield* Effect.promise(() => handle(id).describe())
          if (!isCancelledWithCaller) {
            assert.strictEqual(status.name, "RUNNING")
            yield* Effect.promise(() => handle(id).terminate())
            yield* provider.answer(() => ({ until: never }))
          } else {
            const ended = yield* Effect.result(Effect.tryPromise(() => handle(id).result()))
            assert.isTrue(Result.isFailure(ended))
            assert.strictEqual((yield* Effect.promise(() => handle(id).describe())).status.name, "CANCELLED")
          }
        }
      }).pipe(Effect.provide(Folder.layer)),
    limit
  )

  it.live("tells a run that was cancelled from one that was terminated", () =>
    Effect.gen(function*() {
      const { handle, layer, provider } = yield* start()
      const ends = Effect.fnUntraced(function*(id: string, end: () => Promise<unknown>) {
        yield* provider.answer(() => ({ until: never }))
        const waiting = yield* Effect.forkChild(hearing(write(cats)).pipe(Effect.provide(layer(id))))
        yield* asked(provider)
        yield* Effect.promise(end)
        return failureOf((yield* Fiber.join(waiting)).result)
      })
      const cancelled = yield* ends("cancelled", () => handle("cancelled").cancel())
      assert.strictEqual(cancelled.code, "run.cancelled")
      const terminated = yield* ends("terminated", () => handle("terminated").terminate("enough"))
      assert.strictEqual(terminated.code, "run.terminated")
      assert.include(terminated.message, "enough")
    }).pipe(Effect.provide(Folder.layer)), limit)
})

describe("Pipelex", () => {
  it.live("runs the same program in process or durably, as the configuration says", () =>
    Effect.gen(function*() {
      const { configuration, layer, queue, section } = yield* start()
      // Opens this run's half of the worker.
      yield* Effect.gen(function*() {
        for (const isEnabled of [false, true]) {
          const options = { ...configuration.options, temporal: { ...configuration.options.temporal, isEnabled } }
          const values = { ...configuration.values, temporal: { ...section, is_enabled: isEnabled } }
          const events: Array<string> = []
          const text = yield* draft(cats).pipe(
            Effect.provideService(RunEvents, (event) => {
              events.push(shown(event))
            }),
            Effect.provide(
              Pipelex.layerWith({
                configuration: { ...configuration, options, values },
                environment,
                storage: "memory",
                scope: { runId: `${queue}-pipelex` }
              })
            )
          )
          assert.isNotEmpty(text)
          assert.lengthOf(events, 4)
        }
      }).pipe(Effect.provide(layer("pipelex")))
      const client = yield* Server.client()
      const { status } = yield* Effect.promise(() => client.workflow.getHandle(`${queue}-pipelex`).describe())
      assert.strictEqual(status.name, "COMPLETED")
    }).pipe(Effect.provide(Folder.layer)), limit)
})
