import { assert, describe, it } from "@effect/vitest"
import type { Stuff } from "../../../src/concept/Stuff.ts"
import * as WorkingMemory from "../../../src/concept/WorkingMemory.ts"
import * as Memory from "../../../src/temporal/wire/Memory.ts"

const text = (name: string, said = name): Stuff => ({
  code: `code-${name}`,
  name,
  concept: "native.Text",
  plural: false,
  content: { text: said }
})

/** As it is after it has crossed. */
const crossed = <A>(value: A): A => JSON.parse(JSON.stringify(value)) as A

const base = WorkingMemory.alias(
  WorkingMemory.putAbsence(
    WorkingMemory.store(WorkingMemory.make([text("topic"), text("list")]), text("note"), undefined),
    "gone",
    { variable: "gone", kind: "skipped", reason: "\"topic\" is absent" }
  ),
  "other",
  "list"
)

describe("memory between workflows", () => {
  it("arrives whole when everything may be read, under the names it is stored by", () => {
    assert.deepStrictEqual(Memory.receive(crossed(Memory.send(base))), base)
  })

  it("leaves out the content of what is not read, and nothing else", () => {
    const received = Memory.receive(crossed(Memory.send(base, new Set(["topic"]))))
    assert.deepStrictEqual(Array.from(received.root.keys()), ["topic", "list", "main_stuff"])
    assert.deepStrictEqual(received.root.get("topic"), text("topic"))
    assert.strictEqual(received.root.get("list")?.concept, "native.Text")
    assert.notInclude(JSON.stringify(Memory.send(base, new Set(["topic"]))), "\"text\":\"list\"")
  })

  it("sends what is read by another name", () => {
    const received = Memory.receive(crossed(Memory.send(base, new Set(["other"]))))
    assert.deepStrictEqual(WorkingMemory.get(received, "other"), text("list"))
  })

  it("refuses to read what was not sent, and to give it back as something new", () => {
    const received = Memory.receive(Memory.send(base, new Set(["topic"])))
    assert.throws(() => received.root.get("list")?.content["text"], "the content of \"list\" was not sent")
    const list = received.root.get("list")
    const copied = list === undefined ? received : WorkingMemory.put(received, { ...list, name: "copy" })
    assert.throws(() => Memory.change(received, copied), "\"copy\"")
  })

  it("does not send on what itself was not sent", () => {
    const received = Memory.receive(Memory.send(base, new Set(["topic"])))
    const [, list] = Memory.send(received).stuffs[1] ?? []
    assert.notProperty(list, "content")
  })

  const changes: ReadonlyArray<
    readonly [what: string, change: (memory: WorkingMemory.WorkingMemory) => WorkingMemory.WorkingMemory]
  > = [
    ["nothing", (memory) => memory],
    ["a result with a name", (memory) => WorkingMemory.store(memory, text("end"), "end")],
    ["a result without a name", (memory) => WorkingMemory.store(memory, text("end"), undefined)],
    ["another value under a name", (memory) => WorkingMemory.store(memory, text("topic", "new"), "topic")],
    [
      "an absence",
      (memory) => WorkingMemory.putAbsence(memory, "topic", { variable: "topic", kind: "declared_absent", reason: "r" })
    ],
    ["an alias", (memory) => WorkingMemory.alias(memory, "list", "topic")]
  ]
  it.each(changes)("gives back %s, so that the caller's memory is the one it would have made itself", (_, change) => {
    const received = Memory.receive(crossed(Memory.send(base, new Set(["topic"]))))
    const back = crossed(Memory.change(received, change(received)))
    const applied = Memory.apply(base, back)
    assert.deepStrictEqual(applied, change(base))
    assert.deepStrictEqual(Array.from(applied.root.keys()), Array.from(change(base).root.keys()))
  })
})
