import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Concept from "../../src/concept/Authoring.ts"
import * as Direct from "../../src/direct/Direct.ts"
import * as Recorded from "../../src/direct/Recorded.ts"
import * as Crate from "../../src/library/Crate.ts"
import * as Pipe from "../../src/pipe/Composed.ts"
import { defaults } from "../../src/program/Settings.ts"
import { byPipe, library, models, recording } from "../library/Fixture.ts"

const Person = Concept.make(
  "crew.Person",
  Schema.Struct({
    name: Schema.String.annotate({ description: "Full name" }),
    age: Schema.optionalKey(Schema.Int.annotate({ description: "Age" })),
    rank: Schema.Literals(["mate", "captain"]).annotate({ description: "Rank" })
  }),
  "A person"
)
const Crew = Concept.make(
  "crew.Crew",
  Schema.Struct({
    first: Person,
    note: Concept.Text
  }),
  "A crew"
)

const find = Pipe.llm("crew.find", {
  description: "find",
  inputs: { place: Concept.Text },
  output: Person,
  prompt: "Who is in $place?",
  model: "writer"
})
const describe1 = Pipe.compose("crew.describe", {
  description: "describe",
  inputs: { person: Person },
  output: Concept.Text,
  template: "{{ person.name }} ({{ person.rank }})"
})
const tell = Pipe.sequence("crew.tell", { place: Concept.Text }, { description: "tell" })
  .step("person", find)
  .step("told", describe1)
  .end()
const all = Pipe.batch("crew.all", { description: "all", over: "people", as: "person", branch: describe1 })
const note = Pipe.llm("crew.note", { inputs: { place: Concept.Text }, output: Concept.Text, prompt: "$place" })
const both = Pipe.parallel("crew.both", { branches: { first: find, note }, output: Crew })
const route = Pipe.condition("crew.route", {
  description: "route",
  inputs: { person: Person },
  expression: "person.rank",
  outcomes: { captain: describe1 },
  otherwise: "fail"
})

const file = `domain = "crew"
[concept.Person]
description = "A person"
[concept.Person.structure]
name = { type = "text", description = "Full name", required = true }
age = { type = "integer", description = "Age" }
rank = { type = "text", choices = ["mate", "captain"], description = "Rank", required = true }

[pipe.find]
type = "PipeLLM"
description = "find"
inputs = { place = "native.Text" }
output = "crew.Person"
prompt = "Who is in $place?"
model = "writer"

[pipe.describe]
type = "PipeCompose"
description = "describe"
inputs = { person = "crew.Person" }
output = "native.Text"
template = "{{ person.name }} ({{ person.rank }})"

[pipe.tell]
type = "PipeSequence"
description = "tell"
inputs = { place = "native.Text" }
output = "native.Text"
steps = [{ pipe = "crew.find", result = "person" }, { pipe = "crew.describe", result = "told" }]

[pipe.all]
type = "PipeBatch"
description = "all"
inputs = { people = "crew.Person[]" }
output = "native.Text[]"
branch_pipe_code = "crew.describe"
input_list_name = "people"
input_item_name = "person"

[pipe.route]
type = "PipeCondition"
description = "route"
inputs = { person = "crew.Person" }
output = "native.Text"
expression = "person.rank"
outcomes = { captain = "crew.describe" }
default_outcome = "fail"
`

const ann = { name: "Ann", rank: "captain" } as const
const answers = byPipe({ find: ann, note: "a note" })
const recorded = (answer: Recorded.Answer = answers) => Recorded.layer({ answer }, { models })

