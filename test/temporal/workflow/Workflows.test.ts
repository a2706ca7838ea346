import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import type * as Recorded from "../../../src/direct/Recorded.ts"
import { fail } from "../../../src/failure/PipeFailure.ts"
import * as Reason from "../../../src/failure/Reason.ts"
import * as Failures from "../../../src/temporal/wire/Failures.ts"
import * as Input from "../../../src/temporal/wire/Input.ts"
import { workflows } from "../../../src/temporal/wire/Names.ts"
import * as Packed from "../../../src/temporal/wire/Packed.ts"
import type { Status } from "../../../src/temporal/wire/Payload.ts"
import { content, echo, library, llm, pipe, recording, run, sequence } from "../../library/Fixture.ts"
import * as Replay from "../replay/Replay.ts"
import * as Server from "../Server.ts"
import * as Durable from "./Durable.ts"

Server.use()

/** The first test builds the code of workflows, when it has changed; a loaded machine takes its time for everything. */
const limit = 120_000

const method = library([
  llm("one", { item: "Text" }),
  llm("sum", { answers: "Text[]", topic: "Text" }),
  pipe("all", "PipeBatch", {
    inputs: { items: "Text[]" },
    output: "Text[]",
    branch_pipe_code: "one",
    input_list_name: "items",
    input_item_name: "item"
  }),
  sequence("seq", { items: "Text[]", topic: "Text" }, "Text", [
    { pipe: "all", result: "answers" },
    { pipe: "sum", result: "total" }
  ])
].join("\n"))

const inputs = { items: ["a", "b", "c"], topic: "letters" }
const durable = (options: Durable.Options = {}) =>
  Effect.flatMap(Server.address, (address) => Durable.make(address, options))

const busy = fail(new Reason.ProviderUnavailable({ model: "writer", provider: "scripted" }))
const refused = fail(new Reason.RequestRefused({ model: "writer", provider: "scripted", category: "content" }))

const promptOf = ({ job }: Recorded.Sent): string =>
  "prompt" in job && typeof job.prompt === "object" ? job.prompt.user : ""

/** Tries until it holds; what happens on a server is waited for, not timed. */
const eventually = <A>(look: Effect.Effect<A>, holds: (value: A) => boolean): Effect.Effect<A> =>
  look.pipe(Effect.repeat({ until: holds, schedule: Schedule.spaced("50 millis") }))

/** An answer that waits for a word, or for the end. */
const gated = Effect.gen(function*() {
  const gate = yield* Deferred.make<void>()
  const asked: Array<string> = []
  const cancelled: Array<string> = []
  const answer: Recorded.Answer = (sent) =>
    Effect.suspend(() => {
      asked.push(promptOf(sent))
      return Effect.andThen(Deferred.await(gate), echo(sent))
    }).pipe(Effect.onInterrupt(() => Effect.sync(() => cancelled.push(promptOf(sent)))))
  return { answer, asked, cancelled, open: Deferred.succeed(gate, undefined) }
})

