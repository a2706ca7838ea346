import { assert, describe, it } from "@effect/vitest"
import * as WorkingMemory from "../../../src/concept/WorkingMemory.ts"
import { defaults as temporal } from "../../../src/config/TemporalOptions.ts"
import * as PipePath from "../../../src/program/PipePath.ts"
import { defaults } from "../../../src/program/Settings.ts"
import * as Limits from "../../../src/temporal/client/Limits.ts"
import * as Input from "../../../src/temporal/wire/Input.ts"
import { library, llm } from "../../library/Fixture.ts"

const made = library(llm("ask", { topic: "Text", note: "Text" }))

const inputOf = (characters: number) => {
  const stuff = (name: string, text: string) => ({
    code: name,
    name,
    concept: "native.Text",
    plural: false,
    content: { text }
  })
  return Input.sender(made, {
    crateDigest: "",
    common: {
      models: made.surroundings.models,
      functions: [],
      routing: temporal.routing,
      attributes: [],
      granularity: "item",
      shardSize: 200
    }
  }).pipe({
    method: made,
    ref: "d.ask",
    memory: WorkingMemory.make([stuff("note", "short"), stuff("topic", "x".repeat(characters))]),
    path: PipePath.entry({ code: "ask", ref: "d.ask" }),
    scope: { runId: "r", userId: "u", mode: "live", settings: defaults },
    result: undefined
  })
}

const without = { payloadCodec: { ...temporal.payloadCodec, isEnabled: false } }

describe("what a run is started with", () => {
  it("is refused before it is sent when the server would not take it, naming the largest input and the remedy", () => {
    const refusal = Limits.refuse(inputOf(3 * 1024 * 1024), without)
    assert.strictEqual(refusal?.code, "input.too_large")
    assert.strictEqual(refusal?.location.input, "topic")
    assert.include(refusal?.message, "input \"topic\"")
    assert.include(refusal?.message, "3.0 MB")
    assert.include(refusal?.message, "payload_codec_config")
  })

  it("passes when it fits, or when large values go to storage", () => {
    assert.isUndefined(Limits.refuse(inputOf(1024 * 1024), without))
    assert.isUndefined(Limits.refuse(inputOf(3 * 1024 * 1024), temporal))
  })
})
