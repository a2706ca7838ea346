/** Whatever an author, or somebody worse, puts into a file comes back as issues: nothing is thrown and nothing hangs. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Bundle from "../../src/bundle/Bundle.ts"
import type { Json, JsonObject } from "../../src/concept/Json.ts"
import { isCode } from "../../src/failure/Codes.ts"
import type { Issue } from "../../src/failure/Issue.ts"
import { PipeFailure } from "../../src/failure/PipeFailure.ts"
import * as Library from "../../src/library/Library.ts"
import * as Toml from "../../src/source/Toml.ts"
import { compose, content, library, llm, make, models, pipe, run, sequence, toml } from "../library/Fixture.ts"

const card = `[concept.Card]
description = "A card"
[concept.Card.structure]
title = "Title"
when = { type = "date", description = "When", default_value = 2026-01-02 }
tags = { type = "list", item_type = "text", description = "Tags" }
owner = { type = "concept", concept_ref = "Person", description = "Owner" }
[concept.Person]
description = "A person"
refines = "Text"
`

/** Valid bundles that between them hold every pipe type and most keys. */
const seeds: ReadonlyArray<string> = [
  card +
  llm("think", { topic: "Text" }, "Card[]", { model: { model: "writer", temperature: 0.5 }, system_prompt: "S" }) +
  compose("show", { card: "Card" }, "{{ card.title }} @@x") +
  sequence("go", { topic: "Text" }, "Text[]", [
    { pipe: "think", result: "cards", nb_output: 2 },
    { pipe: "show", batch_over: "cards", batch_as: "card", result: "shown" }
  ]),
  card + llm("a", { topic: "Text?" }, "Text", { structuring_method: "direct" }) + llm("b", { topic: "Text?" }, "Text") +
  pipe("route", "PipeCondition", {
    inputs: { topic: "Text?" },
    output: "Text?",
    expression_template: "{% if topic %}{{ topic.text }}{% else %}none{% endif %}",
    outcomes: { a: "a", b: "b" },
    default_outcome: "continue"
  }) +
  pipe("both", "PipeParallel", {
    inputs: { topic: "Text?" },
    output: "Composite",
    add_each_output: true,
    branches: [{ pipe: "a", result: "x" }, { pipe: "b", result: "y" }]
  }),
  card + llm("one", { item: "Card" }, "Person") +
  pipe("all", "PipeBatch", {
    inputs: { items: "Card[]" },
    output: "Person[]",
    branch_pipe_code: "one",
    input_list_name: "items",
    input_item_name: "item"
  }) +
  pipe("build", "PipeCompose", {
    inputs: { items: "Card[]", person: "Person" },
    output: "Card",
    construct: {
      title: { template: "$person" },
      tags: ["x"],
      owner: { from: "person" },
      when: "2026-01-01",
      more: { from: "items" }
    }
  }) +
  sequence("bind", { card: "Card" }, "Text[]", [{ from: "card.tags", result: "tags" }]),
  pipe("judge", "PipeJudge", {
    inputs: { proof: "Text" },
    output: "Choice",
    prompt: "$proof",
    question: "Which?",
    options: { a: "A", b: "B" }
  }) +
  pipe("read", "PipeExtract", { inputs: { doc: "Document" }, output: "Page[]", page_views: true, page_views_dpi: 90 }) +
  pipe("draw", "PipeImgGen", { inputs: { topic: "Text" }, output: "Image[2]", prompt: "$topic", size: "1k", seed: 3 }) +
  pipe("find", "PipeSearch", {
    inputs: { topic: "Text" },
    output: "SearchResult",
    prompt: "$topic",
    from_date: "2026-01-01"
  }) +
  pipe("print", "PipeDocGen", {
    inputs: { topic: "Text" },
    output: "Document",
    format: "pdf",
    template: "<p>$topic</p>"
  }) +
  pipe("call", "PipeFunc", { inputs: { topic: "Text" }, output: "Text", function_name: "lib.call" }) +
  pipe("shape", "PipeStructure", { inputs: { topic: "Text" }, output: "JSON" }) +
  "[pipe.later]\ndescription = \"l\"\ninputs = { a = { concept = \"Text\", hints = { intent = \"prose\" } } }\noutput = \"Number\"\n"
].map((text) => `domain = "d"\ndescription = "D"\nmain_pipe = "${/\[pipe\.(\w+)\]/.exec(text)?.[1]}"\n${text}`)

/** A small generator of pseudo-random numbers, the same for the same seed. */
const random = (seed: number) => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return { below, pick: <A>(items: ReadonlyArray<A>): A => items[below(items.length)] as A }
}
type Random = ReturnType<typeof random>

