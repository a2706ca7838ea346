import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import type { Case } from "./Case.ts"
import { read, run } from "./Case.ts"

const corpus = new URL("../../../shared/conformance/templates/cases.jsonl", import.meta.url)

const check = (recorded: Case): void => {
  const result = run(recorded)
  if (Result.isFailure(result)) {
    if (recorded.hostile === true) return
    assert(typeof recorded.error === "object", `${result.failure.kind}: ${result.failure.message}`)
    if (recorded.error.kind !== "other") assert.strictEqual(result.failure.kind, recorded.error.kind)
    if (recorded.error.line !== undefined) assert.strictEqual(result.failure.line, Number(recorded.error.line))
    return
  }
  if (recorded.expected !== undefined) return assert.strictEqual(result.success, recorded.expected)
  assert(recorded.expected_sha256 !== undefined || recorded.prints_host_object === true, "the reference refuses this")
  if (recorded.expected_sha256 === undefined) return
  assert.strictEqual(createHash("sha256").update(result.success).digest("hex"), recorded.expected_sha256)
}

describe("the reference runtime's template cases", () => {
  if (existsSync(corpus)) it.each(read(readFileSync(corpus, "utf8")))("$id is as recorded", check)
  else it.skip("are not compared: the shared conformance corpus is absent", () => undefined)
})
