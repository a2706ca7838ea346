import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import { type RunEvent, RunEvents } from "../../src/program/RunEvents.ts"
import { byPipe, compose, content, library, llm, pipe, recording, run, sequence } from "../library/Fixture.ts"

const maybe = pipe("maybe", "PipeCondition", {
  inputs: { topic: "Text" },
  output: "Text?",
  expression: "topic.text",
  outcomes: { go: "make" },
  default_outcome: "continue"
})
const make = compose("make", { topic: "Text" }, "made $topic")

/** A sequence whose first result may be absent, read by a pipe with this marker. */
const reading = (marker: string, template = "got $got", output = "Text?") =>
  library([
    make,
    maybe,
    compose("use", { got: `Text${marker}` }, template),
    sequence("go", { topic: "Text" }, output, [{ pipe: "maybe", result: "got" }, { pipe: "use", result: "used" }])
  ].join("\n"))

describe("the presence of inputs", () => {
  it.effect("skips a pipe whose plain input is absent, and records why", () =>
    Effect.gen(function*() {
      const memory = yield* run(reading(""), "d.go", { topic: "no" })
      const absence = WorkingMemory.absence(memory, "used")
      assert.strictEqual(absence?.kind, "skipped")
      assert.strictEqual(absence?.producer, "use")
      assert.strictEqual(absence?.upstream?.kind, "declared_absent")
      assert.strictEqual(absence?.upstream?.variable, "got")
      assert.isUndefined(content(memory))
    }))

  it.effect("runs it when the input is there after all", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(content(yield* run(reading(""), "d.go", { topic: "go" })), { text: "got made go" })
    }))

  it.effect("runs without an optional input that is absent", () =>
    Effect.gen(function*() {
      const method = reading("?", "{% if got %}got $got{% else %}nothing{% endif %}", "Text")
      assert.deepStrictEqual(content(yield* run(method, "d.go", { topic: "no" })), { text: "nothing" })
      assert.deepStrictEqual(content(yield* run(method, "d.go", { topic: "go" })), { text: "got made go" })
    }))

  it.effect("fails on a forced input that is absent, with the chain of reasons", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(run(reading("!", "got $got", "Text"), "d.go", { topic: "no" }))
      assert.strictEqual(failure.code, "pipe.forced_input_absent")
      assert.deepStrictEqual(failure.location, { pipe: "use", path: ["go", "use"] })
      assert.include(failure.message, "continue")
    }))

  it.effect("names every missing input of the entry pipe", () =>
    Effect.gen(function*() {
      const method = library(llm("think", { a: "Text", b: "Text", c: "Text?" }))
      const failure = yield* Effect.flip(run(method, "d.think", {}))
      assert.strictEqual(failure.code, "input.missing")
      assert.deepStrictEqual("inputs" in failure.reason ? failure.reason.inputs : [], ["a", "b"])
      assert.strictEqual(failure.location.input, "a")
    }))

  it.effect("runs the entry pipe without the optional input that was not given", () =>
    Effect.gen(function*() {
      const { answer, prompts } = recording()
      const memory = yield* run(library(llm("think", { a: "Text", c: "Text?" })), "d.think", { a: "x" }, { answer })
      assert.deepStrictEqual(prompts(), ["x \n"])
      assert.strictEqual(WorkingMemory.absence(memory, "c")?.kind, "not_provided")
    }))

  it.effect("skips the entry pipe's first step, and all that depend on it, down a chain", () =>
    Effect.gen(function*() {
      const { answer, sent } = recording()
      const method = library([
        llm("first", { a: "Text" }),
        llm("second", { b: "Text" }),
        llm("third", { c: "Text", topic: "Text" }),
        sequence("go", { a: "Text?", topic: "Text" }, "Text?", [
          { pipe: "first", result: "b" },
          { pipe: "second", result: "c" },
          { pipe: "third", result: "d" }
        ])
      ].join("\n"))
      const memory = yield* run(method, "d.go", { topic: "t" }, { answer })
      assert.lengthOf(sent, 0)
      const absence = WorkingMemory.absence(memory, "d")
      assert.strictEqual(absence?.upstream?.upstream?.upstream?.kind, "not_provided")
    }))

  it.effect("makes the list of a skipped pipe an empty list beside the record", () =>
    Effect.gen(function*() {
      const method = library([
        llm("split", { a: "Text" }, "Text[]"),
        compose("count", { parts: "Text[]" }, "{{ parts|length }}"),
        sequence("go", { a: "Text?" }, "Text", [{ pipe: "split", result: "parts" }, { pipe: "count", result: "n" }])
      ].join("\n"))
      const memory = yield* run(method, "d.go")
      assert.deepStrictEqual(content(memory, "parts"), { items: [] })
      assert.strictEqual(WorkingMemory.absence(memory, "parts")?.kind, "skipped")
      assert.deepStrictEqual(content(memory), { text: "0" })
    }))

  it.effect("records every result of a skipped sequence", () =>
    Effect.gen(function*() {
      const method = library([
        compose("one", { a: "Text" }, "$a"),
        llm("split", { a: "Text" }, "Text[]"),
        compose("count", { parts: "Text[]", b: "Text" }, "{{ parts|length }}{{ b }}"),
        sequence("inner", { a: "Text" }, "Text", [
          { pipe: "one", result: "b" },
          { pipe: "split", result: "parts" },
          { pipe: "count", result: "n" }
        ]),
        sequence("go", { a: "Text?" }, "Text?", [{ pipe: "inner", result: "out" }])
      ].join("\n"))
      const memory = yield* run(method, "d.go")
      assert.deepStrictEqual(
        ["out", "b", "n"].map((name) => WorkingMemory.absence(memory, name)?.kind),
        ["skipped", "skipped", "skipped"]
      )
      assert.deepStrictEqual(content(memory, "parts"), { items: [] })
    }))

  it.effect("clears the record when a value is stored under the name", () =>
    Effect.gen(function*() {
      const method = library([
        make,
        maybe,
        sequence("go", { topic: "Text" }, "Text", [{ pipe: "maybe", result: "got" }, { pipe: "make", result: "got" }])
      ].join("\n"))
      const memory = yield* run(method, "d.go", { topic: "no" })
      assert.deepStrictEqual(content(memory, "got"), { text: "made no" })
      assert.strictEqual(memory.absences.size, 0)
    }))
})

