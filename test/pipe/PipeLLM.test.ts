import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as WorkingMemory from "../../src/concept/WorkingMemory.ts"
import type * as Recorded from "../../src/direct/Recorded.ts"
import type { Job } from "../../src/program/Leaves.ts"
import { byPipe, content, kinds, library, llm, make, pipe, recording, run } from "../library/Fixture.ts"

const idea = "[concept.Idea]\ndescription = \"An idea\"\n[concept.Idea.structure]\ntitle = \"Title\"\n"

const jobs = (sent: ReadonlyArray<Recorded.Sent>) => sent.map(({ job }) => job as Job<"act_llm_gen_object">)

describe("PipeLLM", () => {
  it.effect("asks for a text where its output is one, whatever it is called", () =>
    Effect.gen(function*() {
      const { answer, sent } = recording()
      const method = library([
        "[concept]\nNote = \"A note\"\n[concept.Tag]\ndescription = \"A tag\"\nrefines = \"Markdown\"",
        llm("plain", { topic: "Text" }, "Text"),
        llm("note", { topic: "Text" }, "Note"),
        llm("tag", { topic: "Text" }, "Tag"),
        llm("number", { topic: "Text" }, "Number"),
        llm("list", { topic: "Text" }, "Text[]")
      ].join("\n"))
      for (const code of ["plain", "note", "tag", "number", "list"]) {
        yield* run(method, `d.${code}`, { topic: "t" }, { answer })
      }
      assert.deepStrictEqual(sent.map(({ leaf }) => leaf), [
        "act_llm_gen_text",
        "act_llm_gen_text",
        "act_llm_gen_text",
        "act_llm_gen_object",
        "act_llm_gen_object_list"
      ])
    }))

  it.effect("appends the structure prompt to the user's text, of the item's class for a list", () =>
    Effect.gen(function*() {
      const { answer, prompts, sent } = recording()
      const method = library([idea, llm("think", { topic: "Text" }, "Idea[]")].join("\n"))
      yield* run(method, "d.think", { topic: "bees" }, { answer })
      assert.match(prompts()[0] ?? "", /^bees\n\n---\nThe instance we want to generate.*\nclass d__Idea\(/s)
      assert.strictEqual(jobs(sent)[0]?.structure.name, "ListOfd__Idea")
    }))

  it.effect("sends no structure prompt when it is turned off", () =>
    Effect.gen(function*() {
      const { answer, prompts } = recording()
      const method = library([idea, llm("think", { topic: "Text" }, "Idea")].join("\n"))
      yield* run(method, "d.think", { topic: "bees" }, { answer, settings: { isStructurePromptEnabled: false } })
      assert.deepStrictEqual(prompts(), ["bees"])
    }))

  it.effect("takes the model it names, the structuring one for objects, and the deck's default without", () =>
    Effect.gen(function*() {
      const { answer, sent } = recording()
      const method = library([
        idea,
        llm("named", { topic: "Text" }, "Text", { model: "$factual", model_to_structure: "reader" }),
        llm("shaped", { topic: "Text" }, "Idea", { model: "$factual", model_to_structure: "reader" }),
        llm("unnamed", { topic: "Text" }, "Idea"),
        llm("inline", { topic: "Text" }, "Text", { model: { model: "reader", temperature: 0.9, max_tokens: 7 } })
      ].join("\n"))
      for (const code of ["named", "shaped", "unnamed", "inline"]) {
        yield* run(method, `d.${code}`, { topic: "t" }, { answer })
      }
      assert.deepStrictEqual(jobs(sent).map(({ setting }) => [setting.model.handle, setting.settings]), [
        ["writer", { temperature: 0.1 }],
        ["reader", { temperature: 0.5 }],
        ["writer", { temperature: 0.5 }],
        ["reader", { temperature: 0.9, maxTokens: 7 }]
      ])
    }))

  it.effect("inherits the system prompt of its domain, a template of its own inputs, and an empty one counts as none", () =>
    Effect.gen(function*() {
      const { answer, sent } = recording()
      const method = library([
        "domain = \"d\"\nsystem_prompt = \"You know $topic\"",
        llm("inherits", { topic: "Text" }),
        llm("empty", { topic: "Text" }, "Text", { system_prompt: "" }),
        llm("own", { topic: "Text" }, "Text", { system_prompt: "Mine" })
      ].join("\n"))
      for (const code of ["inherits", "empty", "own"]) yield* run(method, `d.${code}`, { topic: "bees" }, { answer })
      assert.deepStrictEqual(jobs(sent).map(({ prompt }) => prompt.system), ["You know bees", "You know bees", "Mine"])
    }))

  it("needs the inputs that an inherited system prompt reads", () => {
    const { issues } = make("domain = \"d\"\nsystem_prompt = \"You know $place\"\n" + llm("ask", { topic: "Text" }))
    assert.deepStrictEqual(kinds(issues), ["missing_input_variable method.input_undeclared"])
  })

  it.effect("takes the system prompt that another file of the domain declares", () =>
    Effect.gen(function*() {
      const { answer, sent } = recording()
      const method = library({
        "a.mthds": "domain = \"d\"\nsystem_prompt = \"Be kind\"\n",
        "b.mthds": "domain = \"d\"\n" + llm("ask", { topic: "Text" })
      })
      yield* run(method, "d.ask", { topic: "bees" }, { answer })
      assert.strictEqual(jobs(sent)[0]?.prompt.system, "Be kind")
    }))

  it.effect("refuses to ask with an empty prompt", () =>
    Effect.gen(function*() {
      const method = library(pipe("ask", "PipeLLM", { inputs: { a: "Text?" }, output: "Text", prompt: "@?a" }))
      const failure = yield* Effect.flip(run(method, "d.ask"))
      assert.strictEqual(failure.code, "pipe.prompt_empty")
      const bare = library(pipe("ask", "PipeLLM", { output: "Text" }))
      assert.strictEqual((yield* Effect.flip(run(bare, "d.ask"))).code, "pipe.prompt_empty")
    }))

  it.effect("renders tags in its own style, else in the run's", () =>
    Effect.gen(function*() {
      const { answer, prompts } = recording()
      const method = library([
        pipe("xml", "PipeLLM", { inputs: { a: "Text" }, output: "Text", prompt: "@a" }),
        pipe("ticks", "PipeLLM", { inputs: { a: "Text" }, output: "Text", prompt: "@a", templating_style: "ticks" })
      ].join("\n"))
      yield* run(method, "d.xml", { a: "x" }, { answer })
      yield* run(method, "d.xml", { a: "x" }, { answer, settings: { tagStyle: "square_brackets" } })
      yield* run(method, "d.ticks", { a: "x" }, { answer, settings: { tagStyle: "no_tag" } })
      assert.deepStrictEqual(prompts(), ["<a>\nx\n</a>", "[a]\nx\n[/a]", "a: ```\nx\n```"])
    }))

  it.effect("asks again until the answer fits, and tells what was wrong with the ones before", () =>
    Effect.gen(function*() {
      const item = { title: "x" }
      const answers = ["no list", { items: [item, { title: 1 }] }, [item, item]]
      const turns: Array<unknown> = []
      const answer: Recorded.Answer = (sent) =>
        Effect.sync(() => {
          turns.push(sent.turns.at(-1)?.misfits.map(({ pointer }) => pointer))
          return answers[sent.turns.length]
        })
      const method = library([idea, llm("think", { topic: "Text" }, "Idea[2]")].join("\n"))
      const memory = yield* run(method, "d.think", { topic: "t" }, { answer })
      assert.deepStrictEqual(content(memory), { items: [item, item] })
      assert.deepStrictEqual(turns, [undefined, ["/items"], ["/items/1/title"]])
    }))

  it.effect("gives up after as many attempts as are allowed, without quoting the answer", () =>
    Effect.gen(function*() {
      const { answer, sent } = recording(byPipe({ think: { title: 42, secret: "hush-hush" } }))
      const method = library([idea, llm("think", { topic: "Text" }, "Idea")].join("\n"))
      for (const [reaskAttempts, attempts] of [[undefined, 3], [1, 1], [5, 5]] as const) {
        sent.length = 0
        const failure = yield* Effect.flip(
          run(method, "d.think", { topic: "t" }, {
            answer,
            ...(reaskAttempts === undefined ? {} : { reaskAttempts })
          })
        )
        assert.strictEqual(failure.code, "model.output_schema_mismatch")
        assert.isFalse(failure.retryable)
        assert.strictEqual(failure.model, "writer")
        assert.deepStrictEqual(failure.location, { pipe: "think", path: ["think"] })
        assert.lengthOf(sent, attempts)
        assert.notInclude(JSON.stringify(failure), "hush")
      }
    }))

  it.effect("resolves a Dynamic output for the run", () =>
    Effect.gen(function*() {
      const method = library([idea, llm("think", { topic: "Text" }, "Dynamic")].join("\n"))
      const plain = yield* run(method, "d.think", { topic: "t" })
      assert.strictEqual(WorkingMemory.get(plain, "main_stuff")?.concept, "native.Text")
      const shaped = yield* run(method, "d.think", { topic: "t" }, { scope: { dynamicOutput: "d.Idea" } })
      assert.strictEqual(WorkingMemory.get(shaped, "main_stuff")?.concept, "d.Idea")
      assert.hasAllKeys(content(shaped) ?? {}, ["title"])
    }))

  it.effect("tells its templates how many outputs were asked for", () =>
    Effect.gen(function*() {
      const { answer, prompts } = recording()
      const more = { prompt: "{{ _nb_output }} of $topic" }
      const method = library([idea, llm("some", { topic: "Text" }, "Idea[3]", more)].join("\n"))
      yield* run(method, "d.some", { topic: "t" }, { answer, settings: { isStructurePromptEnabled: false } })
      assert.deepStrictEqual(prompts(), ["3 of t"])
    }))
})

const gallery = `
[concept.Sheet]
description = "A sheet"
[concept.Sheet.structure]
title = "Title"
cover = { type = "concept", concept_ref = "Image", description = "Cover" }
shots = { type = "list", item_type = "concept", item_concept_ref = "Image", description = "Shots" }
source = { type = "concept", concept_ref = "Document", description = "Source" }
`
const url = (name: string) => `https://files.example/${name}`
const image = (name: string) => ({ url: url(name) })

describe("files in prompts", () => {
  const shown = (prompt: string, inputs: Readonly<Record<string, string>>, given: object, more: object = {}) => {
    const { answer, sent } = recording()
    const method = library([gallery, pipe("see", "PipeLLM", { inputs, output: "Text", prompt, ...more })].join("\n"))
    return Effect.map(run(method, "d.see", given as never, { answer }), () => {
      const { prompt: asked } = sent[0]?.job as Job<"act_llm_gen_text">
      return {
        system: asked.system,
        user: asked.user,
        images: asked.images.map((file) => file.url.slice(url("").length)),
        documents: asked.documents.map((file) => file.url.slice(url("").length))
      }
    })
  }

  it.effect("are numbered in the order they are read, system prompt first, each url once", () =>
    Effect.gen(function*() {
      const asked = yield* shown(
        "Compare $b and $a, then $c:\n@all",
        { a: "Image", b: "Image", c: "Image", all: "Image[]" },
        { a: url("a"), b: url("b"), c: url("a"), all: [url("b"), url("z")] },
        { system_prompt: "Look at $a" }
      )
      assert.deepStrictEqual(asked.images, ["a", "b", "z"])
      assert.strictEqual(asked.system, "Look at [Image 1]")
      assert.strictEqual(
        asked.user,
        "Compare [Image 2] and [Image 1], then [Image 1]:\n<all>\n[Image 2], [Image 3]\n</all>"
      )
    }))

  it.effect("are attached from fields, one or a list, and documents only as inputs", () =>
    Effect.gen(function*() {
      const sheet = {
        title: "T",
        cover: image("cover"),
        shots: [image("1"), image("2")],
        source: { url: url("nested") }
      }
      const asked = yield* shown(
        "$sheet.cover $sheet.shots; {{ sheet.source }} $doc",
        { sheet: "Sheet", doc: "Document" },
        { sheet, doc: url("doc") }
      )
      assert.deepStrictEqual(asked.images, ["cover", "1", "2"])
      assert.deepStrictEqual(asked.documents, ["doc"])
      assert.include(asked.user, "[Image 2], [Image 3]")
      assert.include(asked.user, url("nested"))
      assert.include(asked.user, "[Document 1]")
    }))

  it.effect("are found inside a structure by with_images, after the direct ones", () =>
    Effect.gen(function*() {
      const sheet = { title: "T", cover: image("cover"), shots: [image("1")] }
      const asked = yield* shown("{{ sheet|with_images }} $x", { sheet: "Sheet", x: "Image" }, { sheet, x: url("x") })
      assert.deepStrictEqual(asked.images, ["x", "cover", "1"])
      assert.include(asked.user, "[Image 2]")
      assert.notInclude(asked.user, "https://")
    }))

  it.effect("are listed one per line when they are documents", () =>
    Effect.gen(function*() {
      const asked = yield* shown("$docs", { docs: "Document[]" }, { docs: [url("a"), url("b")] })
      assert.strictEqual(asked.user, "[Document 1]\n[Document 2]")
      assert.deepStrictEqual(asked.documents, ["a", "b"])
    }))

  it.effect("are left out when an optional one is absent, and refused when a list of them is empty", () =>
    Effect.gen(function*() {
      const asked = yield* shown("Look\n@?a", { a: "Image?" }, {})
      assert.deepStrictEqual([asked.user, asked.images], ["Look\n", []])
      const failure = yield* Effect.flip(shown("$all", { all: "Image[]" }, { all: [] }))
      assert.strictEqual(failure.code, "input.invalid")
      assert.strictEqual(failure.location.input, "all")
    }))

  it.effect("are refused before any request when the model cannot look at them", () =>
    Effect.gen(function*() {
      for (const [slot, capability] of [["Image", "images"], ["Document", "documents"]] as const) {
        const failure = yield* Effect.flip(shown("$a", { a: slot }, { a: url("a") }, { model: "blind" }))
        assert.strictEqual(failure.code, "model.capability_unsupported")
        assert.include(failure.message, capability)
      }
    }))

  it("cannot be asked of values that hold no images", () => {
    const { issues } = make(
      pipe("see", "PipeLLM", { inputs: { a: "Number" }, output: "Text", prompt: "{{ a|with_images }}" })
    )
    assert.deepStrictEqual(kinds(issues), ["- method.template_invalid"])
  })
})

describe("structuring_method = \"preliminary_text\"", () => {
  const method = (more: object = {}) =>
    library([
      idea,
      llm("think", { topic: "Text", pic: "Image" }, "Idea[2]", {
        structuring_method: "preliminary_text",
        model: "$factual",
        model_to_structure: "reader",
        system_prompt: "S",
        ...more
      })
    ].join("\n"))

  it.effect("drafts a text with the files, then structures that text with the other model", () =>
    Effect.gen(function*() {
      const { answer, sent } = recording(byPipe({
        think__draft_text: "the draft",
        think__structure: [{ title: "a" }, { title: "b" }]
      }))
      const memory = yield* run(method(), "d.think", { topic: "t", pic: url("p") }, { answer })
      assert.deepStrictEqual(content(memory), { items: [{ title: "a" }, { title: "b" }] })
      assert.deepStrictEqual(content(memory, "draft_text"), { text: "the draft" })
      const [draft, structure] = jobs(sent)
      assert.deepStrictEqual([draft?.meta.path, structure?.meta.path], [
        "think/0-think__draft_text#0",
        "think/1-think__structure#0"
      ])
      assert.deepStrictEqual([draft?.setting.model.handle, structure?.setting.model.handle], ["writer", "reader"])
      assert.deepStrictEqual([draft?.prompt.images.length, structure?.prompt.images.length], [1, 0])
      assert.deepStrictEqual([draft?.prompt.system, structure?.prompt.system], ["S", undefined])
      assert.include(structure?.prompt.user ?? "", "the draft")
      assert.strictEqual(structure?.structure.count, 2)
    }))

  it.effect("stores the result under the name its caller gave", () =>
    Effect.gen(function*() {
      const answer = byPipe({ think__structure: [{ title: "a" }, { title: "b" }] })
      const memory = yield* run(method(), "d.think", { topic: "t", pic: url("p") }, { answer, result: "ideas" })
      assert.isDefined(content(memory, "ideas"))
    }))

  it("is refused for a text, and where the codes it needs are taken", () => {
    const text = make(llm("think", { topic: "Text" }, "Text[]", { structuring_method: "preliminary_text" }))
    assert.deepStrictEqual(kinds(text.issues), ["- method.schema_violation"])
    const taken = make([
      idea,
      llm("think", { topic: "Text" }, "Idea", { structuring_method: "preliminary_text" }),
      llm("think__structure", { topic: "Text" })
    ].join("\n"))
    assert.include(kinds(taken.issues), "- method.name_conflict")
  })
})
