import { assert, describe, it } from "@effect/vitest"
import { fail, PipeFailure } from "../../../src/failure/PipeFailure.ts"
import * as Reason from "../../../src/failure/Reason.ts"
import { none } from "../../../src/failure/Usage.ts"
import * as PipePath from "../../../src/program/PipePath.ts"
import type { RunEvent } from "../../../src/program/RunEvents.ts"
import * as EventReader from "../../../src/temporal/wire/EventReader.ts"
import * as Events from "../../../src/temporal/wire/Events.ts"
import * as Packed from "../../../src/temporal/wire/Packed.ts"
import type { SentEvent } from "../../../src/temporal/wire/Payload.ts"

const path = PipePath.child(PipePath.entry({ code: "go", ref: "d.go" }), { code: "one", ref: "d.one" }, 2)
const stuff = { name: "topic", code: "abcde", concept: "native.Text", plural: false }
const ofPipe = { path, pipe: "one", type: "PipeLLM" }
const ofLeaf = { path: "go/2-one#0", leaf: "act_llm_gen_text", pipe: "one", model: "writer" } as const
const usage = { ...none, requests: 3, units: { input: 5 } }
const failure = new PipeFailure({
  reason: new Reason.ProviderUnavailable({ model: "writer" }),
  location: { pipe: "one" },
  usage
})

const events: ReadonlyArray<RunEvent> = [
  { _tag: "PipeStarted", ...ofPipe, description: "d", domain: "d", output: "Text", inputs: [stuff] },
  { _tag: "PipeFinished", ...ofPipe, output: stuff, skipped: false },
  { _tag: "PipeFinished", ...ofPipe, output: undefined, skipped: true },
  { _tag: "PipeFailed", ...ofPipe, failure: fail(new Reason.ConditionRefused({}), { pipe: "one" }) },
  { _tag: "LeafStarted", ...ofLeaf },
  { _tag: "LeafStarted", ...ofLeaf, model: undefined },
  { _tag: "LeafFinished", ...ofLeaf, usage },
  { _tag: "LeafFailed", ...ofLeaf, failure },
  { _tag: "Retry", path: ofLeaf.path, attempt: 1, of: 2, delaySeconds: 0.5, why: "busy" },
  { _tag: "BatchStarted", path, items: 3 },
  { _tag: "ItemFinished", path, index: 1, items: 3 },
  { _tag: "ItemFinished", path, index: 2, items: 3, failure: fail(new Reason.ConditionRefused({}), { pipe: "one" }) }
]

const crossing = (sent: unknown): unknown => JSON.parse(JSON.stringify(sent))
const crossed = (event: RunEvent): unknown => JSON.parse(JSON.stringify(Events.encode(event)))

describe("run events between workflows and submitter", () => {
  it.each(events.map((event) => [event._tag, event] as const))("a %s arrives as it was", (_, event) => {
    assert.deepStrictEqual(EventReader.decode(crossed(event)), event)
  })

  it("tell once what a failed leaf consumed", () => {
    assert.notInclude(JSON.stringify(Events.encode({ _tag: "PipeFailed", ...ofPipe, failure })), "requests")
  })

  it("are left out when they are not understood", () => {
    assert.isUndefined(EventReader.decode({ _tag: "Unheard", path: "x" }))
    assert.isUndefined(
      EventReader.decode({ ...Events.encode(events[4] ?? { _tag: "BatchStarted", path, items: 1 }), leaf: "act_other" })
    )
  })

  it("are told in the order of their time, and of their workflow where it is the same", () => {
    const sent = [[2, 1], [1, 2], [2, 3], [1, 4]].map(([at = 0, items = 0]) => ({
      at,
      event: Events.encode({ _tag: "BatchStarted", path, items })
    }))
    const order = EventReader.timed(sent).map(({ event }) => event._tag === "BatchStarted" ? event.items : 0)
    assert.deepStrictEqual(order, [2, 4, 1, 3])
  })

  it("are small in a block, and blocks of others are handed on as they came", () => {
    const sent = Array.from({ length: 20 }, () => events).flat().map((event) => ({
      at: 1,
      event: Events.encode(event)
    }))
    const [block = "", ...rest] = Packed.pack([...sent, "other"])
    assert.deepStrictEqual(rest, ["other"])
    assert.isBelow(block.length * 10, JSON.stringify(sent).length)
    assert.deepStrictEqual(crossing(Packed.unpack([block])), crossing(sent))
    assert.deepStrictEqual(Packed.unpack(["no block", "", "####", 7, {}]), [])
  })

  it("travel with a failure while they are few; of many, those that cost something do", () => {
    const few = events.map((event) => ({ at: 1, event: Events.encode(event) }))
    assert.deepStrictEqual(crossing(Packed.unpack(Events.ofFailure(few))), crossing(few))
    let state = 1
    const noise = () => {
      state = Math.imul(state, 1_103_515_245) + 12_345
      return `model-${state >>> 0}`
    }
    const noisy = ({ at, event }: SentEvent): SentEvent => ({ at, event: { ...event, model: noise() } })
    const many = Array.from({ length: 2000 }, () => few).flat().map(noisy)
    const kept = Events.ofFailure(many)
    assert.isAtMost(JSON.stringify(kept).length, 51_000)
    assert.deepStrictEqual(
      new Set(Packed.unpack(kept).map(({ event }) => event._tag)),
      new Set(["LeafFinished", "LeafFailed"])
    )
  })

  it("are of an item, where they are of a batch", () => {
    const at = (event: RunEvent, depth: number) => Events.itemOf(Events.encode(event), depth)
    assert.deepStrictEqual(events.map((event) => at(event, 1)), [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 2])
    assert.isUndefined(at({ _tag: "BatchStarted", path, items: 1 }, 2))
    assert.isUndefined(at({ _tag: "LeafStarted", ...ofLeaf }, 2))
  })

  it("are found beside the report of whatever error carries them", () => {
    const sent = [{ at: 1, event: Events.encode({ _tag: "BatchStarted", path, items: 1 }) }]
    assert.deepStrictEqual(Events.carried({ cause: { details: [{}, { events: sent }] } }), sent)
    assert.deepStrictEqual(Events.carried(new Error("other")), [])
  })
})
