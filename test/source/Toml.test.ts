import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { stringify } from "smol-toml"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import * as Moment from "../../src/concept/Moment.ts"
import type { Issue } from "../../src/failure/Issue.ts"
import * as Toml from "../../src/source/Toml.ts"
import * as Folder from "./Folder.ts"

const value = (text: string): JsonObject => Result.getOrThrow(Toml.parse(text, "a.mthds"))
const fault = (text: string): Issue => {
  const parsed = Toml.parse(text, "a.mthds")
  assert.isTrue(Result.isFailure(parsed))
  return Result.isFailure(parsed) ? parsed.failure : assert.fail()
}

describe("Toml.parse", () => {
  it("gives plain JSON, with keys such as __proto__ as own keys and nothing polluted", () => {
    const table = value("[__proto__]\nisAdmin = true\n[constructor]\nx = 1")
    assert.deepStrictEqual(Object.keys(table), ["__proto__", "constructor"])
    assert.isUndefined(Object.getOwnPropertyDescriptor(Object.prototype, "isAdmin"))
    assert.isFalse("isAdmin" in {})
  })

  it("tells dates, times and datetimes apart, as authored", () => {
    const { a, b, c, d, e } = value(
      "a = 2026-03-04\nb = 07:32:00\nc = 2026-03-04T07:32:00\nd = 2026-03-04 07:32:00.120-07:00\ne = \"2026-03-04\""
    )
    assert.deepStrictEqual([a, b, c, d, e].map(Moment.fromJson), [
      { kind: "date", iso: "2026-03-04" },
      { kind: "time", iso: "07:32:00" },
      { kind: "datetime", iso: "2026-03-04T07:32:00" },
      { kind: "datetime", iso: "2026-03-04T07:32:00.12-07:00" },
      undefined
    ])
    assert.isTrue(Moment.isDate(a) && Moment.isTime(b) && Moment.isDatetime(c) && !Moment.isDate(e))
    assert.deepStrictEqual(JSON.parse(JSON.stringify(a)), a)
  })

  const refused: ReadonlyArray<readonly [what: string, text: string, line: number, column: number, says: string]> = [
    ["a key written twice", "a = 1\na = 2", 2, 1, "\"a\" is defined twice"],
    ["a table written twice", "[pipe.x]\nb = 1\n[pipe.x]", 3, 2, "\"pipe.x\" is defined twice"],
    ["a day that is not in the calendar", "a = 1\nb = 2026-02-30", 2, 5, "no such day"],
    ["an integer that a number cannot hold", "a = 9007199254740993", 1, 5, "losslessly"],
    ["a text that is not TOML", "hello", 1, 1, "not valid TOML"],
    ["endless nesting", `a = ${"[".repeat(3000)}`, 1, 105, "nested"],
    ["endless dotted keys", `${Array.from({ length: 3000 }, () => "a").join(".")} = 1`, 1, 1, "nested"]
  ]
  it.each(refused)("refuses %s, with its place", (_, text, line, column, says) => {
    const issue = fault(text)
    assert.strictEqual(issue.code, "method.syntax")
    assert.include(issue.message, says)
    assert.deepStrictEqual(issue.position, { line, column })
    assert.isTrue(issue.excerpt?.split("\n")[1]?.endsWith("^"))
  })

  const accepted: ReadonlyArray<readonly [what: string, text: string]> = [
    ["keys that look like dates", "2026-02-30 = 1\n[t.2026-02-31]\nx = 1"],
    ["lists over several lines inside an inline table", "a = { b = [\n 1, # one\n 2,\n], c = \"\"\"\nx{\n\"\"\" }"],
    [
      "brackets and hashes inside strings",
      "a = \"}{#\\\"\" # {\nb = '{\\e'\nc = '''\n{,}'''\nd = \"\"\"\"x\"\"\"\"\"\n"
    ],
    ["a time without seconds", "a = 07:32"],
    ["an inline table over several lines, with a comma at its end", "a = {\n b = 1, # one\n}"],
    ["an escape of TOML 1.1", "a = \"\\e\\x41\""],
    ["line endings of Windows", "a = 1\r\nb = { c = 2 }\r\n"],
    ["29 February of a leap year", "a = 2024-02-29\nb = 2000-02-29"]
  ]
  it.each(accepted)("takes %s", (_, text) => {
    assert.isTrue(Result.isSuccess(Toml.parse(text, "a.mthds")))
  })

  it.effect.prop("never throws, whatever the bytes", [
    Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))
  ], ([bytes]) =>
    Effect.sync(() => {
      const text = Toml.decode(Uint8Array.from(bytes), "a.mthds")
      if (Result.isSuccess(text)) Toml.parse(text.success, "a.mthds")
    }))

  it("survives any single deletion or doubling of a bundle's characters", () => {
    const bundle =
      "domain = \"lab\"\n[pipe.tell]\ninputs = { card = \"Card\", when = 2026-03-04 }\nsteps = [\n  { pipe = \"a\", result = 'b' },\n]\nprompt = \"\"\"\nTell \\\n  me $x\"\"\"\n"
    for (let at = 0; at < bundle.length; at++) {
      for (
        const text of [
          bundle.slice(0, at) + bundle.slice(at + 1),
          bundle.slice(0, at) + bundle[at] + bundle.slice(at),
          bundle.slice(0, at)
        ]
      ) {
        const parsed = Toml.parse(text, "a.mthds")
        if (Result.isFailure(parsed)) assert.isAtMost(parsed.failure.position?.line ?? 99, text.split("\n").length)
      }
    }
  })

  it("shows the line of the first byte that is not UTF-8", () => {
    const decoded = Toml.decode(Uint8Array.from([97, 61, 49, 10, 98, 61, 34, 0xff, 34]), "a.mthds")
    assert.deepStrictEqual(Result.isFailure(decoded) ? decoded.failure.position : undefined, { line: 2, column: 4 })
  })
})

