import { assert, it } from "@effect/vitest"
import type { Issue } from "../../src/failure/Issue.ts"
import { toProblemErrors, toReason } from "../../src/failure/IssueReport.ts"
import { fail } from "../../src/failure/PipeFailure.ts"
import * as Wire from "../../src/failure/Wire.ts"

const issue: Issue = {
  code: "method.pipe_unresolved",
  type: "unresolved_pipe_dependency",
  path: ["pipe", "top", "steps", 0, "pipe"],
  message: "pipe \"top\" names \"lab.ghots\", which does not exist",
  fix: "name a pipe of the library",
  pipe: "top",
  domain: "lab",
  suggestions: ["lab.ghost"],
  params: { missing: "lab.ghots", candidates: ["lab.ghost"], strange: () => 0, nothing: undefined },
  file: "bad.mthds",
  position: { line: 12, column: 3 },
  excerpt: "steps = ["
}

it("an issue keeps its code, place, facts and remedy in a problem document", () => {
  assert.deepStrictEqual<unknown>(toProblemErrors([issue]), [{
    code: "method.pipe_unresolved",
    detail: "pipe \"top\" names \"lab.ghots\", which does not exist",
    error_type: "unresolved_pipe_dependency",
    params: { pipe: "top", missing: "lab.ghots", candidates: ["lab.ghost"] },
    location: { pipe: "top", domain: "lab", field: "pipe.top.steps.0.pipe", file: "bad.mthds", line: 12, column: 3 },
    suggestions: ["lab.ghost"],
    suggested_fix: "name a pipe of the library"
  }])
})

it("the reason made of issues crosses a boundary and its sentence counts them", () => {
  const failure = fail(toReason([issue, { ...issue, message: "second" }]))
  assert.deepStrictEqual(Wire.decode(JSON.parse(JSON.stringify(Wire.encode(failure)))), failure)
  assert.strictEqual(failure.message, "pipe \"top\" names \"lab.ghots\", which does not exist (and 1 more)")
  assert.strictEqual(failure.code, "method.invalid")
})

it("a bare issue makes a bare error", () => {
  assert.deepStrictEqual<unknown>(toProblemErrors([{ code: "method.syntax", path: [], message: "no" }]), [
    { code: "method.syntax", detail: "no" }
  ])
})
