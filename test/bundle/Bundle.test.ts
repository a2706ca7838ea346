import { assert, describe, it } from "@effect/vitest"
import type { Issue } from "../../src/failure/Issue.ts"
import { decode, kinds, library, llm, make, pipe } from "../library/Fixture.ts"

const issuesOf = (text: string, compat = false): ReadonlyArray<Issue> => decode(text, compat).issues
const at = (issues: ReadonlyArray<Issue>): ReadonlyArray<string> => issues.map(({ path }) => path.join("."))
const errors = (issues: ReadonlyArray<Issue>) => issues.filter(({ warning }) => warning === undefined)

const concept = (structure: string): string =>
  `[concept.Card]\ndescription = "A card"\n[concept.Card.structure]\n${structure}\n`
const say = pipe("say", "PipeLLM", { output: "Text", prompt: "x" })

describe("a closed table", () => {
  const step = (more: object) =>
    pipe("go", "PipeSequence", { output: "Text", steps: [{ pipe: "say", result: "x", ...more }] }) + say
  const tables: ReadonlyArray<readonly [text: string, path: string, suggestion: string]> = [
    ["domain = \"d\"\nmain_pip = \"x\"\n", "main_pip", "main_pipe"],
    ["[concept.Card]\ndescription = \"c\"\nrefine = \"Text\"\n", "concept.Card.refine", "refines"],
    [
      concept("a = { type = \"text\", description = \"x\", choice = [\"a\"] }"),
      "concept.Card.structure.a.choice",
      "choices"
    ],
    [pipe("say", "PipeLLM", { output: "Text", promt: "x" }), "pipe.say.promt", "prompt"],
    [
      pipe("say", "PipeLLM", { output: "Text", inputs: { a: { concept: "Text", hint: {} } }, prompt: "$a" }),
      "pipe.say.inputs.a.hint",
      "hints"
    ],
    [step({ bach_over: "a" }), "pipe.go.steps.0.bach_over", "batch_over"],
    [
      pipe("say", "PipeCompose", { output: "Text", template: { template: "x", category: "basic", categry: "x" } }),
      "pipe.say.template.categry",
      "category"
    ],
    [
      pipe("say", "PipeLLM", { output: "Text", prompt: "x", model: { model: "writer", temperature: 0, max_token: 3 } }),
      "pipe.say.model.max_token",
      "max_tokens"
    ],
    [
      pipe("say", "PipeJudge", {
        output: "YesNo",
        prompt: "x",
        question: "q",
        criteria: { yes: "a", no: "b", nope: "c" }
      }),
      "pipe.say.criteria.nope",
      "no"
    ],
    [
      pipe("say", "PipeBatch", {
        output: "Text[]",
        inputs: { a: "Text[]" },
        branch_pipe_code: "x",
        input_list_name: "a",
        input_item_nam: "b"
      }),
      "pipe.say.input_item_nam",
      "input_item_name"
    ],
    [
      pipe("say", "PipeCondition", { output: "Text", expression: "a", outcome: { a: "x" }, default_outcome: "fail" }),
      "pipe.say.outcome",
      "outcomes"
    ]
  ]
  it.each(tables)("says which key it does not know: %#", (text, path, suggestion) => {
    const issue = issuesOf(text).find((each) => each.path.join(".") === path)
    assert.strictEqual(issue?.code, "method.schema_violation")
    assert.include(issue?.message ?? "", `unknown key`)
    assert.include(issue?.suggestions ?? [], suggestion)
  })

  it("does not mistake a key of every object for one of its own", () => {
    for (const key of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
      assert.isNotEmpty(errors(issuesOf(`"${key}" = 1\n`)), key)
      assert.isNotEmpty(errors(issuesOf(`${say}\n"${key}" = { a = 1 }\n`)), key)
    }
  })
})

