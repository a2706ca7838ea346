import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { type Concept, Concepts } from "../../src/concept/Concept.ts"
import type { JsonObject } from "../../src/concept/Json.ts"
import type { FieldType, Scalar } from "../../src/concept/Structure.ts"
import type { Shape, Stuff } from "../../src/concept/Stuff.ts"
import * as Artefact from "../../src/template/Artefact.ts"
import * as FileRegistry from "../../src/template/FileRegistry.ts"
import type { Settings } from "../../src/template/Run.ts"
import * as Template from "../../src/template/Template.ts"

const structured = (
  code: string,
  fields: ReadonlyArray<readonly [name: string, type: Scalar | FieldType]>
): Concept => ({
  ref: `demo.lab.${code}`,
  domain: "demo.lab",
  code,
  description: code,
  structure: fields.map(([name, type]) => ({
    name,
    description: name,
    type: typeof type === "string" ? { kind: type } : type,
    required: true
  }))
})

const of = (ref: string): FieldType => ({ kind: "concept", ref })
const many = (item: FieldType): FieldType => ({ kind: "list", item })

const concepts = Concepts.make([
  structured("Addr", [["city", "text"], ["zip", "text"]]),
  structured("Person", [
    ["name", "text"],
    ["age", "integer"],
    ["gpa", "number"],
    ["is_here", "boolean"],
    ["nick", "text"],
    ["tags", many({ kind: "text" })],
    ["scores", { kind: "dict", value: { kind: "number" } }],
    ["addr", of("demo.lab.Addr")],
    ["homes", many(of("demo.lab.Addr"))],
    ["born", "date"],
    ["photo", of("native.Image")],
    ["album", many(of("native.Image"))],
    ["constructor", "text"]
  ])
])

const ann: JsonObject = {
  name: "Ann",
  age: 2,
  gpa: 2,
  is_here: true,
  nick: null,
  tags: ["a", "it's"],
  scores: { a: 1 },
  addr: { city: "Rome", zip: null },
  homes: [{ city: "Oslo", zip: "1" }, { city: "Bern", zip: null }],
  born: "2001-02-03",
  photo: { url: "p.png" },
  album: [{ url: "p.png" }, { url: "q.png" }],
  constructor: "built"
}

const stuff = (shape: Shape, content: JsonObject, name = "x"): Stuff => ({ ...shape, code: "c0de1", name, content })
const single = (concept: string, content: JsonObject): Stuff => stuff({ concept, plural: false }, content)
const list = (concept: string, items: ReadonlyArray<JsonObject>): Stuff => stuff({ concept, plural: true }, { items })
const person = single("demo.lab.Person", ann)

const settings: Settings = { tagStyle: "xml", textFormat: "plain" }

const render = (source: string, value: Stuff, options: Partial<Template.Options> = {}, more: Partial<Settings> = {}) =>
  Result.flatMap(
    Template.parse(source, { category: "llm_prompt", ...options }),
    (template) => Template.render(template, { x: Artefact.make(concepts, value) }, { ...settings, ...more })
  )

const text = (...args: Parameters<typeof render>): string => Result.getOrThrow(render(...args))

