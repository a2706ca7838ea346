import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Issue } from "../../src/failure/Issue.ts"
import { compose, content, decode, kinds, library, llm, make, pipe, type Reading, run, sequence } from "./Fixture.ts"

const harbour = `
[concept.Crate]
description = "A crate"
[concept.Crate.structure]
owner = "Owner"
weight = { type = "number", description = "kg", required = true }
labels = { type = "dict", key_type = "text", value_type = "text", description = "Labels" }
[concept.Manifest]
description = "A manifest"
[concept.Manifest.structure]
memo = "Memo"
crates = { type = "list", item_type = "concept", item_concept_ref = "Crate", description = "Crates" }
[concept.Invoice]
description = "An invoice"
[concept.Invoice.structure]
total = { type = "number", description = "Total", required = true }
`

interface Row {
  readonly type: string
  readonly code: string
  readonly fragment: string
  readonly reading?: Reading
}

const crateOf = (output: string) => llm("load", { harbor: "Text" }, output)

/** §14.2.1, row by row; where the recorded verdicts name a coarser code, it is theirs. */
const rows: ReadonlyArray<Row> = [
  {
    type: "missing_input_variable",
    code: "method.input_undeclared",
    fragment: llm("tell", { harbor: "Text" }, "Text", { prompt: "Describe $tide in $harbor" })
  },
  {
    type: "extraneous_input_variable",
    code: "method.input_unused",
    fragment: llm("tell", { harbor: "Text", crew: "Text" }, "Text", { prompt: "$harbor" })
  },
  {
    type: "input_stuff_spec_mismatch",
    code: "method.input_concept_mismatch",
    fragment: compose("count", { crates: "Crate[]" }, "{{ crates|length }}") +
      sequence("go", { crates: "Crate" }, "Text", [{ pipe: "count", result: "n" }])
  },
  {
    type: "input_stuff_spec_mismatch",
    code: "method.wiring_invalid",
    fragment: compose("one", { item: "Crate" }, "{{ item.owner }}") +
      sequence("go", { crate: "Crate" }, "Text[]", [{
        pipe: "one",
        batch_over: "crate",
        batch_as: "item",
        result: "n"
      }])
  },
  {
    type: "inadequate_output_concept",
    code: "method.output_concept_mismatch",
    fragment: crateOf("Text") + sequence("go", { harbor: "Text" }, "Manifest", [{ pipe: "load", result: "n" }])
  },
  {
    type: "inadequate_output_concept",
    code: "method.schema_violation",
    fragment: pipe("read", "PipeExtract", { inputs: { doc: "Document" }, output: "Text[]" })
  },
  {
    type: "inadequate_output_concept",
    code: "method.output_concept_mismatch",
    fragment: crateOf("Crate") + llm("bill", { harbor: "Text" }, "Invoice") + pipe("route", "PipeCondition", {
      inputs: { harbor: "Text" },
      output: "Text",
      expression: "harbor.text",
      outcomes: { a: "load" },
      default_outcome: "bill"
    })
  },
  {
    type: "inadequate_output_multiplicity",
    code: "method.output_multiplicity_mismatch",
    fragment: crateOf("Crate[]") + sequence("go", { harbor: "Text" }, "Crate", [{ pipe: "load", result: "n" }])
  },
  {
    type: "-",
    code: "method.schema_violation",
    fragment: crateOf("Crate[]") + pipe("go", "PipeParallel", {
      inputs: { harbor: "Text" },
      output: "Manifest[]",
      branches: [{ pipe: "load", result: "crates" }]
    })
  },
  {
    type: "llm_output_cannot_be_image",
    code: "method.output_concept_mismatch",
    fragment: llm("draw", { harbor: "Text" }, "Image")
  },
  {
    type: "llm_setting_refused_by_model",
    code: "model.capability_unsupported",
    fragment: llm("tell", { harbor: "Text" }, "Text", {
      model: { model: "writer", temperature: 0.1, reasoning_effort: "high" }
    })
  },
  {
    type: "invalid_pipe_code_syntax",
    code: "method.identifier_invalid",
    fragment: "[pipe.\"docks.load\"]\ntype = \"PipeLLM\"\ndescription = \"x\"\noutput = \"Text\"\n"
  },
  { type: "invalid_pipe_code_syntax", code: "method.identifier_invalid", fragment: llm("LoadAll", { harbor: "Text" }) },
  { type: "invalid_pipe_code_syntax", code: "method.identifier_invalid", fragment: "main_pipe = \"LoadAll\"\n" },
  {
    type: "invalid_input_name",
    code: "method.identifier_invalid",
    fragment: llm("tell", { "crate.weight": "Number" }, "Text", { prompt: "go" })
  },
  {
    type: "invalid_input_name",
    code: "method.identifier_invalid",
    fragment: crateOf("Text") + sequence("go", { harbor: "Text" }, "Text", [{ pipe: "load", result: "Best" }])
  },
  {
    type: "invalid_input_name",
    code: "method.identifier_invalid",
    fragment: crateOf("Text") +
      sequence("go", { crates: "Text[]" }, "Text[]", [
        { pipe: "load", batch_over: "crates", batch_as: "_bound_x", result: "n" }
      ])
  },
  {
    type: "unknown_pipe_type",
    code: "method.pipe_type_invalid",
    fragment: pipe("go", "PipeTeleport", { output: "Text" })
  },
  {
    type: "missing_pipe_type",
    code: "method.pipe_type_invalid",
    fragment: "[pipe.go]\ndescription = \"x\"\noutput = \"Text\"\nprompt = \"x\"\n"
  },
  {
    type: "batch_item_name_collision",
    code: "method.name_conflict",
    fragment: crateOf("Text") +
      sequence("go", { crates: "Text[]" }, "Text[]", [
        { pipe: "load", batch_over: "crates", batch_as: "crates", result: "n" }
      ])
  },
  {
    type: "native_concept_redeclaration",
    code: "method.name_conflict",
    fragment: "[concept.Text]\ndescription = \"My text\"\n"
  },
  {
    type: "binding_step_invalid",
    code: "method.binding_step_invalid",
    fragment: sequence("go", { crate: "Crate" }, "Text", [{ from: "crate.owner" }])
  },
  {
    type: "binding_step_invalid",
    code: "method.binding_step_invalid",
    fragment: crateOf("Text") +
      sequence("go", { crate: "Crate" }, "Text", [{ from: "crate.owner", pipe: "load", result: "n" }])
  },
  ...["invoice.totl", "invoice.total.x", "crate.labels.x"].map((from): Row => ({
    type: "binding_path_unresolved",
    code: "method.field_path_unresolved",
    fragment: sequence("go", { invoice: "Invoice", crate: "Crate" }, "Number", [{ from, result: "n" }])
  })),
  {
    type: "optional_marker_invalid",
    code: "method.optional_marker_invalid",
    fragment: llm("tell", { notes: "Text[]?" })
  },
  { type: "optional_marker_invalid", code: "method.optional_marker_invalid", fragment: llm("tell", {}, "Text!") },
  {
    type: "optional_not_handled",
    code: "method.optional_unhandled",
    fragment: llm("tell", { notes: "Text" }) +
      sequence("go", { notes: "Text?" }, "Text", [{ pipe: "tell", result: "n" }])
  },
  {
    type: "optional_output_required",
    code: "method.optional_unhandled",
    fragment: crateOf("Text") + pipe("route", "PipeCondition", {
      inputs: { harbor: "Text" },
      output: "Text",
      expression: "harbor.text",
      outcomes: { a: "load" },
      default_outcome: "continue"
    })
  },
  {
    type: "optional_input_unguarded",
    code: "method.optional_unhandled",
    fragment: llm("tell", { notes: "Text?" }, "Text", { prompt: "Use $notes" })
  },
  {
    type: "optional_branch_required_field",
    code: "method.optional_unhandled",
    fragment: llm("note", { harbor: "Text" }, "Text?") + pipe("go", "PipeParallel", {
      inputs: { harbor: "Text" },
      output: "Manifest",
      branches: [{ pipe: "note", result: "memo" }]
    })
  },
  {
    type: "template_private_name",
    code: "method.template_private_name",
    fragment: llm("tell", { crate: "Crate" }, "Text", { prompt: "{{ crate._secret }}" })
  },
  { type: "unresolved_concept", code: "method.concept_unresolved", fragment: llm("tell", { harbor: "Text" }, "Crat") },
  {
    type: "unresolved_pipe_dependency",
    code: "method.pipe_unresolved",
    fragment: crateOf("Text") + sequence("go", {}, "Text", [{ pipe: "lod", result: "x" }])
  },
  {
    type: "unresolved_package_dependency",
    code: "method.dependency_missing",
    fragment: sequence("go", {}, "Text", [{ pipe: "github.com/acme/kit/tools->tools.run", result: "x" }])
  },
  {
    type: "unexported_pipe_dependency",
    code: "method.pipe_not_exported",
    fragment: sequence("go", {}, "Text", [{ pipe: "kit->tools.run", result: "x" }]),
    reading: {
      links: { kit: "acme/kit" },
      packages: {
        "acme/kit": {
          bundles: decode("domain = \"tools\"\n" + llm("run", {})).bundles,
          links: new Map(),
          exports: new Map([["tools", new Set(["other"])]])
        }
      }
    }
  },
  { type: "unknown_model", code: "model.unknown", fragment: llm("tell", {}, "Text", { model: "$factul" }) },
  {
    type: "pipe_func_function_refused",
    code: "method.function_invalid",
    fragment: pipe("go", "PipeFunc", { output: "Text", function_name: "a.b" })
  }
]

