import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Template from "../../src/template/Template.ts"

const parsed = (source: string): Template.Template =>
  Result.getOrThrow(Template.parse(source, { category: "llm_prompt" }))

const reads = (source: string): ReadonlyArray<string> =>
  Template.reads(parsed(source)).map(({ filters, guarded, path }) =>
    [`${path.join(".")}${guarded ? "?" : ""}`, ...filters].join("|")
  )

describe("Template.reads", () => {
  it.each([
    ["$a.b @c\n@d", ["a.b|format", "d|tag"]],
    ["{{ x['f'].g.upper() }}{{ x[0].y }}{{ x[k] }}{{ x.items() }}", ["x.f.g", "x", "x", "k", "x"]],
    ["{{ doc|with_images|trim }}{{ a|join(b) }}", ["doc|with_images|trim", "a|join", "b"]],
    ["{% set y = x %}{{ y }}{% for p in pages %}{{ p.q }}{{ loop.index }}{{ r }}{% endfor %}", ["x", "pages", "r"]],
    ["{% with a = b %}{{ a }}{% endwith %}{{ a }}", ["b", "a"]],
    ["{% macro m(a, b=c) %}{{ a }}{{ b }}{{ d }}{{ caller() }}{% endmacro %}{{ m(e) }}{{ range(3) }}", ["c", "d", "e"]],
    ["{{ x }}{% set x = 1 %}{{ x }}", ["x"]]
  ])(
    "of %j are the free names, with their fields and filters",
    (source, expected) => assert.deepStrictEqual(reads(source), expected)
  )

  it.each([
    ["{% if x %}{{ x.a }}{% else %}{{ x.b }}{% endif %}", ["x?", "x.a?", "x.b"]],
    ["{% if x is defined and x.a %}{{ x.b }}{% endif %}", ["x?", "x.a?", "x.b?"]],
    ["{{ x.a if x else y }}{{ x and x.b }}", ["x.a?", "x?", "y", "x", "x.b?"]],
    ["{% if not x %}{{ x.a }}{% endif %}{% if x is undefined %}{{ x.b }}{% endif %}", ["x?", "x.a", "x?", "x.b"]],
    ["{% if x or y %}{{ x.a }}{% endif %}", ["x?", "y?", "x.a"]],
    ["@?x", ["x?", "x?|tag"]]
  ])(
    "of %j are guarded where the presence of their root is tested",
    (source, expected) => assert.deepStrictEqual(reads(source), expected)
  )

  it("carry their place in the original source", () => {
    assert.deepStrictEqual(Template.reads(parsed("a $b c $d\n {{ e }}")).map(({ column, line }) => [line, column]), [
      [1, 3],
      [1, 8],
      [2, 5]
    ])
  })
})

describe("Template.privateNames", () => {
  it("finds dotted underscore names, except the metadata of a stuff", () => {
    assert.deepStrictEqual(Template.privateNames(parsed("{{ x._stuff_name }}\n{{ x._secret }}{{ x['_k'] }}")), [
      { name: "_secret", line: 2, column: 6 }
    ])
  })
})