const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth)

const snippets: ReadonlyArray<string> = [
  "__proto__ = { polluted = true }",
  "constructor = { prototype = { polluted = true } }",
  "\"toString\" = \"x\"",
  "hasOwnProperty = 1",
  "[__proto__]\npolluted = true",
  "[concept.__proto__]\npolluted = true",
  "[pipe.__proto__]\ntype = \"PipeLLM\"",
  "[pipe.constructor]\ntype = \"constructor\"\ndescription = \"x\"\noutput = \"Text\"",
  "[pipe.valueOf]\ndescription = \"x\"\noutput = \"Text\"",
  "inputs = { __proto__ = \"Text\", constructor = \"Text\" }",
  "outcomes = { __proto__ = \"fail\", toString = \"continue\" }",
  "construct = { __proto__ = { from = \"__proto__.x\" }, constructor = { template = \"$x\" } }",
  "[concept.Card.structure.__proto__]\ndescription = \"x\"\ntype = \"text\"",
  "structure = { constructor = \"x\", toString = { type = \"concept\", concept_ref = \"constructor\", description = \"x\" } }",
  "type = \"__proto__\"",
  "pipe = \"toString\"",
  `x = ${nested(60, "[", "]")}`,
  `x = ${nested(300, "[", "]")}`,
  `prompt = "{{ ${nested(60, "(", ")")} }}"`,
  `prompt = "${"{% if a %}".repeat(200)}"`,
  `prompt = "{{ ${"not ".repeat(500)}a }}"`,
  `template = "{{ a${"[0]".repeat(300)} }}"`,
  `expression = "${"a.".repeat(500)}b"`,
  `output = "${"A".repeat(5000)}[${"9".repeat(400)}]"`,
  `from = "${"a.".repeat(2000)}b"`,
  "page_views_dpi = 9007199254740991",
  "page_views_dpi = 99999999999999999999",
  "threshold = nan",
  "temperature = inf",
  "nb_output = -1",
  "nb_output = 9007199254740991",
  "output = \"Text[9007199254740991]\"",
  "output = \"\u202eText\u0000\"",
  "\u00e9\ud83d\ude00 = 1",
  "\"\\u0000\" = \"\\u0000\"",
  "'' = ''",
  "refines = \"Card\"",
  "default_value = 1979-05-27T07:32:00-08:00",
  "domain = \"d.__proto__\"",
  "hints = { __proto__ = \"x\" }"
]

const strings = [
  "",
  " ",
  "\n",
  "💥",
  "\u0000",
  "__proto__",
  "constructor",
  "a->b->c.d",
  "a.b.c",
  "Text[0]",
  "$",
  "@x",
  "{{",
  "é".repeat(300)
]

const values: ReadonlyArray<unknown> = [
  0,
  -1,
  1.5,
  1e308,
  true,
  [],
  {},
  [[]],
  { a: { b: { c: [1] } } },
  ["x", 1, true],
  ...strings
]

/** Changes to the text itself. */
const editText = (text: string, { below, pick }: Random): string => {
  const lines = text.split("\n")
  const at = below(lines.length)
  const other = below(lines.length)
  const line = lines[at] ?? ""
  switch (below(9)) {
    case 0:
      lines.splice(at, 1)
      break
    case 1:
      lines.splice(other, 0, line)
      break
    case 2:
      lines[at] = lines[other] ?? ""
      lines[other] = line
      break
    case 3:
      lines.splice(at, 0, pick(snippets))
      break
    case 4:
      lines[at] = line.replace(/=.*/, () => `= ${toml(pick(values))}`)
      break
    case 5: {
      const cut = below(line.length + 1)
      lines[at] = line.slice(0, cut) + pick(strings) + line.slice(cut)
      break
    }
    case 6:
      lines[at] = line.replace(/\b(\w+) =/, () => `${pick(["__proto__", "constructor", "toString", "tpye", "x"])} =`)
      break
    case 7: {
      const cut = below(text.length)
      return text.slice(0, cut) + String.fromCharCode(below(0x10000)) + text.slice(cut + below(3))
    }
    default:
      return text.slice(0, below(text.length))
  }
  return lines.join("\n")
}

