import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Concepts } from "../../src/concept/Concept.ts"
import type { JsonObject } from "../../src/concept/Json.ts"
import { escapeHtml, type Format, render, renderField, scalar } from "../../src/concept/Render.ts"
import type { Shape } from "../../src/concept/Stuff.ts"
import { address, ann, field, many, must, one, person, plain, structured } from "./Sample.ts"

const concepts = Concepts.make([
  address,
  person,
  plain("d.Tag", "native.Text"),
  plain("d.Note"),
  plain("d.Memo", "native.Markdown"),
  structured(
    "d.Card",
    field("full_name", "text", must),
    field("skills", many({ kind: "text" }), must),
    field("addr", one(address.ref), must)
  ),
  structured("d.Event", field("on", "date"), field("at", "time"), field("score", "number"), field("seats", "integer"))
])

const shown = (ref: string, content: JsonObject, format: Format) =>
  render(concepts, { concept: ref, plural: false }, content, format, (markdown) => `<md>${markdown}</md>`)

const formats = (ref: string, content: JsonObject) =>
  (["plain", "markdown", "html"] as const).map((format) => shown(`native.${ref}`, content, format))

const listed = (ref: string, items: ReadonlyArray<JsonObject>, format: Format) =>
  render(concepts, { concept: ref, plural: true }, { items }, format)

const json = (code: string, content: JsonObject): unknown => JSON.parse(shown(`native.${code}`, content, "json"))

describe("a native", () => {
  it.for<readonly [code: string, content: JsonObject, plain: string, markdown: string, html: string]>([
    ["Text", { text: "a < b" }, "a < b", "a < b", "a &lt; b"],
    ["Markdown", { text: "# A" }, "# A", "# A", "<md># A</md>"],
    ["Number", { number: 42 }, "42", "42", "42"],
    ["Number", { number: 2.5 }, "2.5", "2.5", "2.5"],
    ["YesNo", { yes_no: true, probability: null }, "yes", "yes", "yes"],
    ["YesNo", { yes_no: false, probability: 0.5 }, "no", "no", "no"],
    ["Choice", { choice: "<a>" }, "<a>", "<a>", "&lt;a&gt;"],
    ["Rating", { level: 2, label: "good & fine" }, "good & fine", "good & fine", "good &amp; fine"],
    ["Rating", { level: 2, label: null }, "2", "2", "2"],
    ["Date", { date: "2026-07-07", time: null }, "2026-07-07", "2026-07-07", "2026-07-07"],
    [
      "Date",
      { date: "2026-07-07", time: "15:40:00+02:00" },
      "2026-07-07T15:40:00+02:00",
      "2026-07-07T15:40:00+02:00",
      "2026-07-07T15:40:00+02:00"
    ],
    ["Time", { time: "15:40:00" }, "15:40:00", "15:40:00", "15:40:00"],
    ["Html", { inner_html: "<b>x</b>", css_class: null }, "<b>x</b>", "<b>x</b>", "<b>x</b>"],
    [
      "Html",
      { inner_html: "<b>x</b>", css_class: "a\" onload=\"b" },
      "<b>x</b>",
      "<b>x</b>",
      "<div class=\"a&quot; onload=&quot;b\"><b>x</b></div>"
    ],
    [
      "Image",
      { url: "a.png?x=\"&y" },
      "a.png?x=\"&y",
      "![a.png?x=\"&y](a.png?x=\"&y)",
      "<img src=\"a.png?x=&quot;&amp;y\" class=\"msg-img\">"
    ],
    ["Document", { url: "a.pdf" }, "a.pdf", "[a.pdf](a.pdf)", "<a href=\"a.pdf\" class=\"msg-document\">a.pdf</a>"],
    [
      "Document",
      { url: "a.pdf", title: "A & B", snippet: "Once" },
      "- A & B: a.pdf\n  Once",
      "[A & B](a.pdf)\n  Once",
      "<a href=\"a.pdf\" class=\"msg-document\">A &amp; B</a><br/><small>Once</small>"
    ],
    ["TextAndImages", { text: { text: "a<b" }, images: [], raw_html: null }, "a<b", "a<b", "a&lt;b"],
    ["TextAndImages", { text: null, images: [], raw_html: "<p>" }, "", "", "<p>"],
    [
      "SearchResult",
      { answer: "Yes", sources: [{ url: "a.org", title: "A" }, { url: "b.org" }] },
      "Yes\n\nSources:\n- A: a.org\nb.org",
      "Yes\n\n**Sources:**\n\n- [A](a.org)\n- [b.org](b.org)",
      "<div><p>Yes</p><h4>Sources</h4><ul><li><a href=\"a.org\" class=\"msg-document\">A</a></li>" +
      "<li><a href=\"b.org\" class=\"msg-document\">b.org</a></li></ul></div>"
    ],
    [
      "JSON",
      { json_obj: { a: 1, b: ["x"] } },
      "{\n    \"a\": 1,\n    \"b\": [\n        \"x\"\n    ]\n}",
      "# a: 1\n\n# b: - x",
      "<table><tr><th>a</th><td>1</td></tr><tr><th>b</th><td><ul><li>x</li></ul></td></tr></table>"
    ]
  ])(
    "%s %j has its own form in each format",
    ([code, content, ...expected]) => assert.deepStrictEqual(formats(code, content), expected)
  )

  it("shows no more than a beginning of a long url", () => {
    const url = `data:${"x".repeat(2000)}`
    assert.strictEqual(shown("native.Image", { url }, "plain").length, 500)
    assert.strictEqual(shown("native.Image", { url }, "markdown"), `![${url.slice(0, 100)}](${url})`)
  })

  it("links to nothing that runs when it is opened", () => {
    for (
      const url of [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\tscript:alert(1)",
        " javascript:x",
        "data:text/html,<b>",
        "vbscript:x"
      ]
    ) {
      assert.notInclude(shown("native.Document", { url, title: "T" }, "html"), "href", url)
    }
    for (const url of ["https://a.org/b:c", "a/b.pdf", "pipelex-storage://a", "#part", "?q=a:b"]) {
      assert.include(shown("native.Document", { url }, "html"), `href="${url}"`)
    }
  })

  it("says nothing of sources when there are none", () => {
    assert.deepStrictEqual(formats("SearchResult", { answer: "Yes", sources: [] }), [
      "Yes",
      "Yes",
      "<div><p>Yes</p></div>"
    ])
  })

  it("is one line of JSON when it is small", () => {
    assert.strictEqual(shown("native.Text", { text: "a\"b" }, "json"), `{"text": "a\\"b"}`)
    assert.strictEqual(
      shown("native.Choice", { choice: "a", probabilities: { a: 1, b: 0 } }, "json"),
      `{"choice": "a", "probabilities": {"a": 1, "b": 0}}`
    )
  })

  it("is JSON of its fields, without the nulls where the language drops them", () => {
    assert.deepStrictEqual(json("YesNo", { yes_no: true, probability: null }), { yes_no: true })
    assert.deepStrictEqual(json("Rating", { level: 1, label: null, confidence: 0.5 }), { level: 1, confidence: 0.5 })
    assert.deepStrictEqual(json("Date", { date: "2026-07-07", time: null }), { date: "2026-07-07", time: null })
    assert.deepStrictEqual(json("JSON", { json_obj: { a: null } }), { a: null })
    assert.deepStrictEqual(json("Image", { url: "a", caption: null }), { url: "a", caption: null })
  })

  it("lends its form to what refines it, and a text its own to a concept without fields", () => {
    assert.strictEqual(shown("d.Tag", { text: "<a>" }, "html"), "&lt;a&gt;")
    assert.strictEqual(shown("d.Note", { text: "a" }, "plain"), "a")
    assert.strictEqual(shown("d.Memo", { text: "*a*" }, "html"), "<md>*a*</md>")
  })
})

