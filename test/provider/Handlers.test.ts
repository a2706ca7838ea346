import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Direct from "../../src/direct/Direct.ts"
import type { PipeFailure } from "../../src/failure/PipeFailure.ts"
import type { Handlers as Leaves, Job } from "../../src/program/Leaves.ts"
import * as Connections from "../../src/provider/Connections.ts"
import * as Handlers from "../../src/provider/Handlers.ts"
import { inference, job, model } from "./Scripted.ts"

const { meta } = job()

const images: Job<"act_img_gen_images"> = {
  meta,
  setting: { model: model({ family: "img_gen", sdk: "fal" }), settings: {} },
  prompt: "a cat",
  images: [],
  count: 1,
  parameters: { aspect_ratio: "square", background: "auto", is_raw: false }
}

const search: Job<"act_search_gen_structured"> = {
  meta,
  setting: { model: model({ family: "search", sdk: "linkup" }), settings: {} },
  query: "cats",
  parameters: { includeImages: false, includeInlineCitations: false },
  structure: job().structure
}

const extraction = (sdk: string): Job<"act_extract_gen_extract_pages"> => ({
  meta,
  setting: { model: model({ family: "text_extractor", sdk, inputs: ["pdf"] }), settings: {} },
  file: { url: "data:application/pdf;base64,JVBERi0=" },
  kind: "document"
})

/** Every leaf that a model answers. */
const asked = (
  leaves: Leaves
): ReadonlyArray<Effect.Effect<{ readonly usage: { readonly simulated?: boolean } }, PipeFailure>> => [
  leaves.act_llm_gen_text(job()),
  leaves.act_llm_gen_object(job()),
  leaves.act_llm_gen_object_list({
    ...job(),
    structure: {
      ...job().structure,
      schema: { type: "object", properties: { items: { type: "array", items: job().structure.schema } } }
    }
  }),
  leaves.act_img_gen_images(images),
  leaves.act_search_gen_sourced_answer(search),
  leaves.act_search_gen_structured(search)
]

const poor: Handlers.Answering = {
  _tag: "Backends",
  connections: Connections.make((backend) => Result.fail({ variables: [`${backend.toUpperCase()}_API_KEY`] }))
}

const made = (answering: Handlers.Answering) =>
  Effect.provide(Handlers.make({ answering, inference }), Direct.resources({ storage: "memory" }))

describe("the leaves", () => {
  it.effect("are all answered by the stand-in when it answers for every model", () =>
    Effect.gen(function*() {
      const results = yield* Effect.all(asked(yield* made({ _tag: "Simulated" })))
      assert.deepStrictEqual(results.map(({ usage }) => usage.simulated), [true, true, true, true, true, true])
    }))

  it.effect("ask the model's backend otherwise, and name what it lacks", () =>
    Effect.gen(function*() {
      const leaves = yield* made(poor)
      const failures = yield* Effect.forEach(
        [...asked(leaves), leaves.act_extract_gen_extract_pages(extraction("mistral"))],
        (leaf) => Effect.flip(leaf)
      )
      for (const failure of failures) {
        assert.deepStrictEqual(
          [failure.code, failure.provider, failure.usage?.requests],
          ["pipelex.config.credential_missing", "acme", 0]
        )
        assert.include(failure.message, "\"ACME_API_KEY\"")
      }
      assert.lengthOf(failures, 7)
    }))

  it.effect("are answered by the stand-in for a model of the backend \"simulated\" alone", () =>
    Effect.gen(function*() {
      const leaves = yield* made(poor)
      const { usage } = yield* leaves.act_llm_gen_text(job({ model: model({ backend: "simulated" }) }))
      assert.isTrue(usage.simulated)
    }))

  it.live("read documents in this process without any credential", () =>
    Effect.gen(function*() {
      const leaves = yield* made(poor)
      const failure = yield* Effect.flip(leaves.act_extract_gen_extract_pages(extraction("pypdfium2")))
      assert.strictEqual(failure.code, "input.file_unreadable")
    }))
})
