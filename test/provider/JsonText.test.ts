import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as JsonText from "../../src/provider/JsonText.ts"

const title = Result.succeed({ title: "T" })

describe("JsonText.read", () => {
  it.effect.prop("reads any JSON back", [Schema.Json], ([value]) =>
    Effect.sync(() => {
      const text = JSON.stringify(value)
      assert.deepStrictEqual(JsonText.read(text), Result.succeed(JSON.parse(text)))
    }))

  it("passes over fences and sentences", () => {
    const written = [
      "{\"title\": \"T\"}",
      "\n {\"title\": \"T\"}\n",
      "```json\n{\"title\": \"T\"}\n```",
      "Here it is {as asked}:\n```\n{\"title\": \"T\"}\n```\nDone {well}.",
      "Here it is: {\"title\": \"T\"}. Done."
    ]
    for (const text of written) assert.deepStrictEqual(JsonText.read(text), title)
  })

  it("says what is wrong without a word of the text", () => {
    for (const text of ["secret", "{\"secret\": ", "```json\nsecret\n```", "} secret {"]) {
      assert.deepStrictEqual(JsonText.read(text), Result.fail("is not JSON"))
    }
    for (const text of ["", " \n"]) assert.deepStrictEqual(JsonText.read(text), Result.fail("is empty"))
  })
})