const scalar = Schema.Union([Schema.Int, Schema.Boolean, Schema.String])
const cell = Schema.Union([
  scalar,
  Schema.Array(scalar),
  Schema.Record(Schema.String, scalar),
  Schema.Array(Schema.Record(Schema.String, scalar))
])

type At = ReadonlyArray<string | number>

/** Every path of a value, with what stands there. */
const paths = (json: Json, at: At): ReadonlyArray<readonly [At, Json]> => {
  if (typeof json !== "object" || json === null) return []
  const inside: ReadonlyArray<readonly [string | number, Json]> = Array.isArray(json)
    ? json.map((item: Json, index) => [index, item] as const)
    : Object.entries(json)
  return inside.flatMap(([key, inner]) => {
    const path = at.concat(key)
    const here: ReadonlyArray<readonly [At, Json]> = [[path, inner]]
    return here.concat(paths(inner, path))
  })
}

describe("Toml.locate", () => {
  const text =
    "a.b = 1\n[pipe.tell]\nmodel = { name = \"x\", \"y z\" = [1, { q = 2 }] }\n[[step]]\nn = 1\n[[step]]\n[step.sub]\nn = 2\n"
  const places: ReadonlyArray<readonly [path: ReadonlyArray<string | number>, line: number, column: number]> = [
    [["a"], 1, 1],
    [["a", "b"], 1, 3],
    [["pipe", "tell"], 2, 7],
    [["pipe", "tell", "model", "y z"], 3, 23],
    [["pipe", "tell", "model", "y z", 1, "q"], 3, 37],
    [["step", 1, "sub", "n"], 8, 1],
    [["pipe", "tell", "nothing", "there"], 2, 7]
  ]
  it.effect.each(places)("leads %j to line %d, column %d", ([path, line, column]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Toml.locate(text, path), { line, column })
    }))

  it.effect("says nothing of a path whose first step is nowhere", () =>
    Effect.gen(function*() {
      assert.isUndefined(yield* Toml.locate(text, ["other"]))
      assert.isUndefined(yield* Toml.locate("not toml", ["other"]))
    }))

  it.effect.prop(
    "agrees with the value at every path of a table",
    [Schema.Record(Schema.String, cell)],
    ([table]) =>
      Effect.gen(function*() {
        if (/\\ud[89a-f]/i.test(JSON.stringify(table))) return // half a character cannot be written
        const source = stringify(table)
        const parsed = Toml.parse(source, "a.mthds")
        if (Result.isFailure(parsed)) return
        const lines = source.split("\n")
        for (const [path, found] of paths(parsed.success, [])) {
          const place = yield* Toml.locate(source, path)
          assert.isDefined(place)
          const key = path.at(-1)
          if (place === undefined || typeof key !== "string" || typeof found === "object") continue
          const rest = lines[place.line - 1]?.slice(place.column - 1) ?? ""
          const alone = Toml.parse(rest.split("\n")[0] ?? "", "a.mthds")
          if (Result.isSuccess(alone) && lines[place.line - 1]?.startsWith("[") === false) {
            assert.deepStrictEqual(alone.success[key], found)
          }
        }
      })
  )
})

