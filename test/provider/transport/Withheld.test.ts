import { assert, describe, it } from "@effect/vitest"
import { ProviderError } from "../../../src/provider/transport/ProviderError.ts"
import { withhold, withholding } from "../../../src/provider/transport/Withheld.ts"

const prompt = "Write to Zoë Doe\nabout her \"second\" appointment on Monday"

const clean = withholding([prompt, ""])

describe("withholding", () => {
  it("leaves alone what a provider says of its own", () => {
    const said = "Your prompt is too long: 210000 tokens, and the model 'claude' takes 200000; see https://a.b/c%20d"
    assert.strictEqual(clean(said), said)
    assert.strictEqual(withholding([])(prompt), prompt)
  })

  it("takes out whatever part of a text is repeated, wherever its lines end", () => {
    assert.strictEqual(clean("bad: Write to Zoë Doe about her"), "bad: [withheld]")
    assert.strictEqual(clean("in 'her \"second\" appointment' at 5"), "in '[withheld]' at 5")
    assert.strictEqual(clean("content: Zoë Doe\\nabout her \\\"second\\\""), "content: [withheld]")
  })

  it("takes out a short word that is quoted", () => {
    assert.strictEqual(clean("invalid value 'Doe' in field 'name'"), "invalid value '[withheld]' in field 'name'")
    assert.strictEqual(clean("invalid value `Monday`."), "invalid value `[withheld]`.")
  })

  it("takes out what is repeated in an encoding", () => {
    const bytes = new TextEncoder().encode(`user: ${prompt}`)
    const base64 = Buffer.from(bytes).toString("base64")
    assert.strictEqual(clean(`got ${encodeURIComponent(prompt)} here`), "got [withheld] here")
    assert.strictEqual(clean(`got ${base64} here`), "got [withheld] here")
    assert.strictEqual(
      clean(`got ${Buffer.from(bytes).toString("base64url").slice(2, 51)} here`),
      "got [withheld] here"
    )
  })

  it("is done soon with a long text", () => {
    const long = Array.from({ length: 200_000 }, (_, index) => `word${index}`).join(" ")
    const started = performance.now()
    assert.strictEqual(withholding([long])(`no such thing${" as this".repeat(60)}`).length, 493)
    assert.isBelow(performance.now() - started, 5000)
  })
})

describe("withhold", () => {
  it("cleans what travels of a failure, and keeps the body for whoever classifies it", () => {
    const line = prompt.replace("\n", " ")
    const body = { error: { message: prompt } }
    const error = withhold(
      new ProviderError({
        kind: "status",
        metadata: { provider: "openai", status: 400, message: `No: ${line}`, providerCode: line, requestId: "req_1" },
        body,
        shouldRetry: false
      }),
      [prompt]
    )
    assert.deepStrictEqual(error.metadata, {
      provider: "openai",
      status: 400,
      message: "No: [withheld]",
      providerCode: "[withheld]",
      requestId: "req_1"
    })
    assert.deepStrictEqual([error.kind, error.body, error.shouldRetry], ["status", body, false])
  })
})
