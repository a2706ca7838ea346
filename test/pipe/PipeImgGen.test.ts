import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { empty } from "../../src/concept/WorkingMemory.ts"
import * as DryRun from "../../src/direct/DryRun.ts"
import type * as Recorded from "../../src/direct/Recorded.ts"
import type { Job } from "../../src/program/Leaves.ts"
import * as PipePath from "../../src/program/PipePath.ts"
import { PipeRunner } from "../../src/program/PipeRunner.ts"
import { defaults } from "../../src/program/Settings.ts"
import { content, kinds, library, make, models, pipe, recording, run, sequence } from "../library/Fixture.ts"

type ImagesJob = Job<"act_img_gen_images">

const draw = (more: object = {}, output = "Image") =>
  pipe("draw", "PipeImgGen", { inputs: { subject: "Text" }, output, prompt: "A drawing of $subject", ...more })

const painted: Recorded.Answer = ({ job }) =>
  Effect.succeed(
    Array.from({ length: (job as ImagesJob).count }, (_, index) => ({
      url: `pipelex-storage://run/generated/${index}.png`,
      source_prompt: (job as ImagesJob).prompt
    }))
  )

/** Runs the pipe and gives the job it made with what it stored. */
const drawn = Effect.fnUntraced(function*(toml: string, inputs = {}, running: Parameters<typeof run>[3] = {}) {
  const { answer, sent } = recording(painted)
  const memory = yield* run(library(toml), "d.draw", { subject: "a fox", ...inputs }, { answer, ...running })
  return { job: sent[0]?.job as ImagesJob, memory, sent }
})

describe("the job of a PipeImgGen", () => {
  it.effect("holds the rendered prompt, and the run's defaults where the pipe is silent", () =>
    Effect.gen(function*() {
      const { job, memory } = yield* drawn(draw())
      assert.deepStrictEqual(job, {
        meta: { runId: "run", userId: "tester", pipe: "draw", domain: "d", path: job.meta.path },
        setting: { model: job.setting.model, settings: {} },
        prompt: "A drawing of a fox",
        images: [],
        count: 1,
        parameters: {
          aspect_ratio: "square",
          background: "auto",
          is_raw: false,
          quality: "low",
          nb_steps: 28,
          guidance_scale: 2.5,
          is_moderated: true,
          safety_tolerance: 5
        }
      })
      assert.strictEqual(job.setting.model.handle, "painter")
      assert.strictEqual(content(memory)?.["url"], "pipelex-storage://run/generated/0.png")
    }))

  it.effect("holds what the pipe says over the run's defaults, and the model's own settings beside it", () =>
    Effect.gen(function*() {
      const { job } = yield* drawn(
        draw({
          negative_prompt: "no $subject in the rain",
          aspect_ratio: "landscape_16_9",
          size: "2k",
          is_raw: true,
          seed: 7,
          background: "opaque",
          output_format: "webp",
          model: { model: "painter", nb_steps: 12, guidance_scale: 4, is_moderated: false, safety_tolerance: 2 }
        }),
        {},
        { settings: { imgGen: { ...defaults.imgGen, seed: 3, outputFormat: "jpeg" } } }
      )
      assert.strictEqual(job.negativePrompt, "no a fox in the rain")
      assert.deepInclude(job.parameters, {
        aspect_ratio: "landscape_16_9",
        size: "2k",
        is_raw: true,
        seed: 7,
        background: "opaque",
        output_format: "webp"
      })
      assert.deepStrictEqual(job.setting.settings, {
        nbSteps: 12,
        guidanceScale: 4,
        isModerated: false,
        safetyTolerance: 2
      })
    }))

  it.effect("takes seed and format of the run, and \"auto\" for no seed", () =>
    Effect.gen(function*() {
      const settings = { imgGen: { ...defaults.imgGen, seed: 3, outputFormat: "jpeg" as const } }
      const usual = yield* drawn(draw(), {}, { settings })
      assert.deepInclude(usual.job.parameters, { seed: 3, output_format: "jpeg" })
      const unseeded = yield* drawn(draw({ seed: "auto" }), {}, { settings })
      assert.notProperty(unseeded.job.parameters, "seed")
    }))

  it.effect("shows the images of the prompt by their tokens", () =>
    Effect.gen(function*() {
      const { job } = yield* drawn(
        draw({ inputs: { subject: "Text", pic: "Image" }, prompt: "Put $subject into $pic" }),
        { pic: { url: "https://x.test/a.png", mime_type: "image/png" } }
      )
      assert.strictEqual(job.prompt, "Put a fox into [Image 1]")
      assert.deepStrictEqual(job.images, [{ url: "https://x.test/a.png", mimeType: "image/png" }])
    }))

  it.effect("asks for as many images as the output says, or as the step does", () =>
    Effect.gen(function*() {
      const three = yield* drawn(draw({}, "Image[3]"))
      assert.strictEqual(three.job.count, 3)
      assert.lengthOf(content(three.memory)?.["items"] as ReadonlyArray<unknown>, 3)
      const method = library(
        draw() + sequence("line", { subject: "Text" }, "Image[]", [{ pipe: "draw", nb_output: 2, result: "two" }])
      )
      const { answer, sent } = recording(painted)
      yield* run(method, "d.line", { subject: "a fox" }, { answer })
      assert.strictEqual((sent[0]?.job as ImagesJob).count, 2)
    }))

  it.effect("makes a concept that refines Image", () =>
    Effect.gen(function*() {
      const { memory } = yield* drawn(
        "[concept.Poster]\ndescription = \"A poster\"\nrefines = \"Image\"\n" + draw({}, "Poster")
      )
      assert.strictEqual(content(memory)?.["source_prompt"], "A drawing of a fox")
    }))
})

