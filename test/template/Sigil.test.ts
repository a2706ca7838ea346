import { assert, describe, it } from "@effect/vitest"
import type { Options } from "../../src/template/Sigil.ts"
import { rewrite } from "../../src/template/Sigil.ts"

const rewritten = (source: string, options: Options = {}): string => {
  const result = rewrite(source, options)
  assert(!("kind" in result), "refused")
  return result.text
}

const declaredInputs = new Set(["name"])

describe("Sigil.rewrite", () => {
  it.each([
    ["Hi $name.", "Hi {{ name|format() }}."],
    ["$a.b.c, ok", "{{ a.b.c|format() }}, ok"],
    ["$name..end", "{{ name|format() }}..end"],
    ["$foo's $foo(x)", "{{ foo|format() }}'s {{ foo|format() }}(x)"],
    ["$foo \"bar\" $foo (x) $foo {x}", "$foo \"bar\" $foo (x) $foo {x}"],
    ["$a.b (x)", "{{ a|format() }}.b (x)"],
    ["$a-$b $a_b", "{{ a|format() }}-{{ b|format() }} {{ a_b|format() }}"],
    ["cost $100 and $x1", "cost $100 and {{ x1|format() }}"],
    ["micro$oft ${HOME} $(cmd)", "micro$oft ${HOME} $(cmd)"],
    ["1$name é$name", "1$name é$name"],
    ["$$name @@name", "$name @name"],
    ["  @name  ", "  {{ name|tag(\"name\") }}  "],
    ["@?doc.summary", "{% if doc.summary %}{{ doc.summary|tag(\"doc.summary\") }}{% endif %}"],
    ["me@x.com @other", "me@x.com @other"],
    ["@media x", "@media x"],
    ["@a\r\n@b\r\n", "{{ a|tag(\"a\") }}\n{{ b|tag(\"b\") }}\n"]
  ])("turns %j into %j", (source, expected) => assert.strictEqual(rewritten(source, { declaredInputs }), expected))

  it("refuses an inline @ of a declared input, at its place", () => {
    assert.deepInclude(rewrite("a\nq: @name", { declaredInputs }), { kind: "sigil", line: 2, column: 4, name: "name" })
    assert.deepInclude(rewrite("@name.", { declaredInputs }), { kind: "sigil", line: 1, column: 1 })
    assert.deepInclude(rewrite("q @?name.x", { declaredInputs }), { kind: "sigil", name: "name.x" })
  })

  it("says when unusual blanks pad the line of a declared input", () => {
    const refused = rewrite("\u00a0@name", { declaredInputs })
    assert("kind" in refused && refused.message.includes("not ASCII"))
  })

  it("reads an inline @ as $ where it is lenient, and warns", () => {
    const result = rewrite("q: @name and @?name", { declaredInputs, lenient: true })
    assert(!("kind" in result))
    assert.strictEqual(result.text, "q: {{ name|format() }} and {% if name %}{{ name|format() }}{% endif %}")
    assert.deepStrictEqual(result.warnings.map(({ column, line, name }) => [line, column, name]), [[1, 4, "name"], [
      1,
      14,
      "name"
    ]])
  })
})
