import { assert, describe, it } from "@effect/vitest"
import type { JsonObject } from "../../../src/concept/Json.ts"
import * as WorkingMemory from "../../../src/concept/WorkingMemory.ts"
import * as Crate from "../../../src/library/Crate.ts"
import { defaults } from "../../../src/program/Settings.ts"
import * as Fingerprint from "../../../src/temporal/client/Fingerprint.ts"
import { library, llm } from "../../library/Fixture.ts"

const ask = llm("ask", { topic: "Text" })
const tell = llm("tell", { topic: "Text" })

const crateOf = (...pipes: ReadonlyArray<string>) => Fingerprint.ofCrate(Crate.of(library(pipes.join("\n"))))

const asked = (content: JsonObject, ref = "d.ask", runId = "r"): Fingerprint.Asked => ({
  ref,
  memory: WorkingMemory.make([{ code: "x", name: "topic", concept: "native.Text", plural: false, content }]),
  scope: { runId, userId: "u", mode: "live", settings: defaults }
})

describe("a fingerprint", () => {
  it("of a method does not depend on the order that its pipes are found in", () => {
    assert.strictEqual(crateOf(ask, tell), crateOf(tell, ask))
    assert.notStrictEqual(crateOf(ask), crateOf(ask, tell))
    assert.match(crateOf(ask), /^[0-9a-f]{64}$/)
  })

  it("of a run depends on the method, the pipe and the values given, and on nothing else", () => {
    const first = Fingerprint.ofRun("m", asked({ text: "cats", extra: null }))
    assert.strictEqual(first, Fingerprint.ofRun("m", asked({ extra: null, text: "cats" }, "d.ask", "another")))
    assert.notStrictEqual(first, Fingerprint.ofRun("m", asked({ text: "dogs", extra: null })))
    assert.notStrictEqual(first, Fingerprint.ofRun("m", asked({ text: "cats", extra: null }, "d.tell")))
    assert.notStrictEqual(first, Fingerprint.ofRun("n", asked({ text: "cats", extra: null })))
  })
})