describe("names", () => {
  const domains: ReadonlyArray<readonly [domain: string, isFine: boolean]> = [
    ["a", true],
    ["a_1.b2.c_", true],
    ["A", false],
    ["a.", false],
    ["a..b", false],
    ["1a", false],
    ["a-b", false],
    ["", false],
    ["native", false],
    ["native.x", false],
    ["mthds.x", false],
    ["pipelex", false],
    ["pipelexx", true]
  ]
  it.each(domains)("domain %j is fine: %s", (domain, isFine) => {
    assert.strictEqual(errors(issuesOf(`domain = "${domain}"\n`)).length === 0, isFine)
  })

  const codes: ReadonlyArray<readonly [table: string, expected: ReadonlyArray<string>]> = [
    ["concept.Card2", []],
    ["concept.card", ["- method.schema_violation"]],
    ["concept.\"My Card\"", ["- method.schema_violation"]],
    ["concept.Card_x", ["- method.schema_violation"]],
    ["concept.Markdown", ["native_concept_redeclaration method.name_conflict"]],
    ["pipe.a_1", []],
    ["pipe.A", ["invalid_pipe_code_syntax method.identifier_invalid"]],
    ["pipe._a", ["invalid_pipe_code_syntax method.identifier_invalid"]],
    ["pipe.\"d.a\"", ["invalid_pipe_code_syntax method.identifier_invalid"]],
    ["pipe.\"a-b\"", ["invalid_pipe_code_syntax method.identifier_invalid"]]
  ]
  it.each(codes)("of %s: %j", (table, expected) => {
    const body = table.startsWith("pipe")
      ? "type = \"PipeLLM\"\ndescription = \"x\"\noutput = \"Text\"\n"
      : "description = \"x\"\n"
    assert.deepStrictEqual(kinds(issuesOf(`[${table}]\n${body}`)), expected)
  })

  it("of pipes that repeat their own domain are told without it", () => {
    const [issue] = issuesOf("[pipe.\"d.load\"]\ntype = \"PipeLLM\"\ndescription = \"x\"\noutput = \"Text\"\n")
    assert.strictEqual(issue?.fix, "write load")
  })

  it("of the main pipe lead to a pipe of the same file", () => {
    assert.deepStrictEqual(at(issuesOf("domain = \"d\"\nmain_pipe = \"sai\"\n" + say)), ["main_pipe"])
    assert.deepStrictEqual(issuesOf("domain = \"d\"\nmain_pipe = \"sai\"\n" + say)[0]?.suggestions, ["say"])
    assert.deepStrictEqual(issuesOf("domain = \"d\"\nmain_pipe = \"say\"\n" + say), [])
  })
})

describe("slots", () => {
  const slots: ReadonlyArray<readonly [slot: string, role: "inputs" | "output", expected: string | undefined]> = [
    ["Text", "inputs", undefined],
    ["native.Text[]", "inputs", undefined],
    ["Text[3]", "inputs", undefined],
    ["Text[1]?", "inputs", "optional_marker_invalid method.optional_marker_invalid"],
    ["Text?", "inputs", undefined],
    ["Text!", "inputs", undefined],
    ["Text!", "output", "optional_marker_invalid method.optional_marker_invalid"],
    ["Text?", "output", undefined],
    ["Text[]?", "output", "optional_marker_invalid method.optional_marker_invalid"],
    ["Text[0]", "inputs", "- method.schema_violation"],
    ["Text[00]", "output", "- method.schema_violation"],
    ["Text[-1]", "inputs", "- method.schema_violation"],
    ["Text[", "inputs", "- method.schema_violation"],
    ["Text[]]", "inputs", "- method.schema_violation"],
    ["Text[99999999999999999999]", "inputs", "- method.schema_violation"],
    ["Te xt", "inputs", "- method.schema_violation"],
    ["", "inputs", "- method.schema_violation"],
    ["Text??", "inputs", "- method.schema_violation"],
    ["Text\n", "inputs", "- method.schema_violation"]
  ]
  it.each(slots)("%j as %s: %s", (slot, role, expected) => {
    const text = role === "inputs"
      ? pipe("say", "PipeLLM", { inputs: { a: slot }, output: "Text", prompt: "@?a" })
      : pipe("say", "PipeLLM", { output: slot, prompt: "x" })
    assert.deepStrictEqual(kinds(issuesOf(text)), expected === undefined ? [] : [expected])
  })

  it("may be tables with hints", () => {
    const input = { concept: "Text[]", hints: { intent: "prose" } }
    const method = library(pipe("say", "PipeLLM", { inputs: { a: input }, output: "Text", prompt: "$a" }))
    assert.strictEqual(method.pipes.get("d.say")?.inputs.get("a")?.multiplicity, "list")
  })
})

