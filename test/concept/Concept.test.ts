import { assert, describe, it } from "@effect/vitest"
import { type Concept, Concepts } from "../../src/concept/Concept.ts"
import { address, field, many, must, one, people, person, plain, structured } from "./Sample.ts"

const sum = [field("total", "number", must), field("note", "text")] as const

const concepts = Concepts.make([
  plain("d.Note"),
  plain("d.Tag", "native.Text"),
  plain("d.Label", "native.Text"),
  plain("d.Sublabel", "d.Label"),
  plain("d.Letter", "native.Markdown"),
  plain("d.Scan", "native.Image"),
  plain("d.Photo", "d.Scan"),
  structured("d.Invoice", ...sum),
  plain("d.Bill", "d.Invoice"),
  plain("d.LateBill", "d.Bill"),
  structured(
    "d.Receipt",
    ...sum.map(({ name, required, type }) => field(name, type, { required, description: "Else" }))
  ),
  structured("d.Estimate", field("total", "integer", must), field("note", "text")),
  structured("d.Offer", field("total", "number"), field("note", "text")),
  structured("d.Priced", field("total", "number", { default: 1 }), field("note", "text")),
  structured("d.Folder", field("invoice", one("d.Bill"), must)),
  structured("d.Cabinet", field("folder", one("d.Folder"), must)),
  structured("d.Pile", field("invoices", many(one("d.Invoice")), must)),
  structured("d.Lines", field("text", "text", must)),
  plain("d.Whatever", "native.Anything")
])

const all = concepts.all().map(({ ref }) => ref)
const declared = all.filter((ref) => !ref.startsWith("native."))

const refs = (slice: ReadonlyArray<Concept>): ReadonlyArray<string> => slice.map(({ ref }) => ref).toSorted()

describe("compatibility", () => {
  it.for(
    [
      ["1: what is Dynamic", "native.Dynamic", "d.Invoice", true, true],
      ["1: what wants Dynamic", "d.Invoice", "native.Dynamic", true, true],
      ["2: what wants Anything", "d.Invoice", "native.Anything", true, true],
      ["2: Anything is nothing narrower", "native.Anything", "native.Text", false, false],
      ["3: itself", "d.Invoice", "d.Invoice", true, true],
      ["4: what refines it directly", "d.Bill", "d.Invoice", true, true],
      ["4: what is refined by it", "d.Invoice", "d.Bill", true, true],
      ["5: another refinement of the same", "d.Tag", "d.Label", true, true],
      ["6: Markdown as Text", "native.Markdown", "native.Text", true, true],
      ["6: Text as Markdown", "native.Text", "native.Markdown", false, false],
      ["6: a refinement of Text as Markdown", "d.Tag", "native.Markdown", false, false],
      ["6: a refinement of Markdown as Markdown", "d.Letter", "native.Markdown", true, true],
      ["6: a refinement of Markdown as Text", "d.Letter", "native.Text", true, true],
      ["6: the bare form as Text", "d.Note", "native.Text", true, true],
      ["6: a refinement of a refinement as the native", "d.Photo", "native.Image", true, true],
      ["6: refinements of Text at different depths", "d.Sublabel", "d.Tag", true, true],
      ["6: a structure equal but for descriptions", "d.Receipt", "d.Invoice", true, true],
      ["6: a single text field as Text", "d.Lines", "native.Text", true, true],
      ["6: another type of one field", "d.Estimate", "d.Invoice", false, false],
      ["6: another required set", "d.Offer", "d.Invoice", false, false],
      ["6: another default", "d.Priced", "d.Offer", false, false],
      ["6: a refinement of any length", "d.LateBill", "d.Invoice", true, true],
      ["6: a field that derives from it, for wiring only", "d.Folder", "d.Invoice", false, true],
      ["6: a field of a field", "d.Cabinet", "d.Invoice", false, false],
      ["6: a list of it", "d.Pile", "d.Invoice", false, false],
      ["6: a page holds a picture, for wiring only", "native.Page", "native.Image", false, true],
      ["an image as a text", "native.Image", "native.Text", false, false],
      ["an image as a document", "native.Image", "native.Document", false, false],
      ["Composite as a structure", "native.Composite", "d.Invoice", false, false],
      ["a structure as Composite", "d.Invoice", "native.Composite", false, false],
      ["a name nobody declares", "d.Nowhere", "d.Invoice", false, false]
    ] as const
  )("rule %s", ([, tested, wanted, strict, wiring]) => {
    assert.strictEqual(concepts.isCompatible(tested, wanted, true), strict)
    assert.strictEqual(concepts.isCompatible(tested, wanted, false), wiring)
  })

  it("holds between every concept and itself, and is never lost by being less strict", () => {
    for (const tested of all) {
      assert.isTrue(concepts.isCompatible(tested, tested, true))
      for (const wanted of all) {
        if (concepts.isCompatible(tested, wanted, true)) assert.isTrue(concepts.isCompatible(tested, wanted, false))
      }
    }
  })

  it("decides what a value is: a text, an image, a document", () => {
    assert.deepStrictEqual(declared.filter((ref) => concepts.isText(ref)), [
      "d.Note",
      "d.Tag",
      "d.Label",
      "d.Sublabel",
      "d.Letter",
      "d.Lines"
    ])
    assert.deepStrictEqual(declared.filter((ref) => concepts.isImage(ref)), ["d.Scan", "d.Photo"])
    assert.deepStrictEqual(declared.filter((ref) => concepts.isDocument(ref)), [])
    assert.isFalse(concepts.isText("native.Dynamic"))
  })
})

