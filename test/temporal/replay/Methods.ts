/** A run of every pipe type, small, with the answers that its leaves give: recorded as histories and run again by the tests. */
import * as Effect from "effect/Effect"
import type { JsonObject } from "../../../src/concept/Json.ts"
import type * as Recorded from "../../../src/direct/Recorded.ts"
import { fail } from "../../../src/failure/PipeFailure.ts"
import * as Reason from "../../../src/failure/Reason.ts"
import type { Library } from "../../../src/library/Library.ts"
import * as HostFunctions from "../../../src/provider/HostFunctions.ts"
import type { Common } from "../../../src/temporal/wire/Payload.ts"
import { byPipe, compose, library, llm, models, pipe, type Running, sequence } from "../../library/Fixture.ts"

export interface Method {
  readonly library: Library
  readonly ref: string
  readonly inputs: JsonObject
  /** Beyond what all are run with. */
  readonly common?: Partial<Common>
  readonly settings?: Running["settings"]
  /** The run is begun again under its id when it has ended, and that attempt is the one that is recorded. */
  readonly isResumed?: boolean
}

const idea =
  "[concept.Idea]\ndescription = \"An idea\"\n[concept.Idea.structure]\ntitle = { type = \"text\", description = \"Title\", required = true }\n"

export const functions: HostFunctions.HostFunctions = {
  "lib.count": (memory) => `${Object.keys(memory).length} values`
}

const page = (text: string) => ({ text_and_images: { text: { text }, images: [], raw_html: null }, page_view: null })

/** What the leaves answer, by pipe. */
export const answer: Recorded.Answer = (sent) => {
  if (sent.job.meta.pipe === "refused") {
    return Effect.fail(fail(new Reason.RequestRefused({ model: "writer", category: "content" })))
  }
  if (sent.leaf === "act_render_page_views") return Effect.succeed([{ url: "view.png" }])
  return byPipe({
    shape: { title: "Shaped" },
    ideas: [{ title: "First" }, { title: "Second" }],
    draw: [{ url: "drawn.png" }],
    read: [page("read")],
    find: { answer: "found", sources: [] }
  })(sent)
}

/** Histories are kept, so what travels in them is kept short. */
export const running: Running = {
  settings: { structurePrompt: "Fit {{ class_structure_str }}", structuringPrompt: "{{ text }}" }
}

const named = new Set(["writer", "scanner", "painter", "finder"])

export const common: Partial<Common> = {
  models: { ...models, models: models.models.filter(({ handle }) => named.has(handle)) },
  functions: Object.keys(functions)
}

export const real = { act_func: HostFunctions.handler(functions) }

const of = (toml: string | ReadonlyArray<string>, ref: string, inputs: JsonObject = {}): Method => ({
  library: library([toml].flat().join("\n"), { functions: Object.keys(functions) }),
  ref,
  inputs
})

const one = llm("one", { topic: "Text" })
const two = llm("two", { topic: "Text" })
const text = { topic: "cats" }

const batch = pipe("all", "PipeBatch", {
  inputs: { topics: "Text[]" },
  output: "Text[]",
  branch_pipe_code: "one",
  input_list_name: "topics",
  input_item_name: "topic"
})

const choice = pipe("choose", "PipeCondition", {
  inputs: { topic: "Text" },
  output: "Text?",
  expression: "topic.text",
  outcomes: { cats: "one", dogs: "two" },
  default_outcome: "continue"
})

const both = pipe("both", "PipeParallel", {
  inputs: { topic: "Text" },
  output: "Composite",
  branches: [{ pipe: "one", result: "a" }, { pipe: "two", result: "b" }],
  add_each_output: true
})

