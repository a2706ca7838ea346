import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import type { Running } from "../library/Fixture.ts"
import { compose, content, kinds, library, make, pipe, run, toml } from "../library/Fixture.ts"

const rendered = (
  template: unknown,
  inputs: Readonly<Record<string, string>>,
  given: object,
  output = "Text",
  more: Running = {}
) =>
  Effect.map(
    run(library(pipe("tell", "PipeCompose", { inputs, output, template })), "d.tell", given as never, more),
    (memory) => content(memory)
  )

describe("a PipeCompose with a template", () => {
  it.effect("renders its inputs to a text, plain without tags", () =>
    Effect.gen(function*() {
      const made = yield* rendered("$a and {{ b.number }}", { a: "Text", b: "Number" }, { a: "x & y", b: 2.5 })
      assert.deepStrictEqual(made, { text: "x & y and 2.5" })
    }))

  it.effect("makes an Html where its output is one, escaping what it prints", () =>
    Effect.gen(function*() {
      const template = { template: "<p>$a</p>", category: "html" }
      const made = yield* rendered(template, { a: "Text" }, { a: "x < y" }, "Html")
      assert.deepStrictEqual(made, { inner_html: "<p>x &lt; y</p>", css_class: null })
    }))

  it.effect("takes a style of its own and values beside its inputs", () =>
    Effect.gen(function*() {
      const template = {
        template: "@a\n{{ n }} {{ words[1] }}",
        category: "basic",
        templating_style: { tag_style: "square_brackets" },
        extra_context: { n: 3, words: ["x", "y"] }
      }
      const { issues } = make(pipe("tell", "PipeCompose", { inputs: { a: "Text" }, output: "Text", template }))
      assert.deepStrictEqual(kinds(issues), [
        "missing_input_variable method.input_undeclared",
        "missing_input_variable method.input_undeclared"
      ])
      const declared = { a: "Text", n: "Anything?", words: "Anything?" }
      const guarded = {
        ...template,
        template: "@a\n{% if n %}{{ n }}{% endif %} {% if words %}{{ words[1] }}{% endif %}"
      }
      const made = yield* rendered(guarded, declared, { a: "x" })
      assert.deepStrictEqual(made, { text: "[a]\nx\n[/a]\n3 y" })
    }))

  it.effect("fails with the place in its template, never with the template or a value", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(
        rendered("one\n{{ secret.text.nope.deep }}", { secret: "Text" }, { secret: "hush" })
      )
      assert.strictEqual(failure.code, "pipe.template_render_failed")
      assert.isFalse(failure.retryable)
      assert.strictEqual("line" in failure.reason ? failure.reason.line : undefined, 2)
      assert.notInclude(JSON.stringify(failure), "hush")
    }))

  const faults: ReadonlyArray<readonly [table: object, kind: string]> = [
    [{ output: "Text", template: "x", construct: { a: 1 } }, "- method.schema_violation"],
    [{ output: "Text" }, "- method.schema_violation"],
    [{ output: "Text[]", template: "x" }, "- method.schema_violation"],
    [{ output: "Number", template: "x" }, "inadequate_output_concept method.output_concept_mismatch"],
    [{ output: "Text", template: { template: "x" } }, "- method.schema_violation"],
    [{ output: "Text", template: { template: "x", category: "fancy" } }, "- method.schema_violation"],
    [{ output: "Text", template: "{% if %}" }, "- method.template_invalid"],
    [{ output: "Text", template: "{{ x|nofilter }}" }, "- method.template_invalid"]
  ]
  it.each(faults)("refuses %j", (table, kind) => {
    const { issues } = make(pipe("tell", "PipeCompose", table as never))
    assert.include(kinds(issues), kind)
  })
})

const box = `
[concept.Owner]
description = "An owner"
[concept.Owner.structure]
name = "Name"
[concept.Box]
description = "A box"
[concept.Box.structure]
label = { type = "text", description = "d" }
size = { type = "number", description = "d" }
count = { type = "integer", description = "d" }
open = { type = "boolean", description = "d" }
day = { type = "date", description = "d" }
moment = { type = "datetime", description = "d" }
hour = { type = "time", description = "d" }
owner = { type = "concept", concept_ref = "Owner", description = "d" }
tags = { type = "list", item_type = "text", description = "d" }
owners = { type = "list", item_type = "concept", item_concept_ref = "Owner", description = "d" }
extra = { type = "dict", key_type = "text", value_type = "Any", description = "d" }
kind = { choices = ["a", "b"], description = "d" }
note = { type = "text", description = "d", default_value = "none" }
[concept.Holder]
description = "Holds"
[concept.Holder.structure]
maybe = { type = "text", description = "d" }
box = { type = "concept", concept_ref = "Box", description = "d" }
`

