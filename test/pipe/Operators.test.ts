/** The operators that ask neither a language model nor a template. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import type * as Recorded from "../../src/direct/Recorded.ts"
import type { Job } from "../../src/program/Leaves.ts"
import * as HostFunctions from "../../src/provider/HostFunctions.ts"
import { byPipe, content, kinds, library, make, pipe, recording, run } from "../library/Fixture.ts"

const idea = "[concept.Idea]\ndescription = \"An idea\"\n[concept.Idea.structure]\ntitle = \"Title\"\n"
const loose =
  "[concept.Loose]\ndescription = \"All optional\"\n[concept.Loose.structure]\nnote = { type = \"text\", description = \"n\" }\n"

describe("PipeStructure", () => {
  const method = library(idea + pipe("shape", "PipeStructure", { inputs: { text: "Text" }, output: "Idea" }))

  it.effect("asks for the object with the configured wording around the text, and no system prompt", () =>
    Effect.gen(function*() {
      const { answer, sent } = recording(byPipe({ shape: { title: "x" } }))
      const memory = yield* run(method, "d.shape", { text: "read {{ me }}" }, {
        answer,
        settings: { structuringPrompt: "Structure <{{ text }}>" }
      })
      const { prompt } = sent[0]?.job as Job<"act_llm_gen_object">
      assert.match(prompt.user, /^Structure <read \{\{ me \}\}>\n\n---\n/)
      assert.isUndefined(prompt.system)
      assert.deepStrictEqual(content(memory), { title: "x" })
    }))

  const faults: ReadonlyArray<readonly [inputs: object, output: string, kind: string]> = [
    [{}, "Idea", "- method.schema_violation"],
    [{ a: "Text", b: "Text" }, "Idea", "- method.schema_violation"],
    [{ a: "Text[]" }, "Idea", "- method.schema_violation"],
    [{ a: "Number" }, "Idea", "input_stuff_spec_mismatch method.input_concept_mismatch"],
    [{ a: "Text" }, "Text", "inadequate_output_concept method.output_concept_mismatch"]
  ]
  it.each(faults)("with inputs %j and output %s is refused", (inputs, output, kind) => {
    assert.deepStrictEqual(kinds(make(idea + pipe("shape", "PipeStructure", { inputs, output })).issues), [kind])
  })
})

const page = (text: string) => ({ text_and_images: { text: { text }, images: [], raw_html: null }, page_view: null })
const view = (name: string) => ({ url: name })

describe("PipeExtract", () => {
  const answer = (pages: number, views: number): Recorded.Answer => ({ leaf }) =>
    Effect.succeed(
      leaf === "act_render_page_views"
        ? Array.from({ length: views }, (_, index) => view(`v${index}`))
        : Array.from({ length: pages }, (_, index) => page(`p${index}`))
    )
  const extract = (more: object, slot = "Document") =>
    library(pipe("read", "PipeExtract", { inputs: { doc: slot }, output: "Page[]", ...more }))

  it.effect("asks for the pages of its one file", () =>
    Effect.gen(function*() {
      const { answer: recorded, sent } = recording(answer(2, 0))
      const memory = yield* run(extract({ max_page_images: 3 }), "d.read", { doc: "https://x.test/a.pdf" }, {
        answer: recorded
      })
      assert.strictEqual(WorkingMemory.get(memory, "main_stuff")?.concept, "native.Page")
      assert.lengthOf(content(memory)?.["items"] as ReadonlyArray<unknown>, 2)
      const { file, kind, maxPageImages, setting } = sent[0]?.job as Job<"act_extract_gen_extract_pages">
      assert.deepStrictEqual([file.url, kind, maxPageImages, setting.model.handle], [
        "https://x.test/a.pdf",
        "document",
        3,
        "scanner"
      ])
    }))

  it.effect("tells an image from a document", () =>
    Effect.gen(function*() {
      const { answer: recorded, sent } = recording(answer(1, 0))
      yield* run(extract({}, "Image"), "d.read", { doc: "https://x.test/a.png" }, { answer: recorded })
      assert.strictEqual((sent[0]?.job as Job<"act_extract_gen_extract_pages">).kind, "image")
    }))

  it.effect("adds a view to each page, as another leaf of its own place", () =>
    Effect.gen(function*() {
      const { answer: recorded, sent } = recording(answer(2, 2))
      const method = extract({ page_views: true, page_views_dpi: 90 })
      const memory = yield* run(method, "d.read", { doc: "https://x.test/a.pdf" }, { answer: recorded })
      const items = content(memory)?.["items"] as ReadonlyArray<{ readonly page_view: { readonly url: string } }>
      assert.deepStrictEqual(items.map((item) => item.page_view.url), ["v0", "v1"])
      assert.deepStrictEqual(sent.map(({ job }) => job.meta.path), ["read#0", "read#1"])
      assert.strictEqual((sent[1]?.job as Job<"act_render_page_views">).dpi, 90)
    }))

  it.effect("fails when there are not as many views as pages", () =>
    Effect.gen(function*() {
      const attempt = run(extract({ page_views: true }), "d.read", { doc: "https://x.test/a.pdf" }, {
        answer: answer(2, 1)
      })
      const failure = yield* Effect.flip(attempt)
      assert.strictEqual(failure.code, "provider.response_invalid")
      assert.strictEqual(failure.location.pipe, "read")
    }))

  const faults: ReadonlyArray<readonly [inputs: object, more: object]> = [
    [{}, {}],
    [{ a: "Document", b: "Document" }, {}],
    [{ a: "Document[]" }, {}],
    [{ a: "Text" }, {}],
    [{ a: "Document" }, { output: "Text[]" }],
    [{ a: "Document" }, { output: "Page" }],
    [{ a: "Document" }, { output: "Page[2]" }],
    [{ a: "Image" }, { page_views: true }],
    [{ a: "Image" }, { max_page_images: 1 }],
    [{ a: "Image" }, { page_image_captions: true }],
    [{ a: "Image" }, { page_views_dpi: 90 }]
  ]
  it.each(faults)("with inputs %j and %j is refused", (inputs, more) => {
    const { issues } = make(pipe("read", "PipeExtract", { inputs, output: "Page[]", ...more }))
    assert.isNotEmpty(issues)
    assert.isTrue(issues.every(({ code }) => code === "method.schema_violation" || code === "method.wiring_invalid"))
  })
})

describe("PipeFunc", () => {
  const functions: HostFunctions.HostFunctions = {
    "lib.shout": (memory) => `${(memory["text"]?.content as { readonly text: string }).text}!`,
    "lib.idea": async () => ({ title: "x" }),
    "lib.ideas": () => [{ title: "x" }, { title: "y" }],
    "lib.wrong": () => ({ name: "x" }),
    "lib.number": () => 42,
    "lib.nothing": () => undefined,
    "lib.circular": () => {
      const self: Record<string, unknown> = {}
      self["self"] = self
      return self
    },
    "lib.knot": () => {
      const self: Record<string, unknown> = {}
      self["self"] = self
      return { json_obj: self }
    },
    "lib.big": () => ({ json_obj: { big: 1n } }),
    "lib.odd": () => ({ json_obj: { at: new Date(0), call: () => 1, none: undefined, kept: [undefined] } }),
    "lib.trap": () =>
      new Proxy({}, {
        ownKeys: () => {
          throw new RangeError("secret")
        }
      }),
    "lib.throws": () => {
      throw new RangeError("quotes the secret")
    },
    "lib.rejects": async () => Promise.reject(new TypeError("secret"))
  }
  const call = (name: string, output: string) =>
    run(
      library(idea + loose + pipe("call", "PipeFunc", { inputs: { text: "Text" }, output, function_name: name }), {
        functions: Object.keys(functions)
      }),
      "d.call",
      { text: "secret" },
      { real: { act_func: HostFunctions.handler(functions) } }
    )

  it.effect("calls the function with the memory: a string is a text, an object a content, a list a list", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(content(yield* call("lib.shout", "Text")), { text: "secret!" })
      assert.deepStrictEqual(content(yield* call("lib.idea", "Idea")), { title: "x" })
      assert.deepStrictEqual(content(yield* call("lib.ideas", "Idea[]")), { items: [{ title: "x" }, { title: "y" }] })
    }))

  it.effect("lets only JSON into the memory, as between processes", () =>
    Effect.gen(function*() {
      const made = content(yield* call("lib.odd", "JSON"))
      assert.deepStrictEqual(made, { json_obj: { at: "1970-01-01T00:00:00.000Z", kept: [null] } })
    }))

  const failures: ReadonlyArray<readonly [name: string, output: string, code: string]> = [
    ["lib.throws", "Text", "pipe.function_raised"],
    ["lib.rejects", "Text", "pipe.function_raised"],
    ["lib.wrong", "Idea", "pipe.output_invalid"],
    ["lib.shout", "Idea", "pipe.output_invalid"],
    ["lib.number", "Loose", "pipe.output_invalid"],
    ["lib.nothing", "Loose", "pipe.output_invalid"],
    ["lib.circular", "Idea", "pipe.function_raised"],
    ["lib.knot", "JSON", "pipe.function_raised"],
    ["lib.big", "JSON", "pipe.function_raised"],
    ["lib.trap", "JSON", "pipe.function_raised"],
    ["lib.idea", "Idea[]", "pipe.output_multiplicity"],
    ["lib.ideas", "Idea", "pipe.output_multiplicity"]
  ]
  it.effect.each(failures)(
    "ends %s for %s as a typed failure that quotes nothing",
    ([name, output, code]) =>
      Effect.gen(function*() {
        const failure = yield* Effect.flip(call(name, output))
        assert.strictEqual(failure.code, code)
        assert.strictEqual(failure.location.pipe, "call")
        assert.notInclude(JSON.stringify(failure), "secret")
      })
  )

  it("is refused when its function is not registered, or is no dotted path", () => {
    const written = (name: string, compat = false) =>
      kinds(
        make(pipe("call", "PipeFunc", { output: "Text", function_name: name }), { functions: ["a.b", "flat"], compat })
          .issues
      )
    const refused = ["pipe_func_function_refused method.function_invalid"]
    assert.deepStrictEqual(written("a.c"), refused)
    assert.deepStrictEqual(written("a.b.c.toString"), refused)
    assert.deepStrictEqual(written("flat"), refused)
    assert.deepStrictEqual(written("a b.c"), refused)
    assert.deepStrictEqual(written("a.b"), [])
    assert.deepStrictEqual(written("flat", true), [])
  })
})

describe("what this runtime cannot do yet", () => {
  const tables: ReadonlyArray<readonly [type: string, table: object, code: string]> = [
    ["PipeJudge", { output: "YesNo", prompt: "evidence", question: "Is it?" }, "runtime.unsupported"],
    ["PipeDocGen", { output: "Document", format: "pdf" }, "pipelex.docgen.engine_unavailable"]
  ]
  it.effect.each(tables)(
    "%s fails as such, when it is run and not before",
    ([type, table, code]) =>
      Effect.gen(function*() {
        const method = library(pipe("go", type, table as never))
        const failure = yield* Effect.flip(run(method, "d.go"))
        assert.strictEqual(failure.code, code)
      })
  )
})

describe("a signature", () => {
  it.effect("cannot be run, alone or inside a sequence", () =>
    Effect.gen(function*() {
      const method = library([
        "[pipe.later]\ndescription = \"l\"\noutput = \"Text\"\nsignature_for = \"PipeLLM\"\n",
        pipe("go", "PipeSequence", { output: "Text", steps: [{ pipe: "later", result: "x" }] })
      ].join("\n"))
      assert.deepStrictEqual(method.signatures, ["d.later"])
      const failure = yield* Effect.flip(run(method, "d.go"))
      assert.strictEqual(failure.code, "method.not_runnable")
      assert.deepStrictEqual(failure.location.path, ["go", "later"])
    }))
})