/** Changes to the parsed document, which get further than most changes of the text. */
const editTree = (document: JsonObject, source: Random): JsonObject => {
  const { below, pick } = source
  const change = (value: Json, depth: number): Json => {
    if (Array.isArray(value)) {
      const items = value as ReadonlyArray<Json>
      return items.length === 0 || below(3) === 0
        ? pick(values) as Json
        : items.map((item, index) => index === below(items.length) ? change(item, depth + 1) : item)
    }
    if (typeof value !== "object" || value === null) return pick(values) as Json
    const entries = Object.entries(value)
    const target = below(entries.length)
    if (depth > 0 && below(8) === 0) return pick(values) as Json
    const way = below(9)
    if (way === 0) entries.splice(target, 1)
    else if (way === 1) {
      entries.push([pick(["__proto__", "constructor", "toString", "extra"]), pick(values) as Json])
    } else if (way === 2) entries.push([`copy_${below(9)}`, entries[target]?.[1] ?? null])
    else {
      const found = entries[target]
      if (found !== undefined) entries[target] = [found[0], change(found[1], depth + 1)]
    }
    return Object.fromEntries(entries)
  }
  return change(document, 0) as JsonObject
}

const sound = (issue: Issue): void => {
  if (!isCode(issue.code)) assert.fail(`no registry code: ${JSON.stringify(issue)}`)
  if (issue.message.trim() === "" || issue.message.length > 20_000) {
    assert.fail(`message of ${issue.message.length}: ${issue.code}`)
  }
  if (issue.message.includes("[object") || issue.message.includes("undefined")) assert.fail(issue.message)
}

const load = (document: JsonObject, compat: boolean): number => {
  const { bundle, issues } = Bundle.decode(document, { file: "fuzz.mthds", compat })
  issues.forEach(sound)
  if (bundle === undefined) {
    assert.isNotEmpty(issues)
    return issues.length
  }
  const made = Library.make(
    { own: { bundles: [bundle], links: new Map() }, packages: new Map() },
    { models, compat, functions: new Set(["lib.call"]) },
    issues
  )
  made.issues.forEach(sound)
  made.warnings.forEach(sound)
  assert.strictEqual(made.library === undefined, made.issues.length > 0)
  if (made.library !== undefined) { for (const ref of made.library.pipes.keys()) made.library.pipe(ref) }
  return made.issues.length
}

describe("a mutated bundle", () => {
  it("is read into issues with a code and a message, ten thousand times over", () => {
    const parsed = seeds.map((text) => Result.getOrThrow(Toml.parse(text, "seed")))
    for (const document of parsed) assert.strictEqual(load(document, false), 0)
    const slow: Array<readonly [number, number]> = []
    for (let turn = 0; turn < 10_000; turn++) {
      const source = random(turn)
      const index = turn % seeds.length
      const start = Date.now()
      let document: JsonObject | undefined = parsed[index]
      try {
        if (source.below(2) === 0) {
          let text = seeds[index] ?? ""
          for (let edits = 1 + source.below(3); edits > 0; edits--) text = editText(text, source)
          const result = Toml.parse(text, "fuzz.mthds")
          if (Result.isFailure(result)) sound(result.failure)
          document = Result.isSuccess(result) ? result.success : undefined
        } else {
          for (let edits = 1 + source.below(4); edits > 0; edits--) document = editTree(document ?? {}, source)
        }
        if (document !== undefined) load(document, turn % 3 === 0)
      } catch (error) {
        throw new Error(`turn ${turn}: ${JSON.stringify(document)?.slice(0, 3000)}`, { cause: error })
      }
      const took = Date.now() - start
      if (took > 1000) slow.push([turn, took])
    }
    assert.deepStrictEqual(slow, [])
    assert.isUndefined(({} as { readonly polluted?: unknown }).polluted)
    assert.deepStrictEqual(Object.keys(Object.prototype), [])
  }, 60_000)

  it("of pipes that call one another twice at each of thirty levels is checked in no time", () => {
    const start = Date.now()
    const levels = Array.from({ length: 30 }, (_, level) =>
      sequence(`s${level}`, { topic: "Text" }, "Text", [
        { pipe: level === 29 ? "leaf" : `s${level + 1}`, result: "topic" },
        { pipe: level === 29 ? "leaf" : `s${level + 1}`, result: "topic" }
      ]))
    library(levels.join("\n") + compose("leaf", { topic: "Text" }, "$topic"))
    assert.isBelow(Date.now() - start, 2000)
  })
})

/** Concepts of which each holds the next several times. */
const layered = (levels: number, fields: number, required: boolean): string =>
  Array.from(
    { length: levels },
    (_, level) =>
      `[concept.L${level}]\ndescription = "l"\n[concept.L${level}.structure]\n` +
      Array.from({ length: fields }, (_unused, field) =>
        level === levels - 1
          ? `f${field} = "text"`
          : `f${field} = { type = "concept", concept_ref = "L${
            level + 1
          }", description = "x", required = ${required} }`).join("\n")
  ).join("\n") + "\n"