export const methods: Readonly<Record<string, Method>> = {
  PipeLLM: of(one, "d.one", text),
  PipeLLM_objects: of(idea + llm("ideas", { topic: "Text" }, "Idea[]"), "d.ideas", text),
  PipeStructure: of(
    idea + pipe("shape", "PipeStructure", { inputs: { topic: "Text" }, output: "Idea" }),
    "d.shape",
    text
  ),
  PipeImgGen: of(
    pipe("draw", "PipeImgGen", { inputs: { topic: "Text" }, output: "Image", prompt: "$topic" }),
    "d.draw",
    text
  ),
  PipeExtract: of(
    pipe("read", "PipeExtract", { inputs: { doc: "Document" }, output: "Page[]", page_views: true }),
    "d.read",
    { doc: "https://x.test/a.pdf" }
  ),
  PipeSearch: of(
    pipe("find", "PipeSearch", { inputs: { topic: "Text" }, output: "SearchResult", prompt: "$topic" }),
    "d.find",
    text
  ),
  PipeCompose: of(compose("say", { topic: "Text" }, "About $topic."), "d.say", text),
  PipeFunc: of(
    [
      pipe("call", "PipeFunc", { inputs: { topic: "Text" }, output: "Text", function_name: "lib.count" }),
      one,
      sequence("go", { topic: "Text" }, "Text", [{ pipe: "one", result: "a" }, { pipe: "call", result: "b" }])
    ],
    "d.go",
    text
  ),
  PipeJudge: of(pipe("judge", "PipeJudge", { output: "YesNo", prompt: "evidence", question: "Is it?" }), "d.judge"),
  PipeDocGen: of(pipe("print", "PipeDocGen", { output: "Document", format: "pdf" }), "d.print"),
  PipeSignature: of(
    [
      "[pipe.later]\ndescription = \"l\"\noutput = \"Text\"\nsignature_for = \"PipeLLM\"\n",
      pipe("go", "PipeSequence", { output: "Text", steps: [{ pipe: "later", result: "x" }] })
    ],
    "d.go"
  ),
  PipeSequence: of(
    [
      one,
      batch,
      compose("sum", { a: "Text", all_texts: "Text[]" }, "{{ a.text }} {{ all_texts|length }}"),
      sequence("go", { topic: "Text", topics: "Text[]" }, "Text", [
        { pipe: "one", result: "a" },
        { from: "topic", result: "kept" },
        { pipe: "one", batch_over: "topics", batch_as: "topic", result: "all_texts" },
        { pipe: "all", result: "again" },
        { pipe: "sum", result: "end" }
      ])
    ],
    "d.go",
    { topic: "cats", topics: ["x", "y"] }
  ),
  PipeParallel: of([one, two, both], "d.both", text),
  PipeCondition: of([one, two, choice], "d.choose", text),
  PipeCondition_continue: of([one, two, choice], "d.choose", { topic: "birds" }),
  PipeBatch: of([one, batch], "d.all", { topics: ["x", "y", "z"] }),
  PipeBatch_shards: {
    ...of([one, batch], "d.all", { topics: ["v", "w", "x", "y", "z"] }),
    common: { shardSize: 2, granularity: "auto" }
  },
  PipeBatch_shards_of_workflows: {
    ...of([one, batch], "d.all", { topics: ["x", "y", "z"] }),
    common: { shardSize: 2, granularity: "item" }
  },
  PipeBatch_collect: {
    ...of([llm("refused", { topic: "Text" }), batch.replace("\"one\"", "\"refused\"")], "d.all", {
      topics: ["x", "y"]
    }),
    settings: { onItemFailure: "collect" }
  },
  PipeBatch_resumed: {
    ...of(
      [
        one,
        llm("refused", { topic: "Text" }),
        choice.replace("\"two\"", "\"refused\""),
        batch.replace("\"one\"", "\"choose\""),
        sequence("go", { topic: "Text", topics: "Text[]" }, "Text[]", [
          { pipe: "one", result: "a" },
          { pipe: "all", result: "b" }
        ])
      ],
      "d.go",
      { topic: "cats", topics: ["cats", "dogs", "birds"] }
    ),
    settings: { onItemFailure: "collect" },
    isResumed: true
  },
  failure: of(
    [
      llm("refused", { topic: "Text" }),
      both.replace("\"two\"", "\"refused\""),
      one,
      sequence("go", { topic: "Text" }, "Text", [{ pipe: "both", result: "x" }, { pipe: "one", result: "y" }])
    ],
    "d.go",
    text
  )
}
