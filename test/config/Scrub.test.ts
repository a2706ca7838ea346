import { assert, describe, it } from "@effect/vitest"
import * as Scrub from "../../src/config/Scrub.ts"

const secret = "pa ss/wörd+1?>é"
const scrub = Scrub.scrubber([secret])

describe("Scrub.scrubber", () => {
  it.each(["", "B", "Be", "Bearer "])("blanks a secret that is in base64 behind \"%s\"", (before) => {
    for (const encoding of ["base64", "base64url"] as const) {
      const clean = scrub(`sent ${Buffer.from(`${before}${secret} and more`).toString(encoding)} as a header`)
      assert.include(clean, "[redacted]")
      const left = clean.replace("[redacted]", "")
      const decoded = Array.from({ length: 4 }, (_, skipped) => Buffer.from(left.slice(skipped), "base64").toString())
      for (const part of ["pa ", "ss/", "rd+", "1?>"]) assert.notInclude(decoded.join("\n"), part)
    }
  })

  it("blanks a secret in hexadecimal, and in an address of either spelling", () => {
    const address = encodeURIComponent(secret)
    for (
      const form of [
        Buffer.from(secret).toString("hex"),
        address,
        address.replaceAll(/%../g, (code) => code.toLowerCase())
      ]
    ) {
      assert.strictEqual(scrub(`got ${form}.`), "got [redacted].")
    }
  })
})
