import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Routing from "../../src/program/Routing.ts"

const Millis = Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 })))
const Queue = Schema.Literals(["a_q", "b_q", "c_q", "home"])
const Handle = Schema.Literals(["gpt", "claude", "mini"])

const Retry = Schema.Struct({
  initialInterval: Millis,
  maximumAttempts: Schema.optionalKey(Schema.Union([Schema.Literals([1, 5]), Schema.Literal("unlimited")])),
  nonRetryableErrorTypes: Schema.optionalKey(Schema.Array(Schema.Literals(["A", "B", "C"])))
})
const Options = Schema.Struct({
  startToCloseTimeout: Millis,
  heartbeatTimeout: Millis,
  scheduleToStartTimeout: Millis,
  retry: Schema.optionalKey(Retry)
})
const Handled = Schema.Struct({ startToCloseTimeout: Millis, retry: Schema.optionalKey(Retry) })

const named = <S extends Schema.Top>(names: ReadonlyArray<string>, value: S) =>
  Schema.Struct(Object.fromEntries(names.map((name) => [name, Schema.optionalKey(value)])))

const Table = Schema.Struct({
  isRouted: Schema.Boolean,
  default: Schema.optionalKey(Queue),
  byHandle: named(Handle.literals, Queue),
  handleOptions: named(Handle.literals, Handled),
  queues: named(Queue.literals, Options)
})

const tableOf = (
  { byHandle, default: queue, handleOptions, isRouted, queues }: typeof Table.Type
): Routing.RoutingTable => ({
  ...Routing.defaults,
  defaultQueue: "home",
  activities: isRouted
    ? {
      act_llm_gen_text: {
        ...(queue === undefined ? {} : { default: queue }),
        byHandle: byHandle as Routing.Route["byHandle"],
        handleOptions: handleOptions as Routing.Route["handleOptions"]
      }
    }
    : {},
  queues: queues as Routing.RoutingTable["queues"]
})

describe("Routing", () => {
  it.prop("sends a leaf by its handle, else by its route, else home, and nowhere else where nothing is routed", [
    Table,
    Handle
  ], ([written, handle]) => {
    const { queue } = Routing.resolve(tableOf(written), "act_llm_gen_text", handle)
    const own = Object.hasOwn(written.byHandle, handle) ? written.byHandle[handle] : undefined
    assert.strictEqual(queue, written.isRouted ? own ?? written.default ?? "home" : undefined)
    assert.strictEqual(
      Routing.resolve(tableOf(written), "act_func", handle).queue,
      written.isRouted ? "home" : undefined
    )
  })

  it.prop(
    "lets the handle win over the queue, and the queue over the baseline, option by option",
    [Table, Handle],
    ([written, handle]) => {
      const table = tableOf(written)
      const { options, queue = "home" } = Routing.resolve(table, "act_llm_gen_text", handle)
      const byQueue = Object.hasOwn(written.queues, queue) ? written.queues[queue] : undefined
      const byHandle = written.isRouted && Object.hasOwn(written.handleOptions, handle)
        ? written.handleOptions[handle]
        : undefined
      const { baseline } = Routing.defaults
      assert.strictEqual(
        options.startToCloseTimeout,
        byHandle?.startToCloseTimeout ?? byQueue?.startToCloseTimeout ?? baseline.startToCloseTimeout
      )
      assert.strictEqual(options.heartbeatTimeout, byQueue?.heartbeatTimeout ?? baseline.heartbeatTimeout)
      assert.strictEqual(options.scheduleToStartTimeout, byQueue?.scheduleToStartTimeout)
      assert.strictEqual(
        options.retry.maximumAttempts,
        byHandle?.retry?.maximumAttempts ?? byQueue?.retry?.maximumAttempts ?? baseline.retry.maximumAttempts
      )
      assert.deepStrictEqual(
        options.retry.nonRetryableErrorTypes,
        Array.from(
          new Set([
            ...baseline.retry.nonRetryableErrorTypes,
            ...byQueue?.retry?.nonRetryableErrorTypes ?? [],
            ...byHandle?.retry?.nonRetryableErrorTypes ?? []
          ])
        )
      )
    }
  )

  it("takes no route from the prototype of a table", () => {
    const table = tableOf({ isRouted: true, byHandle: {}, handleOptions: {}, queues: {} })
    for (const name of ["constructor", "toString", "__proto__"]) {
      assert.deepStrictEqual(Routing.resolve(table, "act_llm_gen_text", name), {
        queue: "home",
        options: Routing.defaults.baseline
      })
    }
  })

  it.prop("explains a dispatch by the layers it was made of", [Table, Handle], ([written, handle]) => {
    const table = tableOf(written)
    const { from, options, queueFrom, ...rest } = Routing.explain(table, "act_llm_gen_text", handle)
    assert.deepStrictEqual({ ...rest, options }, Routing.resolve(table, "act_llm_gen_text", handle))
    assert.strictEqual(queueFrom === "workflow", rest.queue === undefined)
    assert.strictEqual(from.scheduleToStartTimeout, options.scheduleToStartTimeout === undefined ? undefined : "queue")
  })
})
