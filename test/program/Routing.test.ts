import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Span from "../../src/config/Span.ts"
import * as Routing from "../../src/program/Routing.ts"

const Millis = Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 })))
const Queue = Schema.Literals(["a_q", "b_q", "c_q", "home"])
const Handle = Schema.Literals(["gpt", "claude", "mini"])
const Limit = Schema.Union([Schema.Literals([1, 5]), Schema.Literal("unlimited")])

const Retry = Schema.Struct({
  initialInterval: Millis,
  backoffCoefficient: Schema.optionalKey(Schema.Literals([1, 1.5, 3])),
  maximumInterval: Schema.optionalKey(Limit),
  maximumAttempts: Schema.optionalKey(Limit),
  nonRetryableErrorTypes: Schema.optionalKey(Schema.Array(Schema.Literals(["A", "B", "C", "ValidationError"])))
})
const Options = Schema.Struct({
  startToCloseTimeout: Millis,
  heartbeatTimeout: Millis,
  scheduleToStartTimeout: Millis,
  scheduleToCloseTimeout: Millis,
  retry: Schema.optionalKey(Retry)
})
const Handled = Schema.Struct({ startToCloseTimeout: Millis, retry: Schema.optionalKey(Retry) })

const named = <S extends Schema.Top>(names: ReadonlyArray<string>, value: S) =>
  Schema.Struct(Object.fromEntries(names.map((name) => [name, Schema.optionalKey(value)])))

const Table = Schema.Struct({
  isRouted: Schema.Boolean,
  hasHeartbeat: Schema.Boolean,
  default: Schema.optionalKey(Queue),
  byHandle: named(Handle.literals, Queue),
  handleOptions: named(Handle.literals, Handled),
  queues: named(Queue.literals, Options),
  rates: named(Queue.literals, Schema.Literals([0.5, 20]))
})
type Table = typeof Table.Type
const Called = Schema.UndefinedOr(Handle)

const tableOf = (
  { byHandle, default: queue, handleOptions, hasHeartbeat, isRouted, queues }: Table
): Routing.RoutingTable => {
  const { heartbeatTimeout = 5000, ...baseline } = Routing.defaults.baseline
  return {
    ...Routing.defaults,
    baseline: hasHeartbeat ? { ...baseline, heartbeatTimeout } : baseline,
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
  }
}

const ratesOf = ({ rates }: Table) => rates as Readonly<Record<string, number>>

const leaves = ["act_llm_gen_text", "act_func"] as const

/**
 * The same by another way, for comparison: the specification's table, row by row. Every option is a list of what was said and where, from
 * the lowest layer to the highest.
 */
const scalars = {
  startToCloseTimeout: ["baseline", "queue", "handle"],
  heartbeatTimeout: ["baseline", "queue"],
  scheduleToCloseTimeout: ["queue"],
  scheduleToStartTimeout: ["queue"]
} as const
const retries = ["initialInterval", "backoffCoefficient", "maximumInterval", "maximumAttempts"] as const

const modelled = (table: Routing.RoutingTable, leaf: typeof leaves[number], handle: string | undefined) => {
  const route = table.activities[leaf]
  const isRouted = Object.keys(table.activities).length > 0
  const candidates: Array<readonly [string, Routing.QueueOrigin]> = []
  if (isRouted && handle !== undefined && route?.byHandle[handle] !== undefined) {
    candidates.push([route.byHandle[handle], "by_handle"])
  }
  if (isRouted && route?.default !== undefined) candidates.push([route.default, "route"])
  if (isRouted) candidates.push([table.defaultQueue, "default_task_queue"])
  const [queue] = candidates
  const layers: Record<Routing.Origin, Routing.DispatchOptions> = {
    baseline: table.baseline,
    queue: table.queues[queue?.[0] ?? table.defaultQueue] ?? {},
    handle: (handle === undefined ? undefined : route?.handleOptions[handle]) ?? {}
  }
  const last = (said: ReadonlyArray<readonly [Routing.Origin, unknown]>) => {
    const found = said.findLast(([, value]) => value !== undefined)
    return found === undefined ? undefined : { value: found[1], from: found[0] }
  }
  const options = {
    ...Object.fromEntries(
      Object.entries(scalars).map(([key, from]) => [
        key,
        last(from.map((layer) => [layer, layers[layer][key as keyof typeof scalars]]))
      ])
    ),
    ...Object.fromEntries(
      retries.map((key) => [
        key,
        last((["baseline", "queue", "handle"] as const).map((layer) => [layer, layers[layer].retry?.[key]]))
      ])
    )
  }
  const names = new Map<string, Routing.Origin>()
  for (const layer of ["baseline", "queue", "handle"] as const) {
    for (const name of layers[layer].retry?.nonRetryableErrorTypes ?? []) {
      if (!names.has(name)) names.set(name, layer)
    }
  }
  return { queue, options, names }
}

