import { assert, describe, it } from "@effect/vitest"
import * as LeafUse from "../../src/library/LeafUse.ts"
import type { Library } from "../../src/library/Library.ts"
import { library, models, pipe } from "./Fixture.ts"

const text = pipe("text", "PipeLLM", { inputs: { topic: "Text" }, output: "Text", prompt: "Say $topic" })

const made = (...pipes: ReadonlyArray<string>): Library => library([text, ...pipes].join("\n"), { functions: ["a.b"] })

const uses = (of: Library, ref: string) => {
  const root = of.pipes.get(`d.${ref}`)
  assert.isDefined(root)
  return LeafUse.of(of, [root], models).map(({ leaf, pipe: from }) => `${from} ${leaf}`)
}

const sequence = (steps: ReadonlyArray<object>) =>
  pipe("all", "PipeSequence", { inputs: { topic: "Text" }, output: "Text", steps })

describe("the leaves of a pipe", () => {
  it("are those of the pipes that it calls, each once", () => {
    const all = made(sequence([{ pipe: "text", result: "a" }, { pipe: "text", result: "b" }]))
    assert.deepStrictEqual(uses(all, "all"), ["d.text act_llm_gen_text"])
  })

  it("depend on how many results a step wants", () => {
    const all = made(sequence([{ pipe: "text", nb_output: 2, result: "a" }, { pipe: "text", result: "b" }]))
    assert.sameMembers(uses(all, "all"), ["d.text act_llm_gen_object_list", "d.text act_llm_gen_text"])
    const lists = made(sequence([{ pipe: "text", multiple_output: true, result: "a" }, { pipe: "text" }]))
    assert.include(uses(lists, "all"), "d.text act_llm_gen_object_list")
  })

  it("are found behind conditions and batches too", () => {
    const all = made(
      pipe("pick", "PipeCondition", {
        inputs: { topic: "Text" },
        output: "Text",
        expression: "topic.text",
        default_outcome: "text",
        outcomes: { a: "text" }
      }),
      pipe("each", "PipeBatch", {
        inputs: { topics: "Text[]" },
        output: "Text[]",
        branch_pipe_code: "pick",
        input_list_name: "topics",
        input_item_name: "topic"
      })
    )
    assert.deepStrictEqual(uses(all, "each"), ["d.text act_llm_gen_text"])
  })

  it("of a function are routed by its name", () => {
    const all = made(pipe("call", "PipeFunc", { output: "Text", function_name: "a.b" }))
    const call = all.pipes.get("d.call")
    assert.isDefined(call)
    assert.deepStrictEqual(LeafUse.of(all, [call], models), [{ pipe: "d.call", leaf: "act_func", handle: "a.b" }])
  })

  it("name the model that answers, as the table has it", () => {
    const all = made()
    const root = all.pipes.get("d.text")
    assert.isDefined(root)
    const [use] = LeafUse.of(all, [root], models)
    assert.isString(use?.handle)
    assert.include(models.models.map(({ handle }) => handle), use?.handle)
  })
})
