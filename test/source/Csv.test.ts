import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Csv from "../../src/source/Csv.ts"

const quoted = (cell: string) => `"${cell.replaceAll("\"", "\"\"")}"`

describe("Csv.parse", () => {
  it("reads quotes, doubled quotes, line ends in cells, and both kinds of line end", () => {
    assert.deepStrictEqual(Result.getOrThrow(Csv.parse("\ufeffa, b\r\n1,\"x, \"\"y\"\"\nz\"\r\n\r\n,\"\"\n2,3")), {
      header: ["a", "b"],
      rows: [{ line: 2, cells: ["1", "x, \"y\"\nz"] }, { line: 5, cells: ["", ""] }, { line: 6, cells: ["2", "3"] }]
    })
  })

  it("takes an empty last cell, and a table without rows", () => {
    assert.deepStrictEqual(Result.getOrThrow(Csv.parse("a,b\n1,")).rows, [{ line: 2, cells: ["1", ""] }])
    assert.deepStrictEqual(Result.getOrThrow(Csv.parse("a,b\n")), { header: ["a", "b"], rows: [] })
  })

  const faults: ReadonlyArray<readonly [text: string, tag: Csv.CsvFault["_tag"], line: number]> = [
    ["", "Empty", 1],
    ["\n\n", "Empty", 1],
    ["a,b\n1", "Width", 2],
    ["a\n\"x\ny\"\n1,2", "Width", 4],
    ["a,b\n\"x,1", "Unclosed", 2],
    ["a,b\nx\"y,1", "StrayQuote", 2],
    ["a,b\n\"x\"y,1", "StrayQuote", 2],
    ["a,,c", "UnnamedColumn", 1],
    ["a,b,a", "DuplicateColumn", 1]
  ]
  it.each(faults)("finds the fault of %j", (text, tag, line) => {
    const read = Csv.parse(text)
    assert.deepStrictEqual(Result.isFailure(read) ? [read.failure._tag, read.failure.line] : [], [tag, line])
    if (Result.isFailure(read)) assert.isNotEmpty(Csv.explain(read.failure))
  })

  it.effect.prop("gives back the cells it was written from", [
    Schema.Array(Schema.Tuple([Schema.String, Schema.String]))
  ], ([rows]) =>
    Effect.sync(() => {
      const text = ["a,b", ...rows.map((cells) => cells.map(quoted).join(","))].join("\r\n")
      assert.deepStrictEqual(
        Result.getOrThrow(Csv.parse(text)).rows.map(({ cells }) => cells),
        rows.map((cells) => [...cells])
      )
    }))

  it.effect.prop("never throws", [Schema.String], ([text]) => Effect.sync(() => Csv.parse(text)))
})
