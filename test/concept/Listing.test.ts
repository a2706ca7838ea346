import { assert, describe, it } from "@effect/vitest"
import { Concepts } from "../../src/concept/Concept.ts"
import { classListing } from "../../src/concept/Listing.ts"
import { address, field, many, must, one, people, person, plain, structured } from "./Sample.ts"

const lineOf = (...structure: Parameters<typeof structured>[1][]): ReadonlyArray<string> =>
  classListing(Concepts.make([structured("d.C", ...structure)]), "d.C").split("\n").slice(2).map((line) => line.trim())

describe("the class listing", () => {
  it("shows the wanted class, then those of its fields", () => {
    assert.strictEqual(
      classListing(people, person.ref),
      `class demo__lab__Person(StructuredContent):
    """A person with an address"""
    full_name: str  # Full name
    age: int | None = None  # Age in years
    gpa: float = 2.5  # GPA
    level: Literal[
        "junior",
        "senior",
    ]  # Seniority
    addr: demo__lab__Addr  # Home
    others: List[demo__lab__Addr] | None = None  # Other addresses

class demo__lab__Addr(StructuredContent):
    """A Addr"""
    city: str  # City
    zip: str | None = None  # Zip`
    )
  })

  it("names each type as the reference does", () => {
    assert.deepStrictEqual(
      lineOf(
        field("a", "date", must),
        field("b", "datetime", must),
        field("c", "time", must),
        field("d", "boolean", must),
        field("e", { kind: "dict", value: { kind: "integer" } }, must),
        field("f", many({ kind: "any" }), must)
      ),
      [
        "a: date  # The a",
        "b: datetime  # The b",
        "c: time  # The c",
        "d: bool  # The d",
        "e: Dict[str, int]  # The e",
        "f: List[Any]  # The f"
      ]
    )
  })

  it("writes defaults as literals of the language it imitates", () => {
    assert.deepStrictEqual(
      lineOf(
        field("a", "text", { default: "it's" }),
        field("b", "text", { default: "'\"" }),
        field("c", "number", { default: 2 }),
        field("d", "integer", { default: 2 }),
        field("e", "boolean", { default: false }),
        field("f", many({ kind: "number" }), { default: [1, 2.5] }),
        field("g", { kind: "dict", value: { kind: "any" } }, { default: { k: null } })
      ),
      [
        "a: str = \"it's\"  # The a",
        "b: str = '\\'\"'  # The b",
        "c: float = 2.0  # The c",
        "d: int = 2  # The d",
        "e: bool = False  # The e",
        "f: List[float] = [1.0, 2.5]  # The f",
        "g: Dict[str, Any] = {'k': None}  # The g"
      ]
    )
  })

  it("shows each class once, however often and however deep it is held", () => {
    const concepts = Concepts.make([
      address,
      structured("d.Tree", field("left", one("d.Tree")), field("home", one(address.ref)), field("right", one("d.Tree")))
    ])
    const classes = Array.from(classListing(concepts, "d.Tree").matchAll(/^class (\w+)/gm), ([, name]) => name)
    assert.deepStrictEqual(classes, ["d__Tree", "demo__lab__Addr"])
  })

  it("breaks a long description, between words and after the hyphens of compounds", () => {
    const description = `${"word ".repeat(23)}end-to-end ${"more ".repeat(8)}`.trim()
    const listing = classListing(
      Concepts.make([{ ...structured("d.C", field("a", "text", must)), description }]),
      "d.C"
    )
    assert.deepStrictEqual(listing.split("\n").slice(1, 5), [
      `    """${"word ".repeat(23)}end-`,
      "",
      `    to-end ${"more ".repeat(8)}`.trimEnd(),
      "    \"\"\""
    ])
    const short = "x".repeat(140)
    assert.include(
      classListing(Concepts.make([{ ...plain("d.C", "native.Image"), description: short }]), "d.C"),
      `"""${short}"""`
    )
  })

  it("says no more of a concept that is a text", () => {
    const concepts = Concepts.make([plain("d.Tag", "native.Text"), plain("d.Note")])
    assert.strictEqual(
      classListing(concepts, "d.Tag"),
      `class d__Tag(TextContent):\n    """A Tag"""\n    # No additional fields`
    )
    assert.match(classListing(concepts, "d.Note"), /^class d__Note\(TextContent\):/)
  })

  it("shows a native with its fields", () => {
    assert.match(
      classListing(people, "native.Number"),
      /^class NumberContent\(StuffContent\):\n.*\n {4}number: int \| float {2}#/
    )
  })

  it("shows a refinement, then the base whose fields it has", () => {
    const concepts = Concepts.make([address, plain("d.Site", address.ref), plain("d.Yard", "d.Site")])
    assert.match(
      classListing(concepts, "d.Yard"),
      /^class d__Yard\(d__Site\):\n.*\n {4}# No additional fields\n\nclass d__Site\(demo__lab__Addr\):\n.*\n {4}# No additional fields\n\nclass demo__lab__Addr\(StructuredContent\):\n.*\n {4}city: str {2}# City/
    )
    const pictures = Concepts.make([plain("d.Scan", "native.Image")])
    assert.match(classListing(pictures, "d.Scan"), /^class d__Scan\(ImageContent\):\n.*\n {4}url: str/)
  })
})
