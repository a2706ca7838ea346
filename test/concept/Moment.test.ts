import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Moment from "../../src/concept/Moment.ts"

describe("a date or time of a TOML file", () => {
  it.for(["date", "time", "datetime"] as const)("goes through JSON: %s", (kind) => {
    const moment = { kind, iso: "2026-07-07" }
    assert.deepStrictEqual(Moment.fromJson(JSON.parse(JSON.stringify(Moment.toJson(moment)))), moment)
  })

  it("is nothing else's form", () => {
    for (const value of [null, "2026-07-07", [], {}, { "toml:date": 1 }, { "toml:date": "a", b: 1 }, { date: "a" }]) {
      assert.isUndefined(Moment.fromJson(value))
    }
  })

  it("becomes its ISO text wherever it stands", () => {
    const date = Moment.toJson({ kind: "date", iso: "2026-07-07" })
    assert.deepStrictEqual(Moment.toIsoStrings({ a: [date, { b: date }], c: 1 }), {
      a: ["2026-07-07", { b: "2026-07-07" }],
      c: 1
    })
  })

  it.prop(
    "leaves all other JSON as it is",
    [Schema.Json],
    ([json]) => assert.deepStrictEqual(Moment.toIsoStrings(json), json)
  )
})