describe("a pipe's type", () => {
  it("is one of those there are, with a suggestion when it is not", () => {
    const [issue] = issuesOf(pipe("say", "PipeLM", { output: "Text" }))
    assert.deepStrictEqual(kinds(issue === undefined ? [] : [issue]), ["unknown_pipe_type method.pipe_type_invalid"])
    assert.include(issue?.suggestions ?? [], "PipeLLM")
    assert.deepStrictEqual(kinds(issuesOf("[pipe.x]\ntype = 3\ndescription = \"x\"\noutput = \"Text\"\n")), [
      "unknown_pipe_type method.pipe_type_invalid"
    ])
    assert.deepStrictEqual(kinds(issuesOf(pipe("x", "toString", { output: "Text" }))), [
      "unknown_pipe_type method.pipe_type_invalid"
    ])
  })

  it("is left out by a signature alone, which is never called by its own name", () => {
    assert.deepStrictEqual(issuesOf("[pipe.x]\ndescription = \"x\"\noutput = \"Text\"\n"), [])
    assert.deepStrictEqual(kinds(issuesOf(pipe("x", "PipeSignature", { output: "Text" }))), [
      "unknown_pipe_type method.pipe_type_invalid"
    ])
  })
})

describe("a field of a concept", () => {
  const fields: ReadonlyArray<readonly [field: string, isFine: boolean]> = [
    ["a = \"short\"", true],
    ["a = { type = \"text\", description = \"x\" }", true],
    ["a = { description = \"x\" }", false],
    ["a = { type = \"text\" }", false],
    ["a = { choices = [\"x\"], description = \"x\" }", true],
    ["a = { choices = [], description = \"x\" }", false],
    ["a = { type = \"texte\", description = \"x\" }", false],
    ["a = { type = \"text\", description = \"x\", required = true, default_value = \"y\" }", false],
    ["a = { type = \"list\", item_type = \"concept\", description = \"x\" }", false],
    ["a = { type = \"list\", item_type = \"text\", item_concept_ref = \"Text\", description = \"x\" }", false],
    ["a = { type = \"list\", item_type = \"concept\", item_concept_ref = \"Text\", description = \"x\" }", true],
    ["a = { type = \"list\", description = \"x\" }", true],
    ["a = { type = \"concept\", description = \"x\" }", false],
    ["a = { type = \"concept\", concept_ref = \"Text\", description = \"x\" }", true],
    ["a = { type = \"text\", concept_ref = \"Text\", description = \"x\" }", false],
    ["a = { type = \"dict\", description = \"x\" }", false],
    ["a = { type = \"dict\", key_type = \"text\", value_type = \"Any\", description = \"x\" }", true],
    ["a = { type = \"dict\", key_type = \"integer\", value_type = \"text\", description = \"x\" }", false],
    ["_a = \"x\"", false],
    ["model_dump = \"x\"", false],
    ["class = \"x\"", false],
    ["None = \"x\"", false],
    ["\"a b\" = \"x\"", false],
    ["constructor = \"x\"", true],
    ["a = 3", false]
  ]
  it.each(fields)("%s is fine: %s", (field, isFine) => {
    assert.strictEqual(errors(issuesOf(concept(field))).length === 0, isFine)
  })

  const defaults: ReadonlyArray<readonly [type: string, value: string, isFine: boolean]> = [
    ["text", "\"x\"", true],
    ["text", "1", false],
    ["integer", "1", true],
    ["integer", "1.5", false],
    ["integer", "\"1\"", false],
    ["number", "1", true],
    ["number", "1.5", true],
    ["number", "\"1\"", false],
    ["boolean", "true", true],
    ["boolean", "1", false],
    ["list", "[]", true],
    ["list", "{}", false],
    ["date", "2026-01-02", true],
    ["date", "2026-01-02T00:00:00", false],
    ["date", "\"2026-01-02\"", false],
    ["datetime", "2026-01-02T00:00:00", true],
    ["datetime", "2026-01-02", false],
    ["time", "07:45:00", true],
    ["time", "2026-01-02", false]
  ]
  it.each(defaults)("of type %s may default to %s: %s", (type, value, isFine) => {
    assert.strictEqual(
      errors(issuesOf(concept(`a = { type = "${type}", description = "x", default_value = ${value} }`))).length === 0,
      isFine
    )
  })

  it("of choices defaults to one of them, and a concept field to nothing", () => {
    const wrong = [
      "a = { choices = [\"x\"], description = \"x\", default_value = \"y\" }",
      "a = { type = \"concept\", concept_ref = \"Text\", description = \"x\", default_value = \"y\" }"
    ]
    for (const field of wrong) assert.isNotEmpty(errors(issuesOf(concept(field))))
    assert.deepStrictEqual(
      issuesOf(concept("a = { choices = [\"x\"], description = \"x\", default_value = \"x\" }")),
      []
    )
  })

  it("cannot stand beside refines, nor be of a class of the host", () => {
    assert.isNotEmpty(
      issuesOf("[concept.A]\ndescription = \"a\"\nrefines = \"Text\"\n[concept.A.structure]\na = \"x\"\n")
    )
    const [issue] = issuesOf("[concept.A]\ndescription = \"a\"\nstructure = \"SomeClass\"\n")
    assert.include(issue?.message ?? "", "SomeClass")
  })
})

