import { assert, it } from "@effect/vitest"
import type { Issue } from "../../src/failure/Issue.ts"
import { width } from "../../src/report/Columns.ts"
import * as IssuesText from "../../src/report/IssuesText.ts"

const missing: Issue = {
  code: "method.pipe_unresolved",
  type: "unresolved_pipe_dependency",
  path: ["pipe", "pitch_and_review", "steps", 1, "pipe"],
  message: "pipe \"pitches.pitch_and_review\" names \"pitches.review_pich\", which does not exist",
  fix: "name a pipe of the library",
  pipe: "pitch_and_review",
  domain: "pitches",
  suggestions: ["pitches.review_pitch"],
  file: "bad/bad.mthds",
  position: { line: 12, column: 5 },
  excerpt: "  { pipe = \"write_pitch\", result = \"pitch\" },\n  { pipe = \"review_pich\", result = \"review\" },\n"
}
const broken: Issue = {
  code: "method.syntax",
  path: [],
  message: "a value is missing",
  file: "bad/bad.mthds",
  position: { line: 3, column: 9 }
}
const dry: Issue = {
  code: "pipe.template_render_failed",
  type: "DryRunError",
  path: [],
  message: "no field \"x\"",
  pipe: "p"
}
const concept: Issue = {
  code: "method.schema_violation",
  path: ["concept", "Card"],
  message: "no description",
  concept: "Card"
}

it("issues are grouped and numbered, each with its place, its lines, and the way to mend it", () => {
  assert.strictEqual(
    IssuesText.render([missing, broken, dry, concept], { bundle: "bad/bad.mthds" }),
    `❌ Bundle validation failed
Bundle: bad/bad.mthds

Blueprint Validation Errors:
1. The file is not valid TOML
   bad/bad.mthds:3:9
   a value is missing

Concept Validation Errors:
1. The bundle breaks a rule of the language
   Concept: Card
   no description
   └─ Path: concept.Card

Pipe Validation Errors:
1. Unresolved Pipe Dependency
   bad/bad.mthds:12:5
   │   { pipe = "write_pitch", result = "pitch" },
   │   { pipe = "review_pich", result = "review" },
   Pipe: pitch_and_review
   Domain: pitches
   pipe "pitches.pitch_and_review" names "pitches.review_pich", which does not
   exist
   → name a pipe of the library
   Did you mean "pitches.review_pitch"?
   └─ Path: pipe.pitch_and_review.steps.1.pipe

Dry-run Validation Errors:
1. A template could not be rendered
   Pipe: p
   no field "x"`
  )
})

it("no line is wider than the terminal", () => {
  const long: Issue = {
    ...missing,
    message: "word ".repeat(60),
    excerpt: "x".repeat(300),
    fix: "y".repeat(200),
    file: `${"f".repeat(200)}.mthds`
  }
  for (const columns of [20, 40, 80]) {
    for (const line of IssuesText.lines([long], { width: columns }).slice(1)) assert.isAtMost(width(line), columns)
  }
})

it("a message that already offers the close names does not offer them twice", () => {
  const said: Issue = { ...missing, message: "no such pipe; did you mean \"pitches.review_pitch\"?" }
  assert.notInclude(IssuesText.render([said]), "Did you mean")
})