describe("a stuff in a template", () => {
  it.for(
    [
      ["{{ x.name }}", "Ann"],
      ["{{ x[\"name\"] }}", "Ann"],
      ["{{ x.age }} {{ x.age + 1 }} {{ x.age / 4 }}", "2 3 0.5"],
      ["{{ x.gpa }} {{ x.scores }}", "2.0 {'a': 1.0}"],
      ["{{ x.is_here }} {{ x.get('nick') }}", "True None"],
      ["{{ x.tags }} {{ x.tags | length }} {{ x.tags[0] }}", "['a', \"it's\"] 2 a"],
      ["{{ x.scores.a }} {{ x.scores | length }}", "1.0 1"],
      ["{{ x.addr.city }}", "Rome"],
      ["{{ x.addr }}", "# city: Rome\n\n# zip: None"],
      ["{% for h in x.homes %}{{ loop.index }}{{ h.city }};{% endfor %}", "1Oslo;2Bern;"],
      ["{{ x.homes | map(attribute='city') | join(', ') }}", "Oslo, Bern"],
      ["{{ x.born }}", "2001-02-03"],
      ["{{ x.nope }}{{ x.nope is defined }}", "False"],
      ["{{ 'name' in x }} {{ '_stuff_name' in x }} {{ 'nope' in x }}", "True True False"],
      ["{{ x.get('name') }} {{ x.get('nope') }} {{ x.get('nope', 3) }}", "Ann None 3"],
      ["{{ x.iter_keys() | first }}", "name"],
      ["{% for key, value in x.iter_items() %}{{ key }} {% endfor %}", `${Object.keys(ann).join(" ")} `],
      ["{{ x.constructor }} {{ x.get('toString') }}", "built None"]
    ] as const
  )("%s gives %j", ([source, expected]) => assert.strictEqual(text(source, person), expected))

  it.for(["{{ x.nick }}", "{{ x.addr.zip }}", "{{ x['nick'] }}", "$x.nick"])(
    "%s is None",
    (source) => assert.strictEqual(text(source, person, { sigils: true }), "None")
  )

  it("tells its name, its concept, its class and its code, and no other private thing", () => {
    const source = "{{ x._stuff_name }} {{ x._concept_code }} {{ x._content_class }} {{ x._stuff_code }}"
    assert.strictEqual(text(source, person), "x Person demo__lab__Person c0de1")
    assert.strictEqual(text(source, list("demo.lab.Addr", [])), "x Addr ListContent c0de1")
    const refused = render("{{ x._content }}", person)
    assert.isTrue(Result.isFailure(refused) && refused.failure.kind === "refused")
  })

  it("is true when it is there, a list when it holds something", () => {
    const source = "{% if x %}yes{% else %}no{% endif %}"
    assert.strictEqual(text(source, single("native.Text", { text: "" })), "yes")
    assert.strictEqual(text(source, single("native.YesNo", { yes_no: false })), "yes")
    assert.strictEqual(text(source, list("native.Text", [])), "no")
    assert.strictEqual(text(source, list("native.Text", [{ text: "" }])), "yes")
  })

  it("can be walked, counted, indexed and cut when it is a list, and only then", () => {
    const texts = list("native.Text", [{ text: "a" }, { text: "b" }, { text: "c" }])
    assert.strictEqual(
      text("{% for i in x %}{{ i.text }}{% endfor %} {{ x | length }} {{ x[1] }} {{ x[-1].text }}", texts),
      "abc 3 b c"
    )
    assert.strictEqual(text("{% for i in x[1:3] %}{{ i }}{% endfor %}", texts), "bc")
    for (const source of ["{% for i in x %}{% endfor %}", "{{ x | length }}"]) {
      assert.isTrue(Result.isFailure(render(source, person)), source)
    }
  })

  it("prints what was given of a number, and yes or no of an answer", () => {
    assert.strictEqual(
      text("{{ x }} {{ x.number }} $x", single("native.Number", { number: 42 }), { sigils: true }),
      "42 42 42"
    )
    assert.strictEqual(text("{{ x }} {{ x.number }}", single("native.Number", { number: 2.5 })), "2.5 2.5")
    assert.strictEqual(
      text("{{ x }} {{ x.yes_no }}", single("native.YesNo", { yes_no: true, probability: null })),
      "yes True"
    )
  })

  it("gives the components of a composite as what each is", () => {
    const shape: Shape = {
      concept: "native.Composite",
      plural: false,
      components: { note: { concept: "native.Text", plural: false }, all: { concept: "demo.lab.Addr", plural: true } }
    }
    const content = { note: { text: "hi" }, all: { items: [{ city: "Oslo", zip: null }] } }
    assert.strictEqual(
      text("{{ x.note }} {{ x.note.text }} {{ x.all | length }} {{ x.all[0].city }}", stuff(shape, content)),
      "hi hi 1 Oslo"
    )
  })

  it("is what it holds when it is declared as anything", () => {
    const held = { ...single("native.Anything", { text: "hi" }), held: { concept: "native.Text", plural: false } }
    assert.strictEqual(text("{{ x }} {{ x.text }} {{ x._concept_code }}", held), "hi hi Anything")
  })

  it("is tagged with its name", () => {
    assert.strictEqual(text("{{ x | tag }}", single("native.Text", { text: "hi" })), "<x>\nhi\n</x>")
    assert.strictEqual(text("{{ x | tag('y') }}", single("native.Text", { text: "hi" })), "<y>\nhi\n</y>")
  })

  it("is formatted as asked", () => {
    const addr = single("demo.lab.Addr", { city: "<Rome>", zip: null })
    assert.strictEqual(
      text("{{ x | format('html') }}", addr),
      "<table><tr><th>city</th><td>&lt;Rome&gt;</td></tr></table>"
    )
    assert.strictEqual(text("{{ x | format('json') }}", addr), "{\n    \"city\": \"<Rome>\",\n    \"zip\": null\n}")
    assert.strictEqual(text("{{ x }}", addr, { category: "html" }), "# city: &lt;Rome&gt;\n\n# zip: None")
    assert.strictEqual(text("{{ x | format('json') }}", single("native.Text", { text: "a" })), "{\"text\": \"a\"}")
  })

  it("turns Markdown content into markup in HTML", () => {
    const note = single("native.Markdown", { text: "*hi*" })
    assert.strictEqual(text("{{ x | format('html') }}", note, { category: "html" }).trim(), "<p><em>hi</em></p>")
  })
})