describe("the faults of a file", () => {
  const twelve = `domain = "Bad"
extra = 1
main_pipe = "Nope"
[concept.card]
description = "x"
[concept.Text]
description = "x"
[concept.Box]
[concept.Bag.structure]
a = { type = "texte", description = "x" }
_b = "x"
[concept.Bag]
description = "x"
[pipe.Load]
type = "PipeLLM"
description = "x"
output = "Text"
[pipe.a]
type = "PipeTeleport"
[pipe.b]
prompt = "x"
[pipe.c]
type = "PipeLLM"
description = "x"
output = "Text[]?"
prompt = "{% if %}"
[pipe.e]
type = "PipeLLM"
description = "x"
output = "Text"
inputs = { "x.y" = "Text", z = "Text[0]" }
[pipe.f]
type = "PipeSequence"
description = "x"
output = "Text"
steps = []
`
  it("are all reported at once, each at its place", () => {
    const paths = at(issuesOf(twelve))
    assert.sameMembers(
      [
        "extra",
        "domain",
        "main_pipe",
        "concept.card",
        "concept.Text",
        "concept.Box.description",
        "concept.Bag.structure.a.type",
        "concept.Bag.structure._b",
        "pipe.Load",
        "pipe.a.type",
        "pipe.b",
        "pipe.c.output",
        "pipe.c.prompt",
        "pipe.e.inputs.x.y",
        "pipe.e.inputs.z",
        "pipe.f.steps"
      ].filter((path) => !paths.includes(path)),
      []
    )
  })

  it("leave the rest of the file to be checked against the library", () => {
    const { issues } = make(pipe("bad", "PipeTeleport", { output: "Text" }) + llm("good", { a: "Nope" }))
    assert.deepStrictEqual(kinds(issues), [
      "unknown_pipe_type method.pipe_type_invalid",
      "unresolved_concept method.concept_unresolved"
    ])
  })

  it("of a file without a domain are told too", () => {
    assert.include(
      at(
        issuesOf("# domain =\n[pipe.a]\ntype = \"PipeTeleport\"\n".replace("# domain =", "description = \"domain =\""))
      ),
      "pipe.a.type"
    )
  })
})
