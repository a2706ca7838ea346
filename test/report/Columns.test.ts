import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { clean, clip, cut, padEnd, width, wrap } from "../../src/report/Columns.ts"

describe("Columns", () => {
  it("counts wide characters and emoji twice, marks and colours not at all", () => {
    assert.deepStrictEqual(["abc", "日本", "e\u0301", "👩‍👩‍👧", "🇫🇷", "\u001b[31mred\u001b[39m", "é", "→"].map(width), [
      3,
      4,
      1,
      2,
      2,
      3,
      1,
      1
    ])
  })

  it("takes out what a terminal would obey", () => {
    assert.strictEqual(clean("a\u001b[2Jb\u001b]0;title\u0007c\u0000\u202ed\r\ne\tf"), "abcd\ne  f")
  })

  it("breaks at spaces, and inside a word only when it is longer than the line", () => {
    assert.deepStrictEqual(wrap("the quick brown fox", 10), ["the quick", "brown fox"])
    assert.deepStrictEqual(wrap("abcdefghijkl mn", 5), ["abcde", "fghij", "kl mn"])
    assert.deepStrictEqual(wrap("日本語日本語", 5), ["日本", "語日", "本語"])
    assert.deepStrictEqual(wrap("  indented text that goes on", 12), ["  indented", "text that", "goes on"])
    assert.deepStrictEqual(wrap("a\n\nb", 10), ["a", "", "b"])
  })

  it("says that something was left out", () => {
    assert.strictEqual(cut("a long line", 7), "a long…")
    assert.deepStrictEqual(clip(["one", "two", "three"], 2, 10), ["one", "two …"])
  })

  it.prop("no line is wider than asked", [Schema.String, Schema.Literals([2, 7, 40, 80])], ([text, columns]) => {
    for (const line of wrap(text, columns)) assert.isAtMost(width(line), columns)
    assert.isAtMost(width(cut(text, columns)), columns)
    assert.isAtLeast(width(padEnd(text, columns)), columns)
  }, { arbitrary: { runs: 300 } })
})
