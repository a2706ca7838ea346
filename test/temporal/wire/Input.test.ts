import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Crate from "../../../src/library/Crate.ts"
import * as Input from "../../../src/temporal/wire/Input.ts"
import { compose, library, llm, pipe, sequence } from "../../library/Fixture.ts"
import { callOf, common } from "../workflow/Durable.ts"

const method = library([
  "[concept.Note]\ndescription = \"A note\"\nrefines = \"Text\"\n",
  "[concept.Unused]\ndescription = \"Unused\"\nrefines = \"Text\"\n",
  llm("one", { topic: "Text" }),
  llm("each", { item: "Text" }),
  compose("unused", { topic: "Text" }, "$topic"),
  sequence("go", { topic: "Text", list: "Text[]", extra: "Text" }, "Text", [
    { pipe: "each", batch_over: "list", batch_as: "item", result: "made" },
    { from: "extra", result: "kept" },
    { pipe: "one", result: "end" }
  ])
].join("\n"))

const { pipe: send } = Input.sender(method, { common, crateDigest: "0" })
const call = callOf(method, "d.go", {
  topic: { concept: "d.Note", content: { text: "t" } },
  list: ["a", "b"],
  extra: "e"
})

describe("the input of a workflow", () => {
  it("holds the part of the method that its pipe reaches", () => {
    assert.sameMembers(Object.keys(send(call).crate.pipes), ["d.go", "d.each", "d.one"])
    assert.deepStrictEqual(Object.keys(send({ ...call, ref: "d.one" }).crate.pipes), ["d.one"])
  })

  it("holds the concepts of the values that are sent, though no pipe names them, and no others", () => {
    assert.deepStrictEqual(send({ ...call, ref: "d.one" }).crate.concepts.map(({ ref }) => ref), ["d.Note"])
    assert.deepStrictEqual(send({ ...call, ref: "d.each" }).crate.concepts, [])
  })

  it("holds the contents that its pipes may read: inputs, lists run over, values bound", () => {
    const sent = (ref: string) =>
      send({ ...call, ref }).memory.stuffs.flatMap(([name, stuff]) => stuff.content === undefined ? [] : [name])
    assert.sameMembers(sent("d.go"), ["topic", "list", "extra"])
    assert.sameMembers(sent("d.one"), ["topic"])
    assert.sameMembers(sent("d.each"), [])
  })

  it("names everything as read where a function is reached", () => {
    const func = library(pipe("call", "PipeFunc", { output: "Text", function_name: "a.b" }), { functions: ["a.b"] })
    assert.isUndefined(Input.reads(Crate.of(func)))
  })

  it("becomes the call that it was made of", () => {
    const { result, ...rest } = call
    const opened = Result.getOrThrow(
      Input.open(JSON.parse(JSON.stringify(send({ ...rest, result: "x", multiplicity: 2 }))))
    )
    const { method: compiled, ...back } = opened.call
    assert.deepStrictEqual(back, {
      ref: call.ref,
      memory: call.memory,
      path: call.path,
      scope: call.scope,
      result: "x",
      multiplicity: 2
    })
    assert.strictEqual(compiled.pipe("d.go")?.code, "go")
    assert.isUndefined(result)
  })

  it("is refused when another version made it, with a word on what to do", () => {
    const opened = Input.open({ ...send(call), version: 2 })
    const failure = Result.getOrThrow(Result.flip(opened))
    assert.strictEqual(failure.code, "runtime.unsupported")
    assert.include(failure.message, "version 2")
    assert.include(failure.suggestedAction.detail, "version 1")
  })
})
