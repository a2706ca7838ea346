import { assert, describe, it } from "@effect/vitest"
import { kinds, llm, make, pipe } from "../library/Fixture.ts"

const table = (type: string, body: string) =>
  `[pipe.x]\ntype = "${type}"\n${/description|definition/.test(body) ? "" : "description = \"x\"\n"}${body}\n`
const one = llm("one", { a: "Text" })
const field = (text: string) => `[concept.A]\ndescription = "a"\n[concept.A.structure]\n${text}\n`
const branches = "inputs = { a = \"Text\" }\nbranches = [{ pipe = \"one\", result = \"r\" }]"

/** §16.1 and §16.2: what compat accepts with one warning and strict refuses. */
const rows: ReadonlyArray<readonly [name: string, text: string]> = [
  ["combined_output", one + table("PipeParallel", `combined_output = "Composite"\noutput = "Text"\n${branches}`)],
  ["type = \"PipeSignature\"", table("PipeSignature", "output = \"Text\"")],
  ["prompt_template", table("PipeLLM", "output = \"Text\"\nprompt_template = \"x\"")],
  [
    "pipe_map",
    one +
    table(
      "PipeCondition",
      "inputs = { a = \"Text\" }\noutput = \"Text\"\nexpression = \"a.text\"\npipe_map = { k = \"one\" }\ndefault_outcome = \"fail\""
    )
  ],
  [
    "default_pipe_code",
    one +
    table(
      "PipeCondition",
      "inputs = { a = \"Text\" }\noutput = \"Text\"\nexpression = \"a.text\"\noutcomes = { k = \"one\" }\ndefault_pipe_code = \"fail\""
    )
  ],
  ["parallels", one + table("PipeParallel", "output = \"Composite\"\n" + branches.replace("branches", "parallels"))],
  ["llm", table("PipeLLM", "output = \"Text\"\nprompt = \"x\"\nllm = \"writer\"")],
  ["llm_handle", table("PipeLLM", "output = \"Text\"\nprompt = \"x\"\nllm_handle = \"writer\"")],
  ["llm_to_structure", table("PipeLLM", "output = \"Number\"\nprompt = \"x\"\nllm_to_structure = \"writer\"")],
  ["llm_talent", table("PipeLLM", "output = \"Text\"\nprompt = \"x\"\nllm_talent = \"factual\"")],
  ["llm_skill", table("PipeLLM", "output = \"Text\"\nprompt = \"x\"\nllm_skill = \"factual\"")],
  ["img_gen", table("PipeImgGen", "output = \"Image\"\nprompt = \"x\"\nimg_gen = \"painter\"")],
  ["ocr", table("PipeExtract", "inputs = { a = \"Document\" }\noutput = \"Page[]\"\nocr = \"scanner\"")],
  ["definition of a pipe", table("PipeLLM", "definition = \"x\"\noutput = \"Text\"\nprompt = \"x\"")],
  ["definition of a concept", "[concept.A]\ndefinition = \"a\"\n"],
  ["definition of a bundle", "domain = \"d\"\ndefinition = \"a\"\n"],
  ["PipeJinja2", table("PipeJinja2", "output = \"Text\"\ntemplate = \"x\"")],
  ["jinja2", table("PipeCompose", "output = \"Text\"\njinja2 = \"x\"")],
  [
    "prompting_target",
    table(
      "PipeLLM",
      "output = \"Text\"\nprompt = \"x\"\nmodel = { model = \"writer\", temperature = 0, nope_target = \"x\" }".replace(
        "nope",
        "prompting"
      )
    )
  ],
  [
    "dotted inputs",
    table("PipeLLM", "output = \"Text\"\nprompt = \"$a.text\"\ninputs = { a = \"Text\", \"a.text\" = \"Text\" }")
  ],
  [
    "required with default_value",
    field("a = { type = \"text\", description = \"x\", required = true, default_value = \"y\" }")
  ],
  ["key_type", field("a = { type = \"dict\", description = \"x\", key_type = \"integer\", value_type = \"text\" }")],
  ["unknown key of a field", field("a = { type = \"text\", description = \"x\", colour = \"red\" }")],
  [
    "unused input of a PipeCompose",
    table("PipeCompose", "inputs = { a = \"Text\" }\noutput = \"Text\"\ntemplate = \"x\"")
  ],
  [
    "unused input of a PipeImgGen",
    table("PipeImgGen", "inputs = { a = \"Text\" }\noutput = \"Image\"\nprompt = \"x\"")
  ],
  [
    "unused input of a PipeSearch",
    table("PipeSearch", "inputs = { a = \"Text\" }\noutput = \"SearchResult\"\nprompt = \"x\"")
  ],
  ["inline sigil", table("PipeLLM", "inputs = { a = \"Text\" }\noutput = \"Text\"\nprompt = \"say: @a\"")],
  ["ImgGenPrompt", table("PipeLLM", "inputs = { a = \"ImgGenPrompt\" }\noutput = \"Text\"\nprompt = \"$a\"")],
  ["PDF", table("PipeExtract", "inputs = { a = \"PDF\" }\noutput = \"Page[]\"")],
  [
    "a list output of a PipeParallel",
    one + table("PipeParallel", `output = "Text[]"\nadd_each_output = true\n${branches}`)
  ],
  [
    "an Anything output of a PipeParallel",
    one + table("PipeParallel", `output = "Anything"\nadd_each_output = true\n${branches}`)
  ]
]

describe("an older spelling", () => {
  it.each(rows)("%s is accepted with one warning in compat", (_name, text) => {
    const { issues, warnings } = make(text, { compat: true })
    assert.deepStrictEqual(kinds(issues), [])
    assert.lengthOf(warnings, 1)
    assert.isNotEmpty(warnings[0]?.message)
  })

  it.each(rows)("%s is refused in strict", (_name, text) => {
    assert.isNotEmpty(make(text).issues)
  })

  it("in today's place wins nothing: a new spelling beside no old one is not warned of", () => {
    const { issues, warnings } = make(one + table("PipeParallel", `output = "Composite"\n${branches}`), {
      compat: true
    })
    assert.deepStrictEqual([issues, warnings], [[], []])
  })

  it("of a judge's question is a clear error in both", () => {
    const text = pipe("x", "PipeJudge", { inputs: { a: "Text" }, output: "YesNo", prompt: "Is $a true?" })
    for (const compat of [true, false]) {
      const { issues } = make(text, { compat })
      assert.include(issues[0]?.message ?? "", "question")
    }
  })

  it("of a parallel's output leaves a sequence that ends on it unchecked", () => {
    const text = one + table("PipeParallel", `output = "Text[]"\nadd_each_output = true\n${branches}`) +
      pipe("go", "PipeSequence", { inputs: { a: "Text" }, output: "Text[]", steps: [{ pipe: "x", result: "r2" }] })
    assert.deepStrictEqual(kinds(make(text, { compat: true }).issues), [])
  })
})