describe("a composed pipe", () => {
  it("is the pipe that a file of the same content holds", () => {
    const read = library(file)
    const plain = (value: unknown) => JSON.parse(JSON.stringify(value))
    for (const pipe of [find, describe1, tell, all, route]) {
      const crate = Crate.of(read, [pipe.ref])
      assert.deepStrictEqual(plain(pipe.crate.pipes), plain(crate.pipes))
      assert.deepStrictEqual(plain(pipe.crate.concepts), plain(crate.concepts))
    }
  })

  it.effect("answers a value of its output's type", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* find({ place: { text: "port" } }), ann)
      assert.deepStrictEqual(yield* tell({ place: { text: "port" } }), { text: "Ann (captain)" })
      assert.deepStrictEqual(yield* all({ people: [ann, { name: "Bob", age: 3, rank: "mate" }] }), [
        { text: "Ann (captain)" },
        { text: "Bob (mate)" }
      ])
      assert.deepStrictEqual(yield* both({ place: { text: "port" } }), { first: ann, note: { text: "a note" } })
      assert.deepStrictEqual(yield* route({ person: ann }), { text: "Ann (captain)" })
    }).pipe(Effect.provide(recorded())))

  it.effect("fails as any pipe fails, with its place", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(tell({ place: { text: "port" } }))
      assert.strictEqual(failure.code, "model.output_schema_mismatch")
      assert.deepStrictEqual(failure.location, { pipe: "find", path: ["tell", "find"] })
      const refused = yield* Effect.flip(route({ person: { name: "Bob", rank: "mate" } }))
      assert.strictEqual(refused.code, "pipe.condition_refused")
    }).pipe(Effect.provide(recorded(byPipe({ find: { name: 1 } })))))

  it.effect("refuses an input that does not fit, before anything runs", () =>
    Effect.gen(function*() {
      const { answer, sent } = recording()
      const attempt = Effect.provide(find({ place: { text: 3 } as never }), recorded(answer))
      const failure = yield* Effect.flip(attempt)
      assert.strictEqual(failure.code, "input.invalid")
      assert.strictEqual(failure.location.input, "place")
      assert.lengthOf(sent, 0)
    }))

  it.effect("whose template reads what it does not declare is an invalid method when it is run", () =>
    Effect.gen(function*() {
      const wrong = Pipe.llm("crew.wrong", { inputs: { place: Concept.Text }, output: Concept.Text, prompt: "$plaice" })
      const failure = yield* Effect.flip(Effect.provide(wrong({ place: { text: "x" } }), recorded()))
      assert.strictEqual(failure.code, "method.invalid")
      assert.include(failure.message, "plaice")
    }))

  it.effect("is part of any Effect program, several at the same time", () =>
    Effect.gen(function*() {
      const places = Array.from({ length: 20 }, (_, index) => ({ place: { text: `p${index}` } }))
      const people = yield* Effect.forEach(places, find, { concurrency: "unbounded" })
      assert.lengthOf(people, 20)
    }).pipe(Effect.provide(recorded())))

  it.effect("runs in process on the simulated model, and says so", () =>
    Effect.gen(function*() {
      const say = Pipe.llm("crew.say", { inputs: { place: Concept.Text }, output: Concept.Text, prompt: "$place" })
      const said = yield* say({ place: { text: "x" } })
      assert.include(said.text, "[simulated]")
      const person = yield* find({ place: { text: "x" } })
      assert.deepStrictEqual(person, { name: "simulated name", age: 1, rank: "mate" })
      const shout = Pipe.func("crew.shout", {
        inputs: { place: Concept.Text },
        output: Concept.Text,
        function: "lib.shout"
      })
      assert.deepStrictEqual(yield* shout({ place: { text: "x" } }), { text: "x!" })
    }).pipe(
      Effect.provide(Direct.layerWith({
        models,
        settings: defaults,
        storage: "memory",
        functions: { "lib.shout": (memory) => `${(memory["place"]?.content as { readonly text: string }).text}!` }
      }))
    ))

  it("cannot be written without steps or outcomes", () => {
    assert.throws(() => Pipe.sequence("crew.none", {}).end(), TypeError)
    assert.throws(
      () => Pipe.condition("crew.none", { inputs: {}, expression: "x", outcomes: {}, otherwise: "fail" }),
      TypeError
    )
  })
})