describe("an invalid method", () => {
  it.each(rows.map((row, index) => [index, row.type, row.code, row] as const))(
    "row %i has a %s (%s) that names what it is about",
    (_index, type, code, { fragment, reading }) => {
      const { issues, library: made } = make(
        `domain = "d"\n${fragment.startsWith("main_pipe") ? fragment + harbour : harbour + fragment}`,
        reading
      )
      assert.isUndefined(made)
      assert.include(kinds(issues), `${type} ${code}`)
      const issue = issues.find((each) => each.code === code && (each.type ?? "-") === type)
      assert.match(issue?.message ?? "", /"[$\w]/)
      assert.strictEqual(issue?.file, "main.mthds")
      assert.isNotEmpty(issue?.path)
    }
  )

  it("suggests the name that was probably meant", () => {
    const suggested = (fragment: string) =>
      make(harbour + fragment).issues.flatMap(({ suggestions = [] }) => suggestions)
    assert.include(suggested(llm("tell", { harbor: "Text" }, "Crat")), "Crate")
    assert.include(suggested(crateOf("Text") + sequence("go", {}, "Text", [{ pipe: "lod", result: "x" }])), "load")
    assert.include(suggested(llm("tell", {}, "Text", { model: "$factul" })), "$factual")
    assert.include(
      suggested(sequence("go", { invoice: "Invoice" }, "Number", [{ from: "invoice.totl", result: "n" }])),
      "total"
    )
  })

  it("does not report what follows from a fault already reported", () => {
    const broken = pipe("load", "PipeLLM", { prompt: "x" })
    const { issues } = make(broken + sequence("go", { idle: "Text" }, "Number", [{ pipe: "load", result: "n" }]))
    assert.deepStrictEqual(kinds(issues), ["- method.schema_violation"])
  })
})

const places = (issues: ReadonlyArray<Issue>) =>
  issues.map(({ file, message, path }) =>
    `${file} ${path.join(".")} ${/other|in (\S+\.mthds)/.exec(message)?.[1] ?? ""}`.trim()
  )

describe("several files of one domain", () => {
  it.effect("are one namespace", () =>
    Effect.gen(function*() {
      const method = library({
        "a.mthds": "domain = \"d\"\n[concept]\nNote = \"A note\"\n" + sequence("go", { topic: "Text" }, "Note", [
          { pipe: "write", result: "n" }
        ]),
        "b.mthds": "domain = \"d\"\n" + llm("write", { topic: "Text" }, "Note")
      })
      assert.deepStrictEqual(content(yield* run(method, "d.go", { topic: "t" })), { text: "write(t)" })
    }))

  it("name both files of a duplicate", () => {
    const { issues } = make({
      "a.mthds": "domain = \"d\"\n[concept]\nNote = \"A note\"\n" + llm("write", {}),
      "b.mthds": "domain = \"d\"\n[concept]\nNote = \"Another\"\n" + llm("write", {})
    })
    assert.deepStrictEqual(new Set(kinds(issues)), new Set(["- method.name_conflict"]))
    assert.deepStrictEqual(places(issues), [
      "a.mthds concept.Note b.mthds",
      "b.mthds concept.Note a.mthds",
      "a.mthds pipe.write b.mthds",
      "b.mthds pipe.write a.mthds"
    ])
  })

  it("may both declare what other domains declare", () => {
    const { issues } = make({
      "a.mthds": "domain = \"one\"\n[concept]\nNote = \"A note\"\n" + llm("write", {}),
      "b.mthds": "domain = \"two\"\n[concept]\nNote = \"Another\"\n" + llm("write", {})
    })
    assert.deepStrictEqual(issues, [])
  })

  it("keep the first system prompt, and warn of another", () => {
    const made = make({
      "a.mthds": "domain = \"d\"\nsystem_prompt = \"One\"\nmain_pipe = \"x\"\n" + llm("x", {}),
      "b.mthds": "domain = \"d\"\nsystem_prompt = \"Two\"\n" + llm("y", {})
    })
    assert.strictEqual(made.library?.pipes.get("d.y")?.systemPrompt, "One")
    assert.deepStrictEqual(made.warnings.map(({ file, path, warning }) => [file, path.join("."), warning]), [
      ["b.mthds", "system_prompt", "domain_fact_ignored"]
    ])
  })
})

const signature = (inputs: string, output: string) =>
  `domain = "d"\n[pipe.write]\ndescription = "w"\ninputs = ${inputs}\noutput = "${output}"\n`

describe("a signature", () => {
  const implementation = "domain = \"d\"\n" + llm("write", { a: "Text", b: "Number[]" }, "Text")
  const contracts: ReadonlyArray<readonly [inputs: string, output: string, agrees: boolean]> = [
    ["{ a = \"Text\", b = \"Number[]\" }", "Text", true],
    ["{ b = \"native.Number[]\", a = \"Text[1]\" }", "native.Text", true],
    ["{ a = \"Text\" }", "Text", false],
    ["{ a = \"Text\", b = \"Number\" }", "Text", false],
    ["{ a = \"Text?\", b = \"Number[]\" }", "Text", false],
    ["{ a = \"Text\", b = \"Number[]\" }", "Text[]", false],
    ["{ a = \"Text\", c = \"Number[]\" }", "Text", false]
  ]
  it.each(contracts)("with inputs %s and output %s agrees with its implementation: %s", (inputs, output, agrees) => {
    for (const [first, second] of [["a", "b"], ["b", "a"]] as const) {
      const made = make({ [`${first}.mthds`]: signature(inputs, output), [`${second}.mthds`]: implementation })
      assert.deepStrictEqual(kinds(made.issues), agrees ? [] : ["- method.signature_mismatch"])
      if (agrees) {
        assert.strictEqual(made.library?.pipes.get("d.write")?.blueprint.type, "PipeLLM")
        assert.deepStrictEqual(made.library?.signatures, [])
      }
    }
  })

  it("agrees in any file order when the implementation is read first", () => {
    const made = make({ "a.mthds": implementation, "b.mthds": signature("{ a = \"Text\", b = \"Number[]\" }", "Text") })
    assert.deepStrictEqual(made.library?.signatures, [])
  })

  it("is kept once when it is written twice", () => {
    const text = signature("{ a = \"Text\" }", "Text")
    assert.deepStrictEqual(make({ "a.mthds": text, "b.mthds": text }).library?.signatures, ["d.write"])
    const other = signature("{ a = \"Number\" }", "Text")
    assert.deepStrictEqual(kinds(make({ "a.mthds": text, "b.mthds": other }).issues), ["- method.signature_mismatch"])
  })

  it("is told from its implementation by concept, not by how the concept is written", () => {
    const note = "[concept]\nNote = \"A note\"\n"
    const made = make({
      "a.mthds": signature("{ a = \"d.Note\" }", "Note"),
      "b.mthds": "domain = \"d\"\n" + note + llm("write", { a: "Note" }, "d.Note")
    })
    assert.deepStrictEqual(made.issues, [])
    const foreign = make({
      "a.mthds": signature("{ a = \"e.Note\" }", "Text"),
      "b.mthds": "domain = \"d\"\n" + note + llm("write", { a: "Note" }),
      "c.mthds": "domain = \"e\"\n" + note
    })
    assert.deepStrictEqual(kinds(foreign.issues), ["- method.signature_mismatch"])
  })
})

const holds = (field: string, ref: string) =>
  `${field} = { type = "concept", concept_ref = "${ref}", description = "x" }`

describe("concepts", () => {
  const circles: ReadonlyArray<readonly [text: string, members: number]> = [
    ["[concept.A]\ndescription = \"a\"\nrefines = \"A\"", 1],
    ["[concept.A]\ndescription = \"a\"\nrefines = \"B\"\n[concept.B]\ndescription = \"b\"\nrefines = \"A\"", 2],
    [`[concept.A]\ndescription = "a"\n[concept.A.structure]\n${holds("x", "A")}`, 1],
    [
      `[concept.A]\ndescription = "a"\n[concept.A.structure]\n${
        holds("x", "B")
      }\n[concept.B]\ndescription = "b"\nrefines = "C"\n[concept.C]\ndescription = "c"\n[concept.C.structure]\n${
        holds("y", "A")
      }`,
      3
    ]
  ]
  it.each(circles)("that depend on themselves are faults of all on the circle (%#)", (text, members) => {
    const { issues } = make(text)
    assert.deepStrictEqual(kinds(issues), Array.from({ length: members }, () => "- method.cycle"))
  })

  it("may hold one another without a circle, in any order", () => {
    const { issues } = make(
      `[concept.A]\ndescription = "a"\n[concept.A.structure]\n${holds("x", "B")}\n${
        holds("y", "B")
      }\n[concept.B]\ndescription = "b"\n[concept.B.structure]\n${
        holds("z", "C")
      }\n[concept.C]\ndescription = "c"\nrefines = "Image"`
    )
    assert.deepStrictEqual(issues, [])
  })

  it("that refine or hold what does not exist are faults, with close names", () => {
    const { issues } = make(
      `[concept.Note]\ndescription = "a"\n[concept.A]\ndescription = "a"\nrefines = "Nope"\n[concept.B]\ndescription = "b"\n[concept.B.structure]\n${
        holds("z", "Not")
      }`
    )
    assert.deepStrictEqual(kinds(issues), [
      "unresolved_concept method.concept_unresolved",
      "unresolved_concept method.concept_unresolved"
    ])
    assert.include(issues[1]?.suggestions ?? [], "Note")
  })

  it("resolve an item_type that names one", () => {
    const method = library(
      "[concept.Stop]\ndescription = \"s\"\n[concept.A]\ndescription = \"a\"\n[concept.A.structure]\nstops = { type = \"list\", item_type = \"Stop\", description = \"x\" }"
    )
    assert.deepStrictEqual(method.concepts.fields("d.A")?.[0]?.type, {
      kind: "list",
      item: { kind: "concept", ref: "d.Stop" }
    })
  })
})

describe("references across domains", () => {
  const files = (reference: string, concept = "Text") => ({
    "a.mthds": "domain = \"a.b\"\n" + sequence("go", { topic: "Text" }, concept, [{ pipe: reference, result: "x" }]),
    "b.mthds": "domain = \"other\"\n[concept]\nNote = \"n\"\n" +
      compose("tell", { topic: "Text" }, "told: $topic", "Note"),
    "c.mthds": "domain = \"third\"\n" + llm("twice", { topic: "Text" }),
    "d.mthds": "domain = \"fourth\"\n" + llm("twice", { topic: "Text" })
  })

  it.effect("name the domain, split at the last dot", () =>
    Effect.gen(function*() {
      const method = library(files("other.tell", "other.Note"))
      assert.deepStrictEqual(content(yield* run(method, "a.b.go", { topic: "t" })), { text: "told: t" })
    }))

  it("that are bare are found in the own domain only, or with a warning by the older rule", () => {
    const strict = make(files("tell", "other.Note"))
    assert.deepStrictEqual(kinds(strict.issues), ["unresolved_pipe_dependency method.pipe_unresolved"])
    const compat = make(files("tell", "other.Note"), { compat: true })
    assert.deepStrictEqual(compat.issues, [])
    assert.deepStrictEqual(kinds(compat.warnings), ["- method.pipe_unresolved (older_spelling)"])
    assert.include(compat.warnings[0]?.message, "other.tell")
  })

  it("that several domains could mean are a fault by the older rule too, with the candidates", () => {
    const { issues } = make(files("twice"), { compat: true })
    assert.deepStrictEqual(kinds(issues), ["unresolved_pipe_dependency method.pipe_unresolved"])
    assert.deepStrictEqual(issues[0]?.suggestions, ["third.twice", "fourth.twice"])
  })

  it("to a concept are never searched for elsewhere", () => {
    assert.deepStrictEqual(kinds(make(files("other.tell", "Note"), { compat: true }).issues), [
      "unresolved_concept method.concept_unresolved"
    ])
  })
})

describe("a package", () => {
  const unit = (exports?: ReadonlyArray<string>) => ({
    bundles: decode(
      "domain = \"tools\"\n[concept.Note]\ndescription = \"n\"\n[concept.Note.structure]\nbody = \"b\"\n" +
        llm("inner", { topic: "Text" }, "Note") +
        sequence("run", { topic: "Text" }, "Note", [{ pipe: "inner", result: "made" }])
    ).bundles,
    links: new Map<string, string>(),
    ...(exports === undefined ? {} : { exports: new Map([["tools", new Set(exports)]]) })
  })
  const own = "[concept.Note]\ndescription = \"Mine, another\"\n" +
    compose("show", { got: "kit->tools.Note" }, "{{ got.body }}") +
    sequence("go", { topic: "Text" }, "Text", [{ pipe: "kit->tools.run", result: "got" }, {
      pipe: "show",
      result: "s"
    }])

  it.effect("is called by its alias; its own references stay inside it", () =>
    Effect.gen(function*() {
      const method = library(own, { links: { kit: "acme/kit" }, packages: { "acme/kit": unit(["run"]) } })
      assert.include(Array.from(method.pipes.keys()), "acme/kit->tools.inner")
      assert.isUndefined(method.concepts.get("d.Note")?.structure)
      assert.lengthOf(method.concepts.get("acme/kit->tools.Note")?.structure ?? [], 1)
      assert.deepStrictEqual(content(yield* run(method, "d.go", { topic: "t" })), { text: "simulated body" })
    }))

  it("keeps what it does not export to itself, unless it says nothing", () => {
    const reach = sequence("go", { topic: "Text" }, "kit->tools.Note", [{ pipe: "kit->tools.inner", result: "got" }])
    const packages = (exports?: ReadonlyArray<string>) => ({
      links: { kit: "acme/kit" },
      packages: { "acme/kit": unit(exports) }
    })
    assert.deepStrictEqual(kinds(make(reach, packages(["run"])).issues), [
      "unexported_pipe_dependency method.pipe_not_exported"
    ])
    assert.deepStrictEqual(make(reach, packages()).issues, [])
  })

  it("reports a fault of its own bundles under its own file", () => {
    const bad = {
      bundles: decode({ "kit.mthds": "domain = \"tools\"\n" + llm("x", {}, "Nope") }).bundles,
      links: new Map<string, string>()
    }
    const { issues } = make(llm("y", {}), { links: { kit: "k" }, packages: { k: bad } })
    assert.deepStrictEqual(issues.map(({ code, file }) => [code, file]), [["method.concept_unresolved", "kit.mthds"]])
  })
})

describe("two libraries", () => {
  it.effect("with the same names live side by side", () =>
    Effect.gen(function*() {
      const written = (field: string) =>
        `[concept.Card]\ndescription = "c"\n[concept.Card.structure]\n${field} = "x"\n` +
        llm("make", { topic: "Text" }, "Card")
      const [first, second] = [library(written("front")), library(written("back"))]
      const [one, two] = yield* Effect.all([
        run(first, "d.make", { topic: "t" }),
        run(second, "d.make", { topic: "t" })
      ], {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual([Object.keys(content(one) ?? {}), Object.keys(content(two) ?? {})], [["front"], ["back"]])
    }))
})
