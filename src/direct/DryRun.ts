import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Concepts } from "../concept/Concept.ts"
import * as Mock from "../concept/Mock.ts"
import type { Slot } from "../concept/Slot.ts"
import type { Stuff } from "../concept/Stuff.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { none } from "../failure/Usage.ts"
import type { Library } from "../library/Library.ts"
import { type Handlers, type Job, Leaves, type Structure } from "../program/Leaves.ts"
import * as PipePath from "../program/PipePath.ts"
import { PipeRunner } from "../program/PipeRunner.ts"
import { defaults, type DryRunSettings } from "../program/Settings.ts"
import { type Given, preparing } from "./Configured.ts"
import { prepare } from "./Prepare.ts"
import * as Runner from "./Runner.ts"

/** Leaves that answer with mocks: typed, repeatable, free of charge. Everything else of a method really runs. */
const answer = <A>(value: A) => Effect.succeed({ value, usage: none })

const text = ({ meta, prompt, setting }: Job<"act_llm_gen_text">, truncate: number): string => {
  const shown = `${prompt.system === undefined ? "" : `${prompt.system} `}${prompt.user}`.replaceAll(/\s+/g, " ")
  return `DRY RUN: llm_gen_text • pipe=${meta.pipe} • model=${setting.model.handle} • prompt=${
    shown.slice(0, truncate)
  }`
}

const object = ({ concept, concepts }: Structure, path: string) => Mock.one(Concepts.make(concepts), concept, path)

const page = { text_and_images: { text: { text: "DRY RUN: OCR text" }, images: [], raw_html: null }, page_view: null }

const image = (urls: ReadonlyArray<string>, index: number) => ({
  url: urls[index % Math.max(urls.length, 1)] ?? "",
  public_url: null,
  source_prompt: null,
  source_negative_prompt: null,
  caption: null,
  mime_type: "image/jpeg",
  width: 1024,
  height: 1024,
  filename: null
})

const source = (_: unknown, index: number) => ({
  url: `https://example.com/source-${index + 1}`,
  public_url: null,
  mime_type: null,
  filename: null,
  title: `DRY RUN: source ${index + 1}`,
  snippet: "DRY RUN: search snippet"
})

/** A mock, or the failure of a concept that has none of a reasonable size. */
const made = <A>({ concept }: Structure, make: () => A) =>
  Effect.try({
    try: () => ({ value: make(), usage: none }),
    catch: () => fail(new Reason.MockUnsatisfiable({ concept }))
  })

export const leaves = (settings: DryRunSettings): Handlers => {
  const { imageUrls, nbExtractPages, nbListItems, textGenTruncateLength } = settings
  return Leaves.of({
    act_llm_gen_text: (job) => answer(text(job, textGenTruncateLength)),
    act_llm_gen_object: ({ meta, structure }) => made(structure, () => object(structure, meta.path)),
    act_llm_gen_object_list: ({ meta, structure }) =>
      made(
        structure,
        () =>
          Array.from(
            { length: structure.count ?? nbListItems },
            (_, index) => object(structure, `${meta.path}.${index}`)
          )
      ),
    act_img_gen_images: ({ count }) => answer(Array.from({ length: count }, (_, index) => image(imageUrls, index))),
    act_extract_gen_extract_pages: ({ kind }) =>
      answer(Array.from({ length: kind === "image" ? 1 : nbExtractPages }, () => page)),
    act_render_page_views: () => answer(Array.from({ length: nbExtractPages }, (_, index) => image(imageUrls, index))),
    act_search_gen_sourced_answer: ({ parameters }) =>
      answer({
        answer: "DRY RUN: search answer",
        sources: Array.from({ length: Math.min(nbListItems, parameters.maxResults ?? nbListItems) }, source)
      }),
    act_search_gen_structured: ({ meta, structure }) => made(structure, () => object(structure, meta.path)),
    act_func: () => answer("DRY RUN: function")
  })
}

/** Runs pipes in process with mocks in place of every leaf. */
export const layer = (given: Given = {}): Layer.Layer<PipeRunner | Leaves, PipeFailure> =>
  Layer.effectContext(
    Effect.map(preparing(given), (known) => {
      const answering = leaves((known.settings ?? defaults).dryRun)
      const dry = { ...known, scope: { ...known.scope, mode: "dry" as const } }
      return Context.make(Leaves, Leaves.of(answering)).pipe(
        Context.add(PipeRunner, Runner.make(answering, prepare(dry)))
      )
    })
  )

const inputMock = (library: Library, ref: string, name: string, slot: Slot): Effect.Effect<Stuff, PipeFailure> =>
  Effect.try({
    try: () => ({
      ...Mock.mock(library.concepts, slot, `${ref}.${name}`),
      code: PipePath.stuffCode(undefined, name),
      name,
      concept: slot.concept
    }),
    catch: () => fail(new Reason.MockUnsatisfiable({ concept: slot.concept }), { input: name })
  })

/** Adds a mock for every input that memory does not hold, the optional ones too. */
export const mockInputs = Effect.fnUntraced(
  function*(library: Library, ref: string, memory: WorkingMemory.WorkingMemory) {
    let filled = memory
    for (const [name, slot] of library.pipes.get(ref)?.inputs ?? []) {
      if (WorkingMemory.get(filled, name) === undefined) {
        filled = WorkingMemory.put(filled, yield* inputMock(library, ref, name, slot))
      }
    }
    return filled
  }
)
