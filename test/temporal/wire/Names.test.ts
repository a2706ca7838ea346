/** Names, ids and texts that are seen on a server. */
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as PipePath from "../../../src/program/PipePath.ts"
import * as Attributes from "../../../src/temporal/wire/Attributes.ts"
import * as Ids from "../../../src/temporal/wire/Ids.ts"
import * as Input from "../../../src/temporal/wire/Input.ts"
import { workflows } from "../../../src/temporal/wire/Names.ts"
import * as Path from "../../../src/temporal/wire/Path.ts"
import * as Texts from "../../../src/temporal/wire/Texts.ts"
import * as Workflows from "../../../src/temporal/workflow/Workflows.ts"
import { library, llm } from "../../library/Fixture.ts"
import { callOf, common } from "../workflow/Durable.ts"

const called = (code: string) => ({ code, ref: `d.${code}` })
const entry = PipePath.entry(called("seq"))
const batch = PipePath.child(entry, called("x_batch"), 1)
const item = PipePath.child(batch, called("x"), 3)

const input = Input.sender(library(llm("one", { topic: "Text" })), { common, crateDigest: "0123456789abcdef" }).pipe(
  callOf(library(llm("one", { topic: "Text" })), "d.one", { topic: "t" })
)

describe("paths", () => {
  it("are the same on both sides", () => {
    assert.deepStrictEqual(Path.decode(JSON.parse(JSON.stringify(Path.encode(item)))), item)
  })
})

describe("workflow types", () => {
  it("are exports of the code that workflows run", () => {
    assert.sameMembers(Object.keys(Workflows), Object.values(workflows))
  })
})

describe("ids of workflows", () => {
  it("tell the pipes below the parent with their indexes", () => {
    assert.strictEqual(Ids.child("run", entry, PipePath.child(entry, called("x"), 2)), "run_x-0002")
    assert.strictEqual(Ids.child("run", entry, item), "run_x_batch-0001_x-0003")
    assert.strictEqual(Ids.child("run_x", batch, item), "run_x_x-0003")
  })

  it.prop("are never longer than 200 bytes, and differ where their paths do", [
    Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(400)),
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1e6 }))
  ], ([code, index]) => {
    const id = (at: number) => Ids.child("run", entry, PipePath.child(entry, called(code), at))
    assert.isAtMost(Texts.size(id(index)), 200)
    assert.notStrictEqual(id(index), id(index + 1))
  })

  it("keep the end when the middle is cut out", () => {
    const long = Ids.child("r".repeat(300), entry, PipePath.child(entry, called("x"), 7))
    assert.match(long, /^r+_[0-9a-f]{16}_x-0007$/)
    assert.strictEqual(Texts.size(long), 200)
  })
})

describe("texts", () => {
  it.prop("are cut between characters, to so many bytes", [
    Schema.String,
    Schema.Int.check(Schema.isBetween({ minimum: 3, maximum: 40 }))
  ], ([text, most]) => {
    const cut = Texts.cut(text, most)
    assert.isAtMost(Texts.size(cut), most)
    if (Texts.size(text) <= most) assert.strictEqual(cut, text)
    else assert.isTrue(cut.endsWith("…") && text.startsWith(cut.slice(0, -1)))
  })

  it("name the pipe, with its description when it has one", () => {
    assert.strictEqual(Texts.summary({ code: "one", description: "" }), "one")
    assert.strictEqual(Texts.summary({ code: "one", description: "Makes\n  one" }), "one — Makes one")
    assert.isAtMost(Texts.size(Texts.summary({ code: "one", description: "é".repeat(300) })), 200)
    assert.strictEqual(Texts.summaryOf(input), "one — one")
  })

  it("say in a table what a workflow is about, without what is not known", () => {
    assert.strictEqual(
      Texts.detailsOf(input),
      [
        "| Field | Value |",
        "| --- | --- |",
        "| Pipe | `one` |",
        "| Domain | `d` |",
        "| Pipeline run | `run` |",
        "| User | `tester` |",
        "| Library crate | `0123456789ab` |",
        "| Input | `topic` |"
      ].join("\n")
    )
  })
})

describe("search attributes", () => {
  it("are those that the namespace has, an unknown session as nothing", () => {
    const of = (attributes: typeof common.attributes) => Attributes.of({ ...input, common: { ...common, attributes } })
    assert.deepStrictEqual(of([]), [])
    assert.deepStrictEqual(of(["SessionId", "PipeCode"]), [["SessionId", ""], ["PipeCode", "one"]])
  })
})