describe("the files of a prompt", () => {
  const image = { url: "p.png" }

  it("are numbered by kind, in the order they are met, each once", () => {
    const files = FileRegistry.make()
    assert.strictEqual(files.image(image), "[Image 1]")
    assert.strictEqual(files.document({ url: "a.pdf" }), "[Document 1]")
    assert.strictEqual(files.image({ url: "q.png" }), "[Image 2]")
    assert.strictEqual(files.image({ url: "p.png", caption: "again" }), "[Image 1]")
    assert.strictEqual(files.document({ url: "b.pdf" }), "[Document 2]")
    assert.deepStrictEqual(files.registered(), {
      images: [image, { url: "q.png" }],
      documents: [{ url: "a.pdf" }, { url: "b.pdf" }]
    })
    assert.strictEqual(files.token("b.pdf"), "[Document 2]")
    assert.isUndefined(files.token("c.pdf"))
  })

  it("do not share their numbers with another prompt", () => {
    FileRegistry.make().image(image)
    assert.isUndefined(FileRegistry.make().token("p.png"))
  })

  it("print as their tokens once registered, wherever they are printed", () => {
    const files = FileRegistry.make()
    files.image(image)
    const photo = single("native.Image", image)
    assert.strictEqual(
      text("{{ x }} $x\n@x", photo, { sigils: true }, { files }),
      "[Image 1] [Image 1]\n<x>\n[Image 1]\n</x>"
    )
    assert.strictEqual(text("{{ x.photo }} {{ x.photo.url }}", person, {}, { files }), "[Image 1] p.png")
    assert.strictEqual(text("{{ x }}", single("native.Image", { url: "other.png" }), {}, { files }), "other.png")
  })

  it("print as a row of tokens when a whole list is registered", () => {
    const files = FileRegistry.make()
    for (const url of ["p.png", "q.png"]) files.image({ url })
    for (const url of ["a.pdf", "b.pdf"]) files.document({ url })
    assert.strictEqual(
      text("{{ x }}", list("native.Image", [image, { url: "q.png" }]), {}, { files }),
      "[Image 1], [Image 2]"
    )
    assert.strictEqual(
      text("{{ x }}", list("native.Document", [{ url: "a.pdf" }, { url: "b.pdf" }]), {}, { files }),
      "[Document 1]\n[Document 2]"
    )
  })

  it("are met by with_images, at any depth", () => {
    const files = FileRegistry.make()
    const shown = text("{{ x | with_images }}", person, {}, { files })
    assert.include(shown, "photo: [Image 1]")
    assert.include(shown, "album: [Image 1]\n[Image 2]")
    assert.notInclude(shown, "nick")
    assert.deepStrictEqual(files.registered().images, [image, { url: "q.png" }])
  })

  it("follow the text of a text with images", () => {
    const files = FileRegistry.make()
    const content = { text: { text: "See" }, images: [image, { url: "q.png" }], raw_html: null }
    assert.strictEqual(
      text("{{ x | with_images }}", single("native.TextAndImages", content), {}, { files }),
      "See\n[Image 1]\n[Image 2]"
    )
    assert.strictEqual(
      text("{{ x | with_images }}", list("native.Image", [image, { url: "r.png" }]), {}, { files }),
      "[Image 1]\n[Image 3]"
    )
  })
})
