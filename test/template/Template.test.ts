import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import type { TemplateFault } from "../../src/template/Fault.ts"
import type { Settings } from "../../src/template/Run.ts"
import * as Template from "../../src/template/Template.ts"
import type { HostObject, Value } from "../../src/template/Value.ts"
import { fromJson } from "../../src/template/Value.ts"

const settings: Settings = { tagStyle: "xml", textFormat: "plain" }

const render = (
  source: string,
  context: Readonly<Record<string, Value>> = {},
  options: Partial<Template.Options> = {},
  more: Partial<Settings> = {}
): Result.Result<string, TemplateFault> =>
  Result.flatMap(
    Template.parse(source, { category: "llm_prompt", ...options }),
    (template) => Template.render(template, context, { ...settings, ...more })
  )

const text = (...args: Parameters<typeof render>): string => Result.getOrThrow(render(...args))

const fault = (...args: Parameters<typeof render>): TemplateFault => {
  const result = render(...args)
  assert(Result.isFailure(result))
  return result.failure
}

const invoice: HostObject = {
  _tag: "HostObject",
  typeName: "Invoice",
  tagName: "invoice",
  attribute: (name) => name === "total" ? 12n : name === "_stuff_name" ? "invoice" : undefined,
  item: (key) => key === "total" ? 12n : undefined,
  truthy: () => true,
  contains: (value) => value === "total",
  print: (files) => files?.token("invoice.pdf") ?? "# total: 12",
  format: (textFormat) => ({ text: `<${textFormat}>`, markup: textFormat === "html" }),
  withImages: (files) => `see ${files.image("scan.png")}`,
  method: (name) => name === "get" ? ([key]) => key === "total" ? 12n : null : undefined
}

const pages: HostObject = {
  _tag: "HostObject",
  typeName: "Pages",
  attribute: () => undefined,
  item: () => undefined,
  items: () => ["one", "two", "three"],
  truthy: () => true,
  contains: () => false,
  print: () => " • one",
  format: () => ({ text: " • one", markup: false })
}

const files = { token: (url: string) => url === "invoice.pdf" ? "[Document 1]" : undefined, image: () => "[Image 1]" }

describe("Template", () => {
  it.effect.prop("renders any text verbatim", [Schema.String], ([value]) =>
    Effect.sync(() => {
      assert.strictEqual(text("$x", { x: value }), value)
      assert.strictEqual(text("{{ x }}", { x: value }), value)
    }))

  it.effect.prop(
    "prints any JSON",
    [Schema.Json],
    ([json]) => Effect.sync(() => assert.isString(text("{{ x }}{{ x|tojson }}", { x: fromJson(json) })))
  )

  // In a list, because Node 24 misreads some keys with escapes.
  it.effect.prop(
    "writes values as JSON that reads back",
    [Schema.Array(Schema.Union([Schema.String, Schema.Finite, Schema.Boolean, Schema.Null]))],
    ([list]) =>
      Effect.sync(() => {
        const read: unknown = JSON.parse(text("{{ x|tojson }}", { x: fromJson(list) }))
        assert.strictEqual(JSON.stringify(read), JSON.stringify(list))
      })
  )

  const pieces = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "-",
    "if",
    "for",
    "in",
    "set",
    "endfor",
    "endif",
    "else",
    "macro",
    "x",
    "|",
    "upper",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ".",
    ",",
    ":",
    "=",
    "'a'",
    "1",
    "1.5",
    "~",
    "**",
    "is",
    "not",
    "and",
    "\n",
    " ",
    "$x",
    "@x",
    "raw",
    "endraw",
    "\\"
  ]
  it.effect.prop(
    "never throws, whatever the source",
    [Schema.Array(Schema.Literals(pieces))],
    ([tokens]) =>
      Effect.sync(() => {
        for (const glue of ["", " "]) {
          const result = render(tokens.join(glue), { x: "v" })
          assert(Result.isSuccess(result) || result.failure.line >= 1)
        }
      })
  )

  it("renders a parsed template again with another context", () => {
    const template = Result.getOrThrow(Template.parse("{% set n = n + 1 %}{{ n }}", { category: "basic" }))
    assert.strictEqual(Result.getOrThrow(Template.render(template, { n: 1n }, settings)), "2")
    assert.strictEqual(Result.getOrThrow(Template.render(template, { n: 5n }, settings)), "6")
  })

  it("says where a fault is, and names what was read, but no value and no text", () => {
    assert.deepInclude(fault("one\ntwo {{ secret.nope.more }}", { secret: fromJson({ a: "hunter2" }) }), {
      kind: "render",
      line: 2,
      column: 20,
      name: "nope"
    })
    assert.deepInclude(fault("a\n{{ x | }}"), { kind: "invalid", line: 2 })
    assert.deepInclude(fault("{{ x.__class__ }}", { x: 1n }), { kind: "refused", name: "__class__", line: 1 })
    assert.notInclude(fault("{{ x + 1 }}", { x: "hunter2" }).message, "hunter2")
    assert.notInclude(fault("{{ ''|attr(x) }}", { x: "_hunter2" }).message, "hunter2")
  })

  it("finds faults of rewritten sigils at their place in the source", () => {
    assert.deepInclude(fault("ok $a and $nope\n"), { kind: "render", line: 1, column: 4, name: "a" })
    assert.deepInclude(fault("ok $a and $nope\n", { a: "1" }), { line: 1, column: 11, name: "nope" })
    assert.deepInclude(fault("$a {{ b.c.d }}", { a: "1", b: fromJson({}) }), { line: 1, column: 11 })
  })

  it("refuses to format or tag what is undefined, while printing it gives nothing", () => {
    assert.strictEqual(text("[{{ x }}]"), "[]")
    assert.strictEqual(fault("[$x]").kind, "render")
    assert.strictEqual(fault("@x").kind, "render")
    assert.strictEqual(text("@?x"), "")
  })

  it("keeps the names a render sets for itself", () => {
    assert.deepInclude(fault("{{ tag_style }}", { tag_style: "mine" }), { kind: "name_conflict", name: "tag_style" })
  })

  it("reads nothing through prototypes", () => {
    for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
      assert.strictEqual(text(`{{ ${name} }}`), "")
      assert.include(["", undefined], Result.getOrElse(render(`{{ x.${name} }}`, { x: fromJson({}) }), () => undefined))
    }
    assert.strictEqual(text("{{ x.constructor }}", { x: fromJson({ constructor: "Ferrari" }) }), "Ferrari")
    assert.strictEqual(text("{{ x['__proto__'] }}", { x: fromJson(JSON.parse("{\"__proto__\": 1}")) }), "1")
  })

  it("refuses what is not pure and what would need a loader", () => {
    assert.deepInclude(fault("{{ [1]|random }}"), { kind: "refused", name: "random" })
    assert.strictEqual(text("{{ lipsum() == lipsum() }}"), "True")
    assert.strictEqual(text("{{ lipsum(2, html=false, min=3, max=4)|wordcount }}"), "6")
    assert.strictEqual(text("{{ lipsum }}", { lipsum: "mine" }, { declaredInputs: new Set(["lipsum"]) }), "mine")
    for (const tag of ["include 'x'", "import 'x' as y", "from 'x' import y", "extends 'x'"]) {
      assert.strictEqual(fault(`{% ${tag} %}`).kind, "invalid")
    }
  })

  it("holds a budget that its caller sets", () => {
    const source = "{% for i in range(1000) %}{{ i }}{% endfor %}"
    assert.strictEqual(fault(source, {}, {}, { budget: { steps: 500, memory: 1e6 } }).kind, "budget")
    assert.strictEqual(fault(source, {}, {}, { budget: { steps: 1e6, memory: 500 } }).kind, "budget")
    assert.strictEqual(text(source).length, 2_890)
  })

  it("offers the filters of its category only", () => {
    assert.strictEqual(fault("{{ x|with_images }}", { x: invoice }, { category: "basic" }).kind, "invalid")
    assert.strictEqual(fault("{{ x|tag }}", { x: "a" }, { category: "expression" }).kind, "invalid")
    assert.strictEqual(text("{{ '# <b>'|markdown }}", {}, { category: "html" }), "<h1>&lt;b&gt;</h1>\n")
    assert.strictEqual(text("{{ '<a>'|escape_script_tag }}", {}, { category: "markdown" }), "\\u003ca>")
  })

  it.each(
    [["xml", "<n>\nv\n</n>"], ["ticks", "n: ```\nv\n```"], ["square_brackets", "[n]\nv\n[/n]"], [
      "no_tag",
      "v"
    ]] as const
  )("tags in the style %s", (tagStyle, expected) => {
    assert.strictEqual(text("@n", { n: "v" }, {}, { tagStyle }), expected)
  })
})