const issue = (path: Issue["path"], inner?: NonNullable<Issue["inner"]>): Issue => ({
  code: "method.input_undeclared",
  path,
  message: "m",
  ...(inner === undefined ? {} : { inner })
})

describe("Toml.place", () => {
  const prompt =
    "[pipe.tell]\ndescription = \"d\"\nprompt = \"\"\"\nHello\n  $nobody \\\n   and $other\"\"\"\nshort = \"a\\n\\u0062$x\"\n"
  it.effect("fills in file, position and excerpt, and sorts by place", () =>
    Effect.gen(function*() {
      const placed = yield* Toml.place(
        [issue(["pipe", "tell", "prompt"]), issue(["pipe", "tell", "description"])],
        new Map([["a.mthds", prompt]])
      )
      assert.deepStrictEqual(placed.map(({ file, position }) => [file, position?.line]), [["a.mthds", 2], [
        "a.mthds",
        3
      ]])
      assert.strictEqual(placed[0]?.excerpt, "2 | description = \"d\"\n  | ^")
    }))

  it.effect("follows a place inside a template through folded lines and escapes", () =>
    Effect.gen(function*() {
      const sources = new Map([["a.mthds", prompt]])
      const at = Effect.fnUntraced(function*(key: string, line: number, column: number) {
        const [placed] = yield* Toml.place([issue(["pipe", "tell", key], { line, column })], sources)
        return [placed?.position?.line, placed?.position?.column]
      })
      assert.deepStrictEqual(yield* at("prompt", 1, 1), [4, 1])
      assert.deepStrictEqual(yield* at("prompt", 2, 3), [5, 3])
      assert.deepStrictEqual(yield* at("prompt", 2, 15), [6, 8])
      assert.deepStrictEqual(yield* at("short", 2, 2), [7, 19])
    }))

  it.effect("leaves alone what has no source, and keeps what is known", () =>
    Effect.gen(function*() {
      const known: Issue = { ...issue([]), file: "b.mthds", position: { line: 7, column: 1 } }
      assert.deepStrictEqual(yield* Toml.place([known], new Map([["a.mthds", prompt]])), [known])
    }))
})

layer(Folder.layer)("the corpus", (it) => {
  it.effect("holds bundles that are refused for their syntax exactly when the reference refused them", (context) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const corpus = yield* Folder.corpus
      if (corpus === undefined) {
        context.skip()
        return
      }
      const files = (yield* fs.readDirectory(corpus, { recursive: true })).filter((name) => name.endsWith(".mthds"))
      assert.isAbove(files.length, 250)
      for (const name of files) {
        const file = path.join(corpus, name)
        const verdict = path.join(path.dirname(file), "verdict.json")
        const recorded = (yield* fs.exists(verdict)) ? yield* fs.readFileString(verdict) : ""
        const parsed = Toml.parse(yield* fs.readFileString(file), file)
        assert.strictEqual(Result.isFailure(parsed), recorded.includes("method.syntax"), file)
      }
    }))
})