describe("the depth of pipes", () => {
  const chain = (depth: number) =>
    library([
      ...Array.from({ length: depth - 1 }, (_, level) =>
        sequence(`s${level}`, { topic: "Text" }, "Text", [
          { pipe: level === depth - 2 ? "leaf" : `s${level + 1}`, result: "out" }
        ])),
      compose("leaf", { topic: "Text" }, "leaf $topic")
    ].join("\n"))

  it.effect("is twenty at most", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(content(yield* run(chain(20), "d.s0", { topic: "t" })), { text: "leaf t" })
      const failure = yield* Effect.flip(run(chain(21), "d.s0", { topic: "t" }))
      assert.strictEqual(failure.code, "pipe.stack_overflow")
      assert.strictEqual(failure.location.pipe, "leaf")
      assert.lengthOf(failure.location.path ?? [], 21)
    }))

  it.effect("ends a recursion", () =>
    Effect.gen(function*() {
      const method = library([
        compose("leaf", { topic: "Text" }, "leaf $topic"),
        sequence("again", { topic: "Text" }, "Text", [{ pipe: "leaf", result: "x" }, { pipe: "again", result: "out" }])
      ].join("\n"))
      const failure = yield* Effect.flip(run(method, "d.again", { topic: "t" }))
      assert.strictEqual(failure.code, "pipe.stack_overflow")
      assert.lengthOf(failure.location.path ?? [], 21)
    }))
})

describe("the events of a run", () => {
  it.effect("tell of every pipe and leaf in order, with places and no content", () =>
    Effect.gen(function*() {
      const events: Array<RunEvent> = []
      const method = library([
        llm("think", { topic: "Text" }),
        maybe,
        make,
        compose("use", { got: "Text" }, "$got"),
        sequence("go", { topic: "Text" }, "Text?", [
          { pipe: "think", result: "thought" },
          { pipe: "maybe", result: "got" },
          { pipe: "use", result: "used" }
        ])
      ].join("\n"))
      yield* run(method, "d.go", { topic: "secret-topic" }, { answer: byPipe({ think: "secret-answer" }) }).pipe(
        Effect.provideService(RunEvents, (event) => void events.push(event))
      )
      assert.deepStrictEqual(
        events.map((event) => `${event._tag} ${"pipe" in event ? event.pipe : ""}`),
        [
          "PipeStarted go",
          "PipeStarted think",
          "LeafStarted think",
          "LeafFinished think",
          "PipeFinished think",
          "PipeStarted maybe",
          "PipeFinished maybe",
          "PipeStarted use",
          "PipeFinished use",
          "PipeFinished go"
        ]
      )
      assert.notInclude(JSON.stringify(events), "secret")
      assert.deepStrictEqual(
        events.flatMap((event) => event._tag === "PipeFinished" ? [event.skipped] : []),
        [false, false, true, false]
      )
    }))

  it.effect("tell of a failed leaf and of each pipe around it", () =>
    Effect.gen(function*() {
      const events: Array<string> = []
      const method = library([
        "[concept.Idea]\ndescription = \"An idea\"\n[concept.Idea.structure]\ntitle = \"Title\"",
        llm("rate", { topic: "Text" }, "Idea"),
        sequence("go", { topic: "Text" }, "Idea", [{ pipe: "rate", result: "r" }])
      ].join("\n"))
      yield* Effect.flip(run(method, "d.go", { topic: "t" }, { answer: byPipe({ rate: 1 }) })).pipe(
        Effect.provideService(RunEvents, (event) => void events.push(event._tag))
      )
      assert.deepStrictEqual(events, [
        "PipeStarted",
        "PipeStarted",
        "LeafStarted",
        "LeafFailed",
        "PipeFailed",
        "PipeFailed"
      ])
    }))
})