const constructed = (
  construct: object,
  inputs: Readonly<Record<string, string>> = {},
  given: object = {},
  output = "Box"
) =>
  Effect.map(
    run(
      library([box, pipe("build", "PipeCompose", { inputs, output, construct })].join("\n")),
      "d.build",
      given as never
    ),
    (memory) =>
      Object.fromEntries(
        Object.entries(content(memory) ?? {}).filter(([key, value]) => value !== null && key !== "note")
      )
  )

describe("a PipeCompose with a construct", () => {
  it.effect("takes fixed values, templates and nested tables", () =>
    Effect.gen(function*() {
      const made = yield* constructed(
        {
          label: { template: "of $a" },
          size: 2,
          open: true,
          tags: ["x"],
          owner: { name: { template: "$a" } },
          kind: "b"
        },
        { a: "Text" },
        { a: "Ann" }
      )
      assert.deepStrictEqual(made, {
        label: "of Ann",
        size: 2,
        open: true,
        tags: ["x"],
        owner: { name: "Ann" },
        kind: "b"
      })
    }))

  const conversions: ReadonlyArray<readonly [field: string, slot: string, given: unknown, held: unknown]> = [
    ["label", "Text", "hello", "hello"],
    ["label", "Markdown", "# hi", "# hi"],
    ["size", "Number", 2.5, 2.5],
    ["count", "Number", 2, 2],
    ["open", "YesNo", false, false],
    ["day", "Date", "2026-01-02", "2026-01-02"],
    ["moment", "Date", "2026-01-02T03:04:05", "2026-01-02T03:04:05"],
    ["hour", "Time", "03:04:05", "03:04:05"],
    ["owner", "Owner", { name: "Ann" }, { name: "Ann" }],
    ["tags", "Text[]", ["a", "b"], ["a", "b"]],
    ["owners", "Owner[]", [{ name: "Ann" }], [{ name: "Ann" }]],
    ["extra", "JSON", { deep: { er: [1] } }, { deep: { er: [1] } }],
    ["kind", "Text", "a", "a"]
  ]
  it.effect.each(conversions)(
    "puts a whole stuff into field %s as its value",
    ([field, slot, given, held]) =>
      Effect.gen(function*() {
        const made = yield* constructed({ [field]: { from: "source" } }, { source: slot }, { source: given })
        assert.deepStrictEqual(made, { [field]: held } as never)
      })
  )

  const refused: ReadonlyArray<readonly [field: string, slot: string, given: unknown]> = [
    ["size", "YesNo", true],
    ["count", "Number", 2.5],
    ["open", "Number", 1],
    ["day", "Date", "2026-01-02T03:04:05"],
    ["kind", "Text", "c"],
    ["owner", "Text", "Ann"],
    ["tags", "Text", "a"],
    ["label", "Text[]", ["a"]]
  ]
  it.effect.each(refused)(
    "refuses for field %s what is no value of its type, naming the field alone",
    ([field, slot, given]) =>
      Effect.gen(function*() {
        const failure = yield* Effect.flip(
          constructed({ [field]: { from: "source" } }, { source: slot }, { source: given })
        )
        assert.strictEqual(failure.code, "pipe.output_invalid")
        assert.include(failure.message, `/${field}`)
        assert.strictEqual(failure.location.pipe, "build")
      })
  )

  it.effect("converts the values of nested tables too", () =>
    Effect.gen(function*() {
      const made = yield* constructed({ owner: { name: { from: "who" } } }, { who: "Text" }, { who: "Ann" })
      assert.deepStrictEqual(made, { owner: { name: "Ann" } })
    }))

  it.effect("walks a path, and keys a list by a field of its items", () =>
    Effect.gen(function*() {
      const owners = [{ name: "Ann" }, { name: "Bob" }]
      const made = yield* constructed(
        {
          label: { from: "box.owner.name" },
          tags: { from: "box.tags" },
          extra: { from: "owners", list_to_dict_keyed_by: "name" }
        },
        { box: "Box", owners: "Owner[]" },
        { box: { owner: { name: "Zoe" }, tags: ["t"] }, owners }
      )
      assert.deepStrictEqual(made, {
        label: "Zoe",
        tags: ["t"],
        extra: { Ann: { name: "Ann" }, Bob: { name: "Bob" } }
      })
    }))

  it.effect("lets the default stand where a null is put into a defaulted field", () =>
    Effect.gen(function*() {
      const method = library([
        box,
        pipe("build", "PipeCompose", {
          inputs: { holder: "Holder" },
          output: "Box",
          construct: { note: { from: "holder.maybe" } }
        })
      ].join("\n"))
      const memory = yield* run(method, "d.build", { holder: {} })
      assert.strictEqual(content(memory)?.["note"], "none")
      assert.strictEqual(WorkingMemory.get(memory, "main_stuff")?.concept, "d.Box")
    }))

  it.effect("fails on a path that leads nowhere, with what there is", () =>
    Effect.gen(function*() {
      for (const from of ["owner.nope", "owner.name.deep", "owner.constructor", "owner.toString"]) {
        const attempt = constructed({ label: { from } }, { owner: "Owner" }, { owner: { name: "Ann" } })
        const failure = yield* Effect.flip(attempt)
        assert.strictEqual(failure.code, "method.field_path_unresolved", from)
      }
    }))

  it.effect("fails when a required field is missing, and drops a field the concept does not have", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(constructed({ nickname: "x" }, {}, {}, "Owner"))
      assert.strictEqual(failure.code, "pipe.output_invalid")
      assert.deepStrictEqual(yield* constructed({ name: "x", nickname: "y" }, {}, {}, "Owner"), { name: "x" })
    }))

  const malformed: ReadonlyArray<object> = [
    { label: {} },
    { label: { from: "a", template: "b" } },
    { label: { from: "a", more: 1 } },
    { label: { template: "a", more: 1 } },
    { label: { from: "_a" } },
    { owner: { name: {} } }
  ]
  it.each(malformed)("refuses the malformed %j", (construct) => {
    const { issues } = make(
      [box, pipe("build", "PipeCompose", { inputs: { a: "Text" }, output: "Box", construct })].join("\n")
    )
    assert.include(kinds(issues), "- method.schema_violation")
    assert.strictEqual(issues[0]?.path.slice(0, 3).join("."), "pipe.build.construct")
  })

  it("refuses a from that is no path", () => {
    const { issues } = make(
      [
        box,
        pipe("build", "PipeCompose", { inputs: { a: "Text" }, output: "Box", construct: { label: { from: "a[0]" } } })
      ].join("\n")
    )
    assert.include(kinds(issues), "- method.field_path_unresolved")
  })

  it("has to declare the roots it reads, and to read what it declares", () => {
    const { issues } = make([
      box,
      pipe("build", "PipeCompose", { inputs: { idle: "Text" }, output: "Box", construct: { label: { from: "gone" } } })
    ].join("\n"))
    assert.sameMembers([...kinds(issues)], [
      "missing_input_variable method.input_undeclared",
      "extraneous_input_variable method.input_unused"
    ])
  })

  it.effect("reads no value of a prototype, whatever its fields are called", () =>
    Effect.gen(function*() {
      const odd = ["constructor", "toString", "valueOf", "hasOwnProperty"]
      const concept = `[concept.Odd]\ndescription = "Odd"\n[concept.Odd.structure]\n${
        odd.map((name) => `${name} = "x"`).join("\n")
      }\n`
      const method = library([
        concept,
        pipe("all", "PipeCompose", { output: "Odd", construct: Object.fromEntries(odd.map((name) => [name, name])) }),
        pipe("none", "PipeCompose", { output: "Odd", construct: { toString: "x" } }),
        compose("show", { odd: "Odd" }, "{{ odd.constructor }} {{ odd.toString }}")
      ].join("\n"))
      assert.deepStrictEqual(content(yield* run(method, "d.all")), Object.fromEntries(odd.map((name) => [name, name])))
      assert.strictEqual((yield* Effect.flip(run(method, "d.none"))).code, "pipe.output_invalid")
      const shown = yield* run(method, "d.show", { odd: Object.fromEntries(odd.map((name) => [name, name])) })
      assert.deepStrictEqual(content(shown), { text: "constructor toString" })
    }))

  it("is written as a table of its own", () => {
    const text =
      `[pipe.build]\ntype = "PipeCompose"\ndescription = "b"\noutput = "Owner"\n[pipe.build.construct]\nname = ${
        toml("x")
      }\n`
    assert.deepStrictEqual(make(box + text).issues, [])
  })
})
