/** What the compiler knows of composed pipes. `tsc --noEmit` is what proves it; running this only shows that it loads. */
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Concept from "../../src/concept/Authoring.ts"
import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as Pipe from "../../src/pipe/Composed.ts"
import type { PipeRunner } from "../../src/program/PipeRunner.ts"

const Card = Concept.make("t.Card", Schema.Struct({ title: Schema.String, size: Schema.optionalKey(Schema.Int) }))
const Duo = Concept.make("t.Duo", Schema.Struct({ card: Card, word: Concept.Text }))

const draw = Pipe.llm("t.draw", { inputs: { topic: Concept.Text }, output: Card, prompt: "$topic" })
const list = Pipe.llm("t.list", { inputs: { topic: Concept.Text }, output: Concept.list(Card), prompt: "$topic" })
const show = Pipe.compose("t.show", { inputs: { card: Card }, output: Concept.Text, template: "{{ card.title }}" })
const count = Pipe.compose("t.count", {
  inputs: { cards: Concept.list(Card) },
  output: Concept.Text,
  template: "{{ cards|length }}"
})

type Run<A> = Effect.Effect<A, PipeFailure, PipeRunner>
type CardType = { readonly title: string; readonly size?: number }

describe("the types of composed pipes", () => {
  it("give what a pipe takes, answers, fails with and needs", () => {
    expectTypeOf(draw).parameters.toEqualTypeOf<[{ readonly topic: { readonly text: string } }]>()
    expectTypeOf(draw).returns.toEqualTypeOf<Run<CardType>>()
    expectTypeOf(list).returns.toEqualTypeOf<Run<ReadonlyArray<CardType>>>()
    expectTypeOf(draw.ref).toEqualTypeOf<string>()
  })

  it("refuse a wrong, missing or unknown input", () => {
    // @ts-expect-error the name is wrong
    assert.isDefined(() => draw({ topik: { text: "x" } }))
    // @ts-expect-error the type is wrong
    assert.isDefined(() => draw({ topic: { text: 3 } }))
    // @ts-expect-error a bare string is no Text
    assert.isDefined(() => draw({ topic: "x" }))
    // @ts-expect-error nothing is given
    assert.isDefined(() => draw({}))
    // @ts-expect-error one too many
    assert.isDefined(() => draw({ topic: { text: "x" }, more: 1 }))
  })

  it("know the memory of a sequence step by step", () => {
    const told = Pipe.sequence("t.told", { topic: Concept.Text }).step("card", draw).step("told", show).end()
    expectTypeOf(told).parameters.toEqualTypeOf<[{ readonly topic: { readonly text: string } }]>()
    expectTypeOf(told).returns.toEqualTypeOf<Run<{ readonly text: string }>>()
    // @ts-expect-error `card` is not in memory yet
    assert.isDefined(() => Pipe.sequence("t.a", { topic: Concept.Text }).step("told", show))
    // @ts-expect-error it is there under another name
    assert.isDefined(() => Pipe.sequence("t.b", { topic: Concept.Text }).step("kard", draw).step("told", show))
    // @ts-expect-error it is there and a list
    assert.isDefined(() => Pipe.sequence("t.c", { topic: Concept.Text }).step("card", list).step("told", show))
    // @ts-expect-error one card is no list
    assert.isDefined(() => Pipe.sequence("t.d", { topic: Concept.Text }).step("cards", draw).step("told", count))
    // @ts-expect-error an input was replaced by something else
    assert.isDefined(() => Pipe.sequence("t.e", { topic: Concept.Text }).step("topic", list).step("card", draw))
  })

  it("turn a branch's item into a list for a batch, and its output too", () => {
    const all = Pipe.batch("t.all", { over: "cards", as: "card", branch: show })
    expectTypeOf(all).returns.toEqualTypeOf<Run<ReadonlyArray<{ readonly text: string }>>>()
    assert.isDefined(() => all({ cards: [{ title: "x" }] }))
    // @ts-expect-error one is no list
    assert.isDefined(() => all({ cards: { title: "x" } }))
    // @ts-expect-error the item's own name is the branch's
    assert.isDefined(() => all({ card: [{ title: "x" }] }))
    // @ts-expect-error the branch has no such input
    assert.isDefined(() => Pipe.batch("t.not", { over: "cards", as: "kard", branch: show }))
  })

  it("tie the branches of a parallel to the fields of its output", () => {
    const word = Pipe.llm("t.word", { inputs: { place: Concept.Text }, output: Concept.Text, prompt: "$place" })
    const duo = Pipe.parallel("t.duo", { branches: { card: draw, word }, output: Duo })
    expectTypeOf(duo).returns.toEqualTypeOf<
      Run<{ readonly card: CardType; readonly word: { readonly text: string } }>
    >()
    assert.isDefined(() => duo({ topic: { text: "x" }, place: { text: "y" } }))
    // @ts-expect-error the other branch's input is missing
    assert.isDefined(() => duo({ topic: { text: "x" } }))
    // @ts-expect-error a field has another type
    assert.isDefined(() => Pipe.parallel("t.off", { branches: { card: word, word }, output: Duo }))
  })

  it("make the outcomes of a condition agree", () => {
    const route = Pipe.condition("t.route", {
      inputs: { card: Card },
      expression: "card.title",
      outcomes: { a: show },
      otherwise: show
    })
    expectTypeOf(route).returns.toEqualTypeOf<Run<{ readonly text: string }>>()
    assert.isDefined(() =>
      Pipe.condition("t.mixed", {
        inputs: { card: Card },
        expression: "card.title",
        outcomes: { a: show },
        // @ts-expect-error another output
        otherwise: list
      })
    )
  })
})