const defined = (record: object) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))

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
    [Table, Called],
    ([written, handle]) => {
      const table = tableOf(written)
      for (const leaf of leaves) {
        const { names, options, queue } = modelled(table, leaf, handle)
        const valueOf = (key: string) => (options[key] as { readonly value: unknown } | undefined)?.value
        const resolved = Routing.resolve(table, leaf, handle)
        assert.deepStrictEqual(resolved, {
          ...(queue === undefined ? {} : { queue: queue[0] }),
          options: {
            ...defined(Object.fromEntries(Object.keys(scalars).map((key) => [key, valueOf(key)]))),
            retry: {
              ...Object.fromEntries(retries.map((key) => [key, valueOf(key)])),
              nonRetryableErrorTypes: Array.from(names.keys())
            }
          }
        } as unknown as Routing.Dispatch)
      }
    }
  )

  it.prop("explains each option of a dispatch by the last layer that says it", [Table, Called], ([written, handle]) => {
    const table = tableOf(written)
    for (const leaf of leaves) {
      const { names, options, queue } = modelled(table, leaf, handle)
      const explained = Routing.explain(table, leaf, handle, ratesOf(written))
      const rate = ratesOf(written)[queue?.[0] ?? "home"]
      assert.deepStrictEqual({ ...explained }, {
        queue: queue === undefined ? { from: "workflow" } : { value: queue[0], from: queue[1] },
        ...defined(options),
        nonRetryableErrorTypes: Array.from(names, ([value, from]) => ({ value, from })),
        ...(rate === undefined ? {} : { rate: { value: rate, from: "queue" } })
      } as unknown as Routing.Explained)
    }
  })

  it.prop("explains what it resolves", [Table, Called], ([written, handle]) => {
    const table = tableOf(written)
    for (const leaf of leaves) {
      const { nonRetryableErrorTypes, queue, rate: _, ...said } = Routing.explain(table, leaf, handle)
      const { options: { retry, ...timeouts }, queue: resolved } = Routing.resolve(table, leaf, handle)
      assert.strictEqual(queue.value, resolved)
      assert.deepStrictEqual(
        Object.fromEntries(Object.entries(said).map(([key, { value }]) => [key, value])),
        {
          ...timeouts,
          ...Object.fromEntries(retries.map((key) => [key, retry[key]]))
        }
      )
      assert.deepStrictEqual(nonRetryableErrorTypes.map(({ value }) => value), Array.from(retry.nonRetryableErrorTypes))
    }
  })

  it.prop("keeps every name of the baseline, in its order, and adds the others once", [Table, Handle], ([
    written,
    handle
  ]) => {
    const { baseline } = Routing.defaults
    const { nonRetryableErrorTypes: names } =
      Routing.resolve(tableOf(written), "act_llm_gen_text", handle).options.retry
    assert.deepStrictEqual(
      names.slice(0, baseline.retry.nonRetryableErrorTypes.length),
      Array.from(baseline.retry.nonRetryableErrorTypes)
    )
    assert.strictEqual(new Set(names).size, names.length)
  })

  it("takes no route from the prototype of a table", () => {
    const table = tableOf({
      isRouted: true,
      hasHeartbeat: true,
      byHandle: {},
      handleOptions: {},
      queues: {},
      rates: {}
    })
    for (const name of ["constructor", "toString", "__proto__"]) {
      assert.deepStrictEqual(Routing.resolve(table, "act_llm_gen_text", name), {
        queue: "home",
        options: Routing.defaults.baseline
      })
    }
  })

  it("tells a dispatch in one line: queue, time, attempts and beat, each with its layer", () => {
    const table: Routing.RoutingTable = {
      ...Routing.defaults,
      activities: {
        act_llm_gen_text: {
          byHandle: { "claude-large": "anthropic_q" },
          handleOptions: { "claude-large": { startToCloseTimeout: 1_800_000 } }
        }
      },
      queues: { anthropic_q: { heartbeatTimeout: 90_000 } }
    }
    assert.strictEqual(
      Routing.told(table, "act_llm_gen_text", "claude-large"),
      "dispatch act_llm_gen_text · claude-large: queue=anthropic_q (by_handle), start_to_close=30m (handle), " +
        "attempts=3 (baseline), heartbeat=90s (queue)"
    )
    assert.include(Routing.told(Routing.defaults, "act_func", undefined), "act_func: queue=that of the run (workflow)")
  })

  it.prop("writes a length of time as the configuration reads it", [
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2_000_000_000 }))
  ], ([millis]) => {
    assert.strictEqual(Span.parse(Routing.span(millis)), millis)
  })
})
