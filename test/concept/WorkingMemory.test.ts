import { assert, describe, it } from "@effect/vitest"
import type { Stuff } from "../../src/concept/Stuff.ts"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"

const text = (name: string, value = name): Stuff => ({
  code: `c_${value}`,
  name,
  concept: "native.Text",
  plural: false,
  content: { text: value }
})

const absent = (variable: string): WorkingMemory.Absence => ({ variable, kind: "skipped", reason: "no input" })

const shown = (memory: WorkingMemory.WorkingMemory, name: string) =>
  WorkingMemory.get(memory, name)?.content["text"] ?? WorkingMemory.absence(memory, name)?.kind

describe("working memory", () => {
  it("finds a name in its root, then through an alias, then nowhere", () => {
    const memory = WorkingMemory.alias(WorkingMemory.make([text("a")]), "b", "a")
    assert.strictEqual(shown(memory, "a"), "a")
    assert.strictEqual(shown(memory, "b"), "a")
    assert.isUndefined(shown(memory, "c"))
    const shadowed = WorkingMemory.put(memory, text("b", "own"))
    assert.strictEqual(shown(shadowed, "b"), "own")
  })

  it("stores a result under its name, with main_stuff as its alias", () => {
    const memory = WorkingMemory.store(WorkingMemory.make([text("a")]), text("answer"), "answer")
    assert.strictEqual(shown(memory, "answer"), "answer")
    assert.strictEqual(shown(memory, WorkingMemory.main), "answer")
    assert.isFalse(memory.root.has(WorkingMemory.main))
    assert.deepStrictEqual(Array.from(memory.aliases), [["main_stuff", "answer"]])
  })

  it("stores a result without a name as main_stuff itself, which no alias then hides", () => {
    const named = WorkingMemory.store(WorkingMemory.empty, text("answer"), "answer")
    const memory = WorkingMemory.store(named, text("text", "last"), undefined)
    assert.strictEqual(shown(memory, WorkingMemory.main), "last")
    assert.strictEqual(shown(memory, "answer"), "answer")
    assert.isFalse(memory.aliases.has(WorkingMemory.main))
    const next = WorkingMemory.store(memory, text("third"), "third")
    assert.isFalse(next.root.has(WorkingMemory.main))
    assert.strictEqual(shown(next, WorkingMemory.main), "third")
  })

  it("replaces what a name held, an alias of that name included", () => {
    const memory = WorkingMemory.alias(WorkingMemory.make([text("a")]), "b", "a")
    assert.strictEqual(shown(WorkingMemory.store(memory, text("b", "new"), "b"), "b"), "new")
  })

  it("holds a value or the reason there is none, never both", () => {
    const gone = WorkingMemory.putAbsence(WorkingMemory.make([text("a")]), "a", absent("a"))
    assert.strictEqual(shown(gone, "a"), "skipped")
    assert.isFalse(gone.root.has("a"))
    for (const back of [WorkingMemory.put(gone, text("a")), WorkingMemory.store(gone, text("a"), "a")]) {
      assert.strictEqual(shown(back, "a"), "a")
      assert.isUndefined(WorkingMemory.absence(back, "a"))
    }
  })

  it("forgets that the main stuff was absent once a result is stored", () => {
    const gone = WorkingMemory.putAbsence(WorkingMemory.empty, WorkingMemory.main, absent("x"))
    assert.isUndefined(WorkingMemory.absence(WorkingMemory.store(gone, text("a"), "a"), WorkingMemory.main))
  })

  it("is never changed: every operation gives a new one", () => {
    const memory = WorkingMemory.make([text("a")], [absent("b")])
    const before = JSON.stringify(WorkingMemory.toJson(memory))
    WorkingMemory.store(memory, text("a", "other"), "a")
    WorkingMemory.put(memory, text("b"))
    WorkingMemory.putAbsence(memory, "a", absent("a"))
    WorkingMemory.alias(memory, "main_stuff", "a")
    assert.strictEqual(JSON.stringify(WorkingMemory.toJson(memory)), before)
  })

  it("is written with its root, aliases and absences, and the whole chain of an absence", () => {
    const upstream: WorkingMemory.Absence = { variable: "opt", kind: "not_provided", reason: "not given" }
    const chained = { ...absent("card"), producer: "make_card", upstream }
    const memory = WorkingMemory.putAbsence(WorkingMemory.store(WorkingMemory.empty, text("a"), "a"), "card", chained)
    assert.deepStrictEqual(WorkingMemory.toJson(memory), {
      root: { a: { stuff_code: "c_a", stuff_name: "a", concept: "native.Text", content: { text: "a" } } },
      aliases: { main_stuff: "a" },
      absences: {
        card: {
          variable_name: "card",
          kind: "skipped",
          reason: "no input",
          producing_pipe: "make_card",
          upstream: {
            variable_name: "opt",
            kind: "not_provided",
            reason: "not given",
            producing_pipe: null,
            upstream: null
          }
        }
      }
    })
  })

  it("takes any name for a plain one", () => {
    assert.isUndefined(WorkingMemory.get(WorkingMemory.empty, "constructor"))
    assert.isUndefined(WorkingMemory.absence(WorkingMemory.empty, "__proto__"))
    const memory = WorkingMemory.store(WorkingMemory.empty, text("__proto__", "x"), "__proto__")
    assert.deepStrictEqual(Object.keys(Object(WorkingMemory.toJson(memory)["root"])), ["__proto__"])
  })
})