describe("a durable run", () => {
  it.live(
    "makes the memory that the direct run makes, with a workflow for each pipe and an activity for each leaf",
    () =>
      Effect.scoped(Effect.gen(function*() {
        const { client, run: runDurably } = yield* durable()
        const { id, result } = yield* runDurably(method, "d.seq", inputs)
        assert.deepStrictEqual(Result.getOrThrow(result), yield* run(method, "d.seq", inputs))
        const recorded = yield* Replay.fetch(client, id)
        assert.sameMembers(recorded.map(({ workflowId }) => workflowId.slice(id.length)), [
          "",
          "_all-0000",
          "_all-0000_one-0000",
          "_all-0000_one-0001",
          "_all-0000_one-0002",
          "_sum-0001"
        ])
        assert.strictEqual(Replay.count(recorded, "activityTaskScheduledEventAttributes"), 4)
      })),
    limit
  )

  it.live(
    "ends with the failure that the direct run ends with, the leaf tried once when it is not worth more",
    () =>
      Effect.scoped(Effect.gen(function*() {
        const { answer, sent } = recording((each) => promptOf(each) === "b" ? Effect.fail(refused) : echo(each))
        const { run: runDurably } = yield* durable({ answer })
        const { result } = yield* runDurably(method, "d.seq", inputs)
        assert.lengthOf(sent.filter((each) => promptOf(each) === "b"), 1)
        const failure = yield* Effect.flip(Effect.fromResult(result))
        const direct = yield* Effect.flip(run(method, "d.seq", inputs, { answer }))
        assert.deepStrictEqual(failure.reason, direct.reason)
        // How many of the others had succeeded depends on who is faster.
        assert.deepStrictEqual({ ...failure.location, succeeded: 0 }, { ...direct.location, succeeded: 0 })
        assert.deepStrictEqual(failure.location.path, ["seq", "all", "one"])
        assert.strictEqual(failure.attempts?.activity, 1)
      })),
    limit
  )

  it.live("repeats a leaf whose failure is transient, and nothing else", () =>
    Effect.scoped(Effect.gen(function*() {
      const { answer, sent } = recording((each) =>
        promptOf(each) === "b" && sent.filter((one) => promptOf(one) === "b").length < 3
          ? Effect.fail(busy)
          : echo(each)
      )
      const { run: runDurably } = yield* durable({ answer })
      const { result } = yield* runDurably(method, "d.all", { items: inputs.items })
      assert.isTrue(Result.isSuccess(result))
      assert.deepStrictEqual(sent.map(promptOf).toSorted(), ["a", "b", "b", "b", "c"])
    })), limit)

  it.live(
    "lets what has started end when an item of a batch fails, and starts nothing new",
    () =>
      Effect.scoped(Effect.gen(function*() {
        const { answer: held, asked, cancelled, open } = yield* gated
        const answer: Recorded.Answer = (sent) => promptOf(sent) === "1" ? Effect.fail(refused) : held(sent)
        const { client, queue, run: runDurably } = yield* durable({ answer })
        const running = yield* Effect.forkChild(
          runDurably(method, "d.all", { items: ["0", "1", "2", "3", "4"] }, { settings: { maxConcurrency: 3 } })
        )
        yield* eventually(
          Effect.promise(() => client.workflow.getHandle(`${queue}-0_one-0001`).describe()).pipe(
            Effect.map(({ status }) => status.name),
            Effect.catchDefect(() => Effect.succeed("none"))
          ),
          (status) => status === "FAILED"
        )
        yield* open
        const { id, result } = yield* Fiber.join(running)
        const failure = yield* Effect.flip(Effect.fromResult(result))
        assert.deepStrictEqual([failure.location.item, failure.location.succeeded], [1, 2])
        assert.deepStrictEqual(asked.toSorted(), ["0", "2"])
        assert.deepStrictEqual(cancelled, [])
        const recorded = yield* Replay.fetch(client, id)
        assert.strictEqual(Replay.count(recorded, "requestCancelExternalWorkflowExecutionInitiatedEventAttributes"), 0)
        assert.strictEqual(Replay.count(recorded, "childWorkflowExecutionCompletedEventAttributes"), 2)
      })),
    limit
  )

  it.live(
    "is cancelled with everything in it: children, leaves, and the requests behind them",
    () =>
      Effect.scoped(Effect.gen(function*() {
        const { answer, asked, cancelled } = yield* gated
        const { client, start } = yield* durable({ answer })
        const handle = yield* start(Durable.callOf(method, "d.seq", inputs), method)
        yield* eventually(Effect.sync(() => asked.length), (count) => count === 3)
        yield* Effect.promise(() => handle.cancel())
        const error = yield* Effect.flip(Effect.tryPromise(() => handle.result()))
        assert.strictEqual(Failures.recover(error).code, "run.cancelled")
        const statuses = yield* Effect.forEach(
          ["", "_all-0000", "_all-0000_one-0000"],
          (child) => Effect.promise(() => client.workflow.getHandle(handle.workflowId + child).describe())
        )
        assert.deepStrictEqual(statuses.map(({ status }) => status.name), ["CANCELLED", "CANCELLED", "CANCELLED"])
        yield* eventually(Effect.sync(() => cancelled.length), (count) => count === 3)
      })),
    limit
  )

  it.live("ends as cancelled when somebody cancels a part of it", () =>
    Effect.scoped(Effect.gen(function*() {
      const { answer, asked } = yield* gated
      const { client, start } = yield* durable({ answer })
      const handle = yield* start(Durable.callOf(method, "d.seq", inputs), method)
      yield* eventually(Effect.sync(() => asked.length), (count) => count === 3)
      yield* Effect.promise(() => client.workflow.getHandle(`${handle.workflowId}_all-0000`).cancel())
      const error = yield* Effect.flip(Effect.tryPromise(() => handle.result()))
      assert.strictEqual(Failures.recover(error).code, "run.cancelled")
    })), limit)

  it.live("tells how far it is while it runs", () =>
    Effect.scoped(Effect.gen(function*() {
      const { answer, asked, open } = yield* gated
      const { client, start } = yield* durable({ answer })
      const handle = yield* start(Durable.callOf(method, "d.seq", inputs), method)
      yield* eventually(Effect.sync(() => asked.length), (count) => count === 3)
      const status = (id: string, since?: number) =>
        Effect.promise(() => client.workflow.getHandle(id).query<Status, [number?]>("status", since))
      const root = yield* status(handle.workflowId)
      assert.deepStrictEqual([root.pipe, root.next, root.children], ["seq", 1, [`${handle.workflowId}_all-0000`]])
      const batch = yield* status(`${handle.workflowId}_all-0000`)
      assert.deepStrictEqual(Packed.unpack(batch.events).map(({ event }) => event._tag), [
        "PipeStarted",
        "BatchStarted"
      ])
      assert.lengthOf(batch.children, 3)
      assert.lengthOf((yield* status(`${handle.workflowId}_all-0000`, batch.next)).events, 0)
      const details = yield* Effect.promise(() =>
        handle.query<{ readonly currentDetails?: string }>(
          "__temporal_workflow_metadata"
        )
      )
      assert.strictEqual(details.currentDetails, "step 1/2: all")
      yield* open
      yield* Effect.promise(() => handle.result())
      assert.deepStrictEqual((yield* status(handle.workflowId)).children, [])
    })), limit)

  it.live("names its workflows for whoever looks at the server", () =>
    Effect.scoped(Effect.gen(function*() {
      const { client, run: runDurably } = yield* durable()
      const attributes = ["PipeCode", "PipelineRunId", "UserId", "SessionId", "DomainCode"] as const
      const { id } = yield* runDurably(method, "d.seq", inputs, {}, { attributes })
      const child = yield* Effect.promise(() => client.workflow.getHandle(`${id}_all-0000_one-0001`).describe())
      assert.strictEqual(child.type, workflows.pipe)
      assert.deepStrictEqual(
        Object.fromEntries(
          child.typedSearchAttributes.getAll().flatMap(({ key, value }) =>
            key.name === "BuildIds" ? [] : [[key.name, value]]
          )
        ),
        { PipeCode: "one", PipelineRunId: "run", UserId: "tester", SessionId: "", DomainCode: "d" }
      )
      assert.strictEqual(yield* Effect.promise(() => child.staticSummary()), "one — one")
      assert.include(yield* Effect.promise(() => child.staticDetails()), "| Pipe | `one` |")
    })), limit)
})