describe("host objects in a template", () => {
  it("print, format and tag themselves", () => {
    assert.strictEqual(text("{{ x }}", { x: invoice }), "# total: 12")
    assert.strictEqual(text("$x", { x: invoice }), "<plain>")
    assert.strictEqual(text("{{ x|format('json') }}", { x: invoice }), "<json>")
    assert.strictEqual(text("{{ x|tag }}", { x: invoice }), "<invoice>\n# total: 12\n</invoice>")
    assert.strictEqual(fault("{{ x|format('pdf') }}", { x: invoice }).kind, "invalid")
  })

  it("are markup where they say so and escaping is on", () => {
    assert.strictEqual(
      text("{{ x|format('html') }}{{ x|format('json') }}", { x: invoice }, { category: "html" }),
      "<html>&lt;json&gt;"
    )
  })

  it("give their fields, metadata and methods, and nothing else private", () => {
    assert.strictEqual(
      text("{{ x.total }}{{ x['total'] }}{{ x.get('total') }}{{ 'total' in x }}{{ x._stuff_name }}", { x: invoice }),
      "121212Trueinvoice"
    )
    assert.deepInclude(fault("{{ x._secret }}", { x: invoice }), { kind: "refused", name: "_secret" })
    assert.strictEqual(text("{{ x.nope }}{% if x %}!{% endif %}", { x: invoice }), "!")
  })

  it("are sequences only when they have items", () => {
    assert.strictEqual(
      text("{{ x[0] }}{{ x[-1] }}{{ x[1:] }}{{ x|length }}{% for i in x %}{{ i }}{% endfor %}", { x: pages }),
      "onethree['two', 'three']3onetwothree"
    )
    for (const source of ["{{ x|length }}", "{% for i in x %}{% endfor %}", "{{ x|list }}"]) {
      assert.strictEqual(fault(source, { x: invoice }).kind, "render")
    }
  })

  it("print the token of a registered file, and register the images inside them", () => {
    assert.strictEqual(text("{{ x }}\n@x", { x: invoice }, {}, { files }), "[Document 1]\n<x>\n[Document 1]\n</x>")
    assert.strictEqual(text("{{ x|with_images }}", { x: invoice }, {}, { files }), "see [Image 1]")
    assert.strictEqual(fault("{{ x|with_images }}", { x: "text" }, {}, { files }).kind, "render")
  })
})