describe("a set of concepts", () => {
  it("follows refinements, round a cycle once", () => {
    assert.deepStrictEqual(concepts.lineage("d.LateBill"), ["d.LateBill", "d.Bill", "d.Invoice"])
    const round = Concepts.make([plain("d.A", "d.B"), plain("d.B", "d.A")])
    assert.deepStrictEqual(round.lineage("d.A"), ["d.A", "d.B"])
    assert.deepStrictEqual(round.fields("d.A")?.map(({ name }) => name), ["text"])
  })

  it("gives a refinement the fields of its base, and the bare form those of a text", () => {
    assert.deepStrictEqual(concepts.fields("d.LateBill"), concepts.fields("d.Invoice"))
    assert.deepStrictEqual(concepts.fields("d.Note"), concepts.fields("native.Text"))
    assert.isUndefined(concepts.fields("d.Whatever"))
  })

  it("names classes after domain and code", () => {
    assert.strictEqual(people.className(person.ref), "demo__lab__Person")
    assert.strictEqual(people.className("native.Image"), "ImageContent")
  })

  it("tells classes apart by number where two packages call theirs the same", () => {
    const own = structured("billing.Invoice", field("total", "number"))
    const other = {
      ...structured("billing.Invoice", field("lines", "integer")),
      ref: "acme->billing.Invoice",
      package: "acme"
    }
    const holder = structured("billing.Both", field("own", one(own.ref)), field("other", one(other.ref)))
    const both = Concepts.make([other, own, holder])
    assert.strictEqual(both.className(own.ref), "billing__Invoice")
    assert.strictEqual(both.className(other.ref), "billing__Invoice_2")
    assert.isFalse(both.isCompatible(own.ref, other.ref, false))
  })

  it("knows what holds images at any depth", () => {
    const holders = Concepts.make([
      structured("d.Album", field("pages", many(one("d.Sheet")))),
      structured("d.Sheet", field("by_name", { kind: "dict", value: one("native.Image") })),
      structured("d.Loop", field("next", one("d.Loop")))
    ])
    for (const ref of ["d.Album", "native.Page", "native.TextAndImages", "native.Composite"]) {
      assert.isTrue(holders.holdsImages(ref))
    }
    for (const ref of ["d.Loop", "native.Document", "native.Text"]) assert.isFalse(holders.holdsImages(ref))
  })

  it("slices what some concepts need: their bases and fields, no native", () => {
    assert.deepStrictEqual(refs(concepts.slice(["d.Cabinet"])), ["d.Bill", "d.Cabinet", "d.Folder", "d.Invoice"])
    assert.deepStrictEqual(refs(concepts.slice(["native.Page", "d.Nowhere"])), [])
    assert.deepStrictEqual(refs(people.slice([person.ref])), [address.ref, person.ref])
    const sliced = Concepts.make(concepts.slice(["d.Cabinet"]))
    assert.deepStrictEqual(sliced.fields("d.Bill"), concepts.fields("d.Bill"))
  })

  it("has nothing under names that objects inherit", () => {
    for (const ref of ["constructor", "__proto__", "toString"]) {
      assert.isFalse(concepts.has(ref))
      assert.isUndefined(concepts.get(ref))
    }
  })
})