describe("a workflow that cannot run", () => {
  const { pipe: inputOf } = Input.sender(method, { common: Durable.common, crateDigest: "0" })
  const good = inputOf(Durable.callOf(method, "d.seq", inputs))
  const wrong: ReadonlyArray<readonly [what: string, input: unknown, code: string]> = [
    ["of another version", { ...good, version: 999 }, "runtime.unsupported"],
    ["without a version", {}, "runtime.unsupported"],
    ["that is nothing", null, "runtime.unsupported"],
    ["that is damaged", { ...good, memory: undefined }, "runtime.unexpected"],
    ["for a pipe that is not in its crate", { ...good, ref: "d.other" }, "request.pipe_not_found"],
    [
      "with a crate of another making",
      { ...good, crate: { ...good.crate, pipes: { "d.seq": { blueprint: {} } } } },
      "method.invalid"
    ]
  ]
  it.live.each(wrong)(
    "fails instead of hanging, given an input %s",
    ([, input, code]) =>
      Effect.scoped(Effect.gen(function*() {
        const { client, queue } = yield* durable()
        const error = yield* Effect.flip(Effect.tryPromise(() =>
          client.workflow.execute(workflows.run, { taskQueue: queue, workflowId: queue, args: [input] })
        ))
        assert.strictEqual(Failures.recover(error).code, code)
      })),
    limit
  )
})

describe("what a child is given", () => {
  it.live("is what its pipe reads: a function reads everything", () =>
    Effect.scoped(Effect.gen(function*() {
      const withFunction = library(
        [
          llm("one", { topic: "Text" }),
          pipe("call", "PipeFunc", { inputs: { topic: "Text" }, output: "Text", function_name: "lib.names" }),
          sequence("go", { topic: "Text" }, "Text", [{ pipe: "one", result: "kept" }, { pipe: "call", result: "end" }])
        ].join("\n"),
        { functions: ["lib.names"] }
      )
      const { run: runDurably } = yield* durable({
        real: {
          act_func: ({ memory }) =>
            Effect.succeed({
              value: JSON.stringify(memory),
              usage: { requests: 0, reasks: 0, units: {}, seconds: 0 }
            })
        }
      })
      const { result } = yield* runDurably(withFunction, "d.go", { topic: "t" }, {}, { functions: ["lib.names"] })
      assert.deepStrictEqual(JSON.parse(String(content(Result.getOrThrow(result))?.["text"])), {
        topic: { concept: "native.Text", content: { text: "t" } },
        kept: { concept: "native.Text", content: { text: "one(t)" } }
      })
    })), limit)
})
