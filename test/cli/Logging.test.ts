import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logging from "../../src/cli/Logging.ts"
import * as Scrub from "../../src/config/Scrub.ts"

const key = "pa+ss/wo=rd1"

/** The lines that a program logs. */
const logged = (options: Logging.Options) => (effect: Effect.Effect<void>) =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    const sink = { scrub: Scrub.scrubber([key]), put: (line: string) => lines.push(line) }
    return Effect.as(effect.pipe(Logging.to(options, sink)), lines)
  })

const telling = Effect.logWarning("said with", key).pipe(
  Effect.annotateLogs({ header: `Bearer ${key}`, tokens: 5 })
)

describe("Logging.to", () => {
  it.effect("writes a line with its facts, and blanks every secret in it", () =>
    Effect.gen(function*() {
      const lines = yield* logged({ isRedacted: true, sink: "console" })(telling)
      assert.deepStrictEqual(lines, ["WARN said with [redacted] (header: Bearer [redacted], tokens: 5)"])
    }))

  it.effect("writes a document per line for what collects logs, blanked as well", () =>
    Effect.gen(function*() {
      const [line = "", ...others] = yield* logged({ isRedacted: true, sink: "json" })(telling)
      assert.lengthOf(others, 0)
      assert.deepInclude(JSON.parse(line), {
        level: "WARN",
        message: ["said with", "[redacted]"],
        annotations: { header: "Bearer [redacted]", tokens: 5 }
      })
    }))

  it.effect("blanks nothing when the configuration says so", () =>
    Effect.gen(function*() {
      const [line] = yield* logged({ isRedacted: false, sink: "console" })(telling)
      assert.include(line, key)
    }))

  it.effect("shows the cause of what is logged with one", () =>
    Effect.gen(function*() {
      const failing = Effect.catchCause(
        Effect.die(new Error(`no ${key}`)),
        (cause) => Effect.logError("it failed", cause)
      )
      const [line = ""] = yield* logged({ isRedacted: true, sink: "console" })(failing)
      assert.include(line, "ERROR it failed\n")
      assert.include(line, "no [redacted]")
    }))
})