describe("a structure", () => {
  it("is Markdown with a heading for each field", () => {
    const card = { full_name: "Ann", skills: ["a", "b"], addr: { city: "Paris", zip: null } }
    const expected = "# full_name: Ann\n\n# skills\n\n- a\n- b\n\n# addr\n\n## city: Paris\n\n## zip: None"
    assert.strictEqual(shown("d.Card", card, "markdown"), expected)
    assert.strictEqual(shown("d.Card", card, "plain"), expected)
  })

  it("is a table in HTML, without the fields that hold nothing", () => {
    assert.strictEqual(
      shown(person.ref, { ...ann, full_name: "<Ann>" }, "html"),
      "<table><tr><th>full_name</th><td>&lt;Ann&gt;</td></tr><tr><th>age</th><td>40</td></tr>" +
        "<tr><th>gpa</th><td>2.5</td></tr><tr><th>level</th><td>senior</td></tr>" +
        "<tr><th>addr</th><td><table><tr><th>city</th><td>Paris</td></tr></table></td></tr></table>"
    )
  })

  it("is its own JSON, four spaces deep", () => {
    assert.strictEqual(
      shown(address.ref, { city: "Paris", zip: null }, "json"),
      JSON.stringify({ city: "Paris", zip: null }, null, 4)
    )
  })

  it("prints dates as ISO, number fields as floats and integers as integers", () => {
    const event = { on: "2026-07-07", at: "10:00:00", score: 2, seats: 2 }
    assert.strictEqual(
      shown("d.Event", event, "markdown"),
      "# on: 2026-07-07\n\n# at: 10:00:00\n\n# score: 2.0\n\n# seats: 2"
    )
  })

  it("prints a number it holds as it was given, and a table of numbers as floats", () => {
    const held = Concepts.make([
      structured("d.Score", field("of", one("native.Number")), field("by", { kind: "dict", value: { kind: "number" } }))
    ])
    const shape: Shape = { concept: "d.Score", plural: false }
    const content = { of: { number: 42 }, by: { a: 1 } }
    assert.strictEqual(render(held, shape, content, "plain"), "# of: ## number: 42\n\n# by: ## a: 1.0")
    assert.include(render(held, shape, content, "html"), "<td>42</td>")
    assert.include(render(held, shape, content, "html"), "<dl><dt>a</dt><dd>1.0</dd></dl>")
  })

  it("goes no deeper than six heading marks", () => {
    const deep: JsonObject = { a: { b: { c: { d: { e: { f: { g: { h: 1 } } } } } } } }
    const text = shown("native.JSON", { json_obj: deep }, "markdown")
    assert.deepStrictEqual(text.match(/#+/g), ["#", "##", "###", "####", "#####", "######", "######", "######"])
  })

  it("shows a list of contents with each item under one mark", () => {
    const cards: Shape = { concept: "native.JSON", plural: false }
    const text = render(concepts, cards, { json_obj: { list: [{ a: 1, b: 2 }, "x\n\ny", []] } }, "markdown")
    assert.strictEqual(text, "# list\n\n- ## a: 1\n  ## b: 2\n- x\n  y\n- ")
  })

  it("shows the natives inside it by their own form in HTML", () => {
    const type = many(one("native.Image"))
    assert.strictEqual(
      renderField(concepts, type, [{ url: "a" }], "html"),
      "<ul><li><img src=\"a\" class=\"msg-img\"></li></ul>"
    )
  })

  it("shows the components of a composite by what each is", () => {
    const shape: Shape = {
      concept: "native.Composite",
      plural: false,
      components: {
        note: { concept: "native.Text", plural: false },
        pics: { concept: "native.Image", plural: true }
      }
    }
    const content = { note: { text: "<a>" }, pics: { items: [{ url: "u" }] } }
    assert.strictEqual(
      render(concepts, shape, content, "html"),
      "<table><tr><th>note</th><td>&lt;a&gt;</td></tr><tr><th>pics</th><td><ul><li>" +
        "<img src=\"u\" class=\"msg-img\"></li></ul></td></tr></table>"
    )
  })
})

describe("a list", () => {
  it("of texts is one line each", () => {
    assert.strictEqual(listed("native.Text", [{ text: "a" }, { text: "b" }], "plain"), " • a\n • b\n")
  })

  it("of anything else is numbered items", () => {
    assert.strictEqual(
      listed(address.ref, [{ city: "Paris", zip: null }, { city: "Rome", zip: "1" }], "markdown"),
      "\n • item #1:\n\n# city: Paris\n\n# zip: None\n\n • item #2:\n\n# city: Rome\n\n# zip: 1\n"
    )
  })

  it("is a list in HTML, and says so when it is empty", () => {
    assert.strictEqual(listed("native.Text", [{ text: "<a>" }], "html"), "<ul><li>&lt;a&gt;</li></ul>")
    assert.strictEqual(listed("native.Text", [], "html"), "<ul><li><em>empty</em></li></ul>")
    assert.strictEqual(listed("native.Text", [], "plain"), "")
    assert.strictEqual(listed(address.ref, [], "markdown"), "")
  })

  it("is JSON under items", () => {
    assert.deepStrictEqual(JSON.parse(listed("native.Text", [{ text: "a" }], "json")), { items: [{ text: "a" }] })
  })
})

describe("a plain value", () => {
  it.for(
    [
      [true, "boolean", "True"],
      [false, "any", "False"],
      [null, "text", "None"],
      [2, "number", "2.0"],
      [2, "integer", "2"],
      [2, "any", "2"],
      [2.5, "any", "2.5"],
      [-0, "number", "-0.0"],
      [1e16, "number", "1e+16"],
      [123_456_789_012, "number", "123456789012.0"],
      [0.0001, "number", "0.0001"],
      [0.000_01, "number", "1e-05"],
      [1.5e300, "number", "1.5e+300"],
      ["a", "text", "a"]
    ] as const
  )("%j of type %s prints as %s", ([value, kind, text]) => assert.strictEqual(scalar(value, { kind }), text))

  it.prop("is escaped so that no mark-up of it survives in HTML", [Schema.String], ([text]) => {
    for (
      const html of [
        escapeHtml(text),
        shown(address.ref, { [text]: text }, "html").replaceAll(/<\/?(table|tr|th|td)>/g, "")
      ]
    ) {
      assert.notMatch(html, /[<>"']/)
    }
  })

  it.prop("and every content renders in every format", [Schema.Record(Schema.String, Schema.Json)], ([content]) => {
    for (const { ref } of concepts.all()) {
      for (const format of ["plain", "markdown", "html", "json"] as const) assert.isString(shown(ref, content, format))
    }
  })
})