describe("concepts that multiply", () => {
  it.each([[30, 2], [9, 12]])("over %i levels of %i fields are checked in no time", (levels, fields) => {
    const start = Date.now()
    const method = library([
      layered(levels, fields, true),
      "[concept.Other]\ndescription = \"o\"\n[concept.Other.structure]\nx = \"x\"\n",
      llm("make", { topic: "Text" }, "L0"),
      llm("view", { deep: "L0" }, "Text", { prompt: "{{ deep.f0.f0 }}" }),
      sequence("go", { topic: "Text" }, "Text", [{ pipe: "make", result: "deep" }, { pipe: "view", result: "end" }])
    ].join("\n"))
    for (const ref of method.pipes.keys()) method.pipe(ref)
    assert.isFalse(method.concepts.holdsImages("d.L0"))
    assert.isFalse(method.concepts.isCompatible("d.L0", "d.Other", false))
    assert.isBelow(Date.now() - start, 3000)
  }, 20_000)
})

const hostile: ReadonlyArray<readonly [template: string, codes: ReadonlyArray<string>]> = [
  ["{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}", [
    "pipe.template_budget_exceeded"
  ]],
  ["{{ range(1000000000)|list|length }}", ["pipe.template_budget_exceeded", "pipe.template_render_failed"]],
  ["{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}", [
    "pipe.template_budget_exceeded",
    "pipe.template_render_failed"
  ]],
  ["{{ 'x' * 1000000000 }}", ["pipe.template_budget_exceeded", "pipe.template_render_failed"]],
  ["{{ 9 ** 9 ** 9 }}", ["pipe.template_budget_exceeded", "pipe.template_render_failed"]],
  ["{{ topic.constructor('return 1')() }}", ["pipe.template_render_failed", "security.template_refused"]],
  ["{{ topic.text.constructor.constructor('x') }}", ["pipe.template_render_failed", "security.template_refused"]],
  ["{{ ''['__proto__']['x'] }}", ["pipe.template_render_failed", "security.template_refused"]],
  ["{{ ({}).__class__.__mro__ }}", ["pipe.template_render_failed", "security.template_refused"]],
  ["{{ topic['__proto__'].polluted }}", ["pipe.template_render_failed", "security.template_refused"]],
  ["{% set ns = namespace() %}{% set ns.__proto__ = 1 %}{{ ns.x.y }}", [
    "pipe.template_render_failed",
    "security.template_refused"
  ]],
  ["{{ '%1000000000d'|format(1) }}", ["pipe.template_budget_exceeded", "pipe.template_render_failed"]],
  ["{{ topic.text|center(1000000000) }}", ["pipe.template_budget_exceeded", "pipe.template_render_failed"]]
]

describe("a hostile template", () => {
  const running = (table: (template: string) => string) => (template: string) =>
    Effect.suspend(() => {
      const { issues, library: made } = make(table(template))
      return made === undefined
        ? Effect.succeed(issues)
        : Effect.map(Effect.flip(run(made, "d.go", { topic: "t" })), (failure): ReadonlyArray<Issue> | PipeFailure =>
          failure)
    })
  const prompt = running((template) =>
    pipe("go", "PipeLLM", { inputs: { topic: "Text" }, output: "Text", prompt: `$topic; ${template}` })
  )
  const text = running((template) => compose("go", { topic: "Text" }, `$topic; ${template}`))
  const field = running((template) =>
    "[concept.Box]\ndescription = \"b\"\n[concept.Box.structure]\na = \"a\"\n" +
    pipe("go", "PipeCompose", {
      inputs: { topic: "Text" },
      output: "Box",
      construct: { a: { template: `$topic; ${template}` } }
    })
  )

  it.effect.each(hostile)(
    "%s is refused when it is loaded, or fails where it is rendered",
    ([template, codes]) =>
      Effect.gen(function*() {
        for (const attempt of [prompt, text, field]) {
          const start = Date.now()
          const ended = yield* attempt(template)
          if (ended instanceof PipeFailure) {
            assert.include([...codes, "method.template_invalid"], ended.code)
            assert.strictEqual(ended.location.pipe, "go")
            assert.isFalse(ended.retryable)
          } else assert.match(ended[0]?.message ?? "", /cannot be read|private name/)
          assert.isBelow(Date.now() - start, 3000)
        }
        assert.deepStrictEqual(Object.keys(Object.prototype), [])
      })
  )

  it.effect("as a value is only text", () =>
    Effect.gen(function*() {
      const method = library(compose("go", { topic: "Text" }, "$topic"))
      const memory = yield* run(method, "d.go", { topic: "{{ 1/0 }} {% for %} $x @y" })
      assert.deepStrictEqual(content(memory), { text: "{{ 1/0 }} {% for %} $x @y" })
    }))
})
