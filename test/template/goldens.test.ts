import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { readFileSync } from "node:fs"
import type { Case } from "./Case.ts"
import { kinds, read, run } from "./Case.ts"

const recorded = (file: string): ReadonlyArray<Case> => read(readFileSync(new URL(file, import.meta.url), "utf8"))

const length = (text: string): number => Array.from(text).length

/** Processor time of this thread only, so that a busy machine does not matter. */
const seconds = (): number => {
  const { system, user } = process.threadCpuUsage()
  return (system + user) / 1e6
}

describe("templates beside Python's Jinja2", () => {
  it.each(recorded("./goldens.jsonl"))("$id gives what Jinja2 gives: $template", (golden) => {
    const result = run(golden)
    if (golden.error !== undefined) {
      assert(Result.isFailure(result), "Jinja2 refuses this")
      assert(kinds.has(result.failure.kind))
      assert.isAtLeast(result.failure.line, 1)
      return
    }
    const text = Result.getOrThrow(result)
    if (golden.expected !== undefined) assert.strictEqual(text, golden.expected)
    if (golden.expected_length !== undefined) assert.strictEqual(length(text), Number(golden.expected_length))
  })
})

/** Where Jinja2 does not end well, whatever ends quickly will do; everywhere else the text is the same, or there is a fault. */
describe("hostile templates", () => {
  it.each(recorded("./payloads.jsonl"))(
    "$id ends within a second of processor time, as in Jinja2 or with a fault",
    (payload) => {
      const started = seconds()
      const result = run(payload)
      assert.isBelow(seconds() - started, 1)
      if (Result.isFailure(result)) {
        assert(["invalid", "render", "refused", "budget"].includes(result.failure.kind))
        assert.isBelow(result.failure.message.length, 160)
        return
      }
      const crashed: ReadonlyArray<unknown> = ["killed", "timeout", "MemoryError", "RecursionError"]
      if (payload.expected !== undefined) assert.strictEqual(result.success, payload.expected)
      else if (payload.expected_length !== undefined) {
        assert.strictEqual(length(result.success), Number(payload.expected_length))
      } else assert(payload.prints_host_object === true || crashed.includes(payload.error))
    }
  )
})