describe("a PipeImgGen that cannot be run", () => {
  const failing = (toml: string, inputs = {}) => Effect.flip(drawn(toml, inputs))

  it.effect("has an empty prompt", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* failing(draw({ prompt: "$subject" }), { subject: "" })).code, "pipe.prompt_empty")
    }))

  it.effect("shows a document", () =>
    Effect.gen(function*() {
      const failure = yield* failing(
        draw({ inputs: { subject: "Text", doc: "Document" }, prompt: "$subject $doc" }),
        { doc: { url: "https://x.test/a.pdf" } }
      )
      assert.strictEqual(failure.code, "model.capability_unsupported")
      assert.include(failure.message, "documents")
    }))

  it.effect("is called for a list of any length", () =>
    Effect.gen(function*() {
      const method = library(
        draw() + sequence("line", { subject: "Text" }, "Image[]", [
          { pipe: "draw", multiple_output: true, result: "many" }
        ])
      )
      const { answer, sent } = recording(painted)
      const failure = yield* Effect.flip(run(method, "d.line", { subject: "a fox" }, { answer }))
      assert.strictEqual(failure.code, "pipe.output_multiplicity")
      assert.include(failure.message, "how many images")
      assert.isEmpty(sent)
    }))

  it.effect("is given another number of images than it asked for", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(
        drawn(draw({}, "Image[2]"), {}, { answer: () => Effect.succeed([{ url: "a" }]) })
      )
      assert.strictEqual(failure.code, "pipe.output_multiplicity")
    }))

  it("says so when it is read", () => {
    assert.deepStrictEqual(kinds(make(draw({}, "Image[]")).issues), ["- method.schema_violation"])
    assert.deepStrictEqual(kinds(make(draw({ size: "64x64", aspect_ratio: "square" })).issues), [
      "- method.schema_violation"
    ])
    assert.deepStrictEqual(kinds(make(draw({ background: "transparent" })).issues), ["- method.schema_violation"])
    assert.deepStrictEqual(kinds(make(draw({}, "Text")).issues), [
      "inadequate_output_concept method.output_concept_mismatch"
    ])
  })
})

describe("a dry run", () => {
  it.effect("draws the configured images in turn", () =>
    Effect.gen(function*() {
      const method = library(draw({}, "Image[3]"))
      const settings = {
        ...defaults,
        dryRun: { ...defaults.dryRun, imageUrls: ["https://x.test/1", "https://x.test/2"] }
      }
      const memory = yield* Effect.gen(function*() {
        const runner = yield* PipeRunner
        return yield* runner.call({
          method,
          ref: "d.draw",
          memory: yield* DryRun.mockInputs(method, "d.draw", empty),
          path: PipePath.entry({ code: "draw", ref: "d.draw" }),
          scope: { runId: "run", userId: "tester", mode: "dry", settings },
          result: undefined
        })
      }).pipe(Effect.provide(DryRun.layer({ models, settings })))
      const items = content(memory)?.["items"] as ReadonlyArray<{ readonly url: string }>
      assert.deepStrictEqual(items.map(({ url }) => url), ["https://x.test/1", "https://x.test/2", "https://x.test/1"])
    }))
})
