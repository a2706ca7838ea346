import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { width } from "../../src/report/Columns.ts"
import * as Panel from "../../src/report/Panel.ts"
import * as Style from "../../src/report/Style.ts"
import * as Table from "../../src/report/Table.ts"

const card = {
  title: "A red umbrella 🌂",
  price: 12.5,
  tags: ["rain", "red"],
  maker: { name: "日本傘", since: null },
  notes: []
}

describe("Table", () => {
  it("shows an object as a table of its fields in a rounded panel", () => {
    assert.strictEqual(
      Table.output("describe", "lab.Card", card, false).join("\n"),
      `╭─ Output of pipe describe → Card ──╮
│ ╭───────────┬───────────────────╮ │
│ │ Attribute │ Value             │ │
│ ├───────────┼───────────────────┤ │
│ │ title     │ A red umbrella 🌂 │ │
│ │ price     │ 12.5              │ │
│ │ tags      │ - rain            │ │
│ │           │ - red             │ │
│ │ maker     │ name: 日本傘      │ │
│ │           │ since: —          │ │
│ │ notes     │ —                 │ │
│ ╰───────────┴───────────────────╯ │
╰───────────────────────────────────╯`
    )
  })

  it("shows a text as it is, and a list as numbered rows", () => {
    assert.deepStrictEqual(Table.content({ text: "one\ntwo" }, false), ["one", "two"])
    assert.strictEqual(
      Table.content({ items: [{ text: "first" }, { a: 1, b: [true] }] }, true).join("\n"),
      `╭───┬──────────╮
│ # │ Value    │
├───┼──────────┤
│ 1 │ first    │
│ 2 │ a: 1     │
│   │ b:       │
│   │   - true │
╰───┴──────────╯`
    )
    assert.deepStrictEqual(Table.content({ items: [] }, true), ["(an empty list)"])
  })

  it("lets no control sequence of a model through", () => {
    assert.notInclude(Table.output("p", "lab.X", { a: "\u001b[2Jx", "\u001b[31mb": "y" }, false).join("\n"), "\u001b")
  })

  it.prop("fits the width, colours or not, whatever the content", [
    Schema.Json,
    Schema.Literals([24, 40, 80]),
    Schema.Boolean
  ], ([value, columns, plural]) => {
    for (const style of [Style.plain, Style.colour]) {
      const lines = Table.output("pipe", "lab.Thing", value, plural, { width: columns, style })
      for (const line of lines) assert.isAtMost(width(line), columns)
    }
  }, { arbitrary: { runs: 300 } })
})

describe("Panel", () => {
  it("is as wide as its content, and cuts a title that is too long", () => {
    assert.deepStrictEqual(Panel.lines("a title", ["x"]), ["╭─ a title ─╮", "│ x         │", "╰───────────╯"])
    for (const line of Panel.lines("t".repeat(99), ["y".repeat(99)], { width: 30 })) assert.isAtMost(width(line), 30)
  })
})
