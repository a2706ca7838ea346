/**
 * One method that has every controller, and leaves of five kinds. What a leaf asks names it, `leaf-<pipe>-<topic>`, in its request as in the
 * history: so each is known, however often and by whomever it is asked.
 */
import type { JsonObject } from "../../../src/concept/Json.ts"
import { llm, pipe, sequence } from "../../library/Fixture.ts"

export const ref = "d.go"

const topic = { topic: "Text" }

const asking = (code: string, output = "Text"): string =>
  llm(code, topic, output, { prompt: `leaf-${code}-$topic`, model: "gpt-4o-mini" })

const choice = (code: string, outcomes: JsonObject): string =>
  pipe(code, "PipeCondition", {
    inputs: { ...topic, paper: "Document" },
    output: "Text?",
    expression: "topic.text",
    outcomes,
    default_outcome: "continue"
  })

const all = { topic: "Text", topics: "Text[]", paper: "Document" }

export const text = [
  "[concept.Card]\ndescription = \"c\"\n[concept.Card.structure]\n" +
  "title = { type = \"text\", description = \"t\", required = true }\n",
  asking("one"),
  asking("card", "Card"),
  asking("tell"),
  pipe("draw", "PipeImgGen", { inputs: topic, output: "Image", prompt: "leaf-draw-$topic", model: "gpt-image-2" }),
  pipe("find", "PipeSearch", { inputs: topic, output: "SearchResult", prompt: "leaf-find-$topic" }),
  pipe("read", "PipeExtract", { inputs: { paper: "Document" }, output: "Page[]", model: "mistral-ocr" }),
  pipe("both", "PipeParallel", {
    inputs: topic,
    output: "Composite",
    branches: [{ pipe: "one", result: "a" }, { pipe: "card", result: "b" }],
    add_each_output: true
  }),
  pipe("all", "PipeBatch", {
    inputs: { topics: "Text[]" },
    output: "Image[]",
    branch_pipe_code: "draw",
    input_list_name: "topics",
    input_item_name: "topic"
  }),
  sequence("inner", { ...topic, paper: "Document" }, "Text", [
    { pipe: "find", result: "hits" },
    { pipe: "read", result: "pages" },
    { pipe: "tell", result: "told" }
  ]),
  choice("choose", { cats: "inner" }),
  choice("skip", { dogs: "inner" }),
  sequence("go", all, "Text?", [
    { pipe: "both", result: "pair" },
    { pipe: "one", batch_over: "topics", batch_as: "topic", result: "drafts" },
    { pipe: "all", result: "pictures" },
    { pipe: "skip", result: "skipped" },
    { pipe: "choose", result: "found" }
  ])
].join("\n")

export const inputs: JsonObject = {
  topic: "cats",
  topics: ["owls", "bees"],
  paper: { url: "https://x.test/leaf-read-paper.pdf" }
}

/** The leaf that a request, or the input of an activity, is of. */
export const leafIn = (asked: string): string => /leaf-[a-z]+-[a-z]+/.exec(asked)?.[0] ?? asked
