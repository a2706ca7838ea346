import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Concept } from "../concept/Concept.ts"
import { JsonValue } from "../concept/Json.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import { Usage } from "../failure/Usage.ts"
import { ImageParameters } from "./ImageParameters.ts"

/**
 * The jobs that leave the program: everything a pipe asks of a model, a document, a search engine or a host function. Each is
 * declared once, as data; the direct handlers, the worker's activities and the isolate's proxies are derived from this table.
 */
const JsonRecord = Schema.Record(Schema.String, JsonValue)
const Concepts = Schema.Array(Schema.make<Schema.Codec<Concept>>(JsonValue.ast))

/** Who asks: enough to log, bill and name the job, nothing of its content. */
export const JobMetadata = Schema.Struct({
  runId: Schema.String,
  userId: Schema.String,
  sessionId: Schema.optionalKey(Schema.String),
  pipe: Schema.String,
  domain: Schema.String,
  /** `PipePath.leaf`: the same on every layer and replay; usable as an idempotency key. */
  path: Schema.String
})
export type JobMetadata = typeof JobMetadata.Type

const Model = Schema.Struct({
  handle: Schema.String,
  family: Schema.Literals(["llm", "text_extractor", "img_gen", "search", "doc_gen", "judgment"]),
  backend: Schema.String,
  sdk: Schema.String,
  modelId: Schema.String,
  inputs: Schema.Array(Schema.String),
  outputs: Schema.Array(Schema.String),
  thinking: Schema.Literals(["none", "manual", "adaptive"]),
  structureMethod: Schema.optionalKey(Schema.String),
  maxTokens: Schema.optionalKey(Schema.Int),
  maxPromptImages: Schema.optionalKey(Schema.Int),
  listedConstraints: Schema.optionalKey(Schema.Array(Schema.String)),
  valuedConstraints: Schema.optionalKey(Schema.Record(Schema.String, Schema.Finite)),
  costs: Schema.optionalKey(Schema.Record(Schema.String, Schema.Finite))
})

const Setting = Schema.Struct({ model: Model, settings: JsonRecord })

/** A file a prompt shows or a leaf reads: a url and what is known of it. Bytes are read where the leaf runs. */
export const FileRef = Schema.Struct({
  url: Schema.String,
  mimeType: Schema.optionalKey(Schema.String),
  filename: Schema.optionalKey(Schema.String)
})
export type FileRef = typeof FileRef.Type

/** What a model is shown. Text parts come before images, images before documents. */
export const Prompt = Schema.Struct({
  system: Schema.optionalKey(Schema.String),
  user: Schema.String,
  images: Schema.Array(FileRef),
  documents: Schema.Array(FileRef)
})
export type Prompt = typeof Prompt.Type

/** What a structured answer has to fit: JSON Schema for the provider, the concepts for the check of the answer. */
export const Structure = Schema.Struct({
  concept: Schema.String,
  /** Name of the schema or tool: the concept's class name, `ListOf…` for a list. */
  name: Schema.String,
  description: Schema.optionalKey(Schema.String),
  schema: JsonRecord,
  concepts: Concepts,
  /** For a list of fixed length. */
  count: Schema.optionalKey(Schema.Int)
})
export type Structure = typeof Structure.Type

/** What a search is told beside its query, settings of the model included. Days are `YYYY-MM-DD`. */
export const SearchParameters = Schema.Struct({
  includeImages: Schema.Boolean,
  includeInlineCitations: Schema.Boolean,
  maxResults: Schema.optionalKey(Schema.Int),
  fromDate: Schema.optionalKey(Schema.String),
  toDate: Schema.optionalKey(Schema.String),
  includeDomains: Schema.optionalKey(Schema.Array(Schema.String)),
  excludeDomains: Schema.optionalKey(Schema.Array(Schema.String))
})
export type SearchParameters = typeof SearchParameters.Type

/** The values a host function is called with, by name. */
const Memory = Schema.Record(Schema.String, Schema.Struct({ concept: Schema.String, content: JsonValue }))

const llm = { meta: JobMetadata, setting: Setting, prompt: Prompt }
const answer = <S extends Schema.Top>(value: S) => Schema.Struct({ value, usage: Usage })

const declare = <Payload extends Schema.Top, Result extends Schema.Top>(leaf: {
  readonly payload: Payload
  readonly result: Result
  /** What the job is routed by, for queues and rate caps. */
  readonly routingKey: (job: Payload["Type"]) => string | undefined
  /** The line an operator sees. */
  readonly summary: (job: Payload["Type"]) => string
  /** Whether doing it twice costs no more than time and tokens. */
  readonly idempotent: boolean
}) => leaf

const handle = (job: { readonly setting: { readonly model: { readonly handle: string } } }) => job.setting.model.handle

export const declarations = {
  act_llm_gen_text: declare({
    payload: Schema.Struct(llm),
    result: answer(Schema.String),
    routingKey: handle,
    summary: (job) => `LLM text · pipe=${job.meta.pipe} · model=${handle(job)}`,
    idempotent: true
  }),
  act_llm_gen_object: declare({
    payload: Schema.Struct({ ...llm, structure: Structure }),
    result: answer(JsonRecord),
    routingKey: handle,
    summary: (job) => `LLM object · pipe=${job.meta.pipe} · class=${job.structure.name}`,
    idempotent: true
  }),
  act_llm_gen_object_list: declare({
    payload: Schema.Struct({ ...llm, structure: Structure }),
    result: answer(Schema.Array(JsonRecord)),
    routingKey: handle,
    summary: (job) => `LLM object list · pipe=${job.meta.pipe} · class=${job.structure.name}`,
    idempotent: true
  }),
  act_img_gen_images: declare({
    payload: Schema.Struct({
      meta: JobMetadata,
      setting: Setting,
      prompt: Schema.String,
      negativePrompt: Schema.optionalKey(Schema.String),
      images: Schema.Array(FileRef),
      count: Schema.Int,
      parameters: ImageParameters
    }),
    result: answer(Schema.Array(JsonRecord)),
    routingKey: handle,
    summary: (job) => `Img gen ${job.count}× · pipe=${job.meta.pipe} · model=${handle(job)} · n=${job.count}`,
    idempotent: false
  }),
  act_extract_gen_extract_pages: declare({
    payload: Schema.Struct({
      meta: JobMetadata,
      setting: Setting,
      file: FileRef,
      kind: Schema.Literals(["document", "image"]),
      maxPageImages: Schema.optionalKey(Schema.Int),
      pageImageCaptions: Schema.optionalKey(Schema.Boolean),
      renderJs: Schema.optionalKey(Schema.Boolean),
      includeRawHtml: Schema.optionalKey(Schema.Boolean)
    }),
    /** `Page` contents. */
    result: answer(Schema.Array(JsonRecord)),
    routingKey: handle,
    summary: (job) => `Extract pages · pipe=${job.meta.pipe} · handle=${handle(job)}`,
    idempotent: true
  }),
  act_render_page_views: declare({
    payload: Schema.Struct({ meta: JobMetadata, file: FileRef, dpi: Schema.Int }),
    /** `Image` contents, one per page. */
    result: answer(Schema.Array(JsonRecord)),
    routingKey: () => undefined,
    summary: (job) => `Render page views · pipe=${job.meta.pipe}`,
    idempotent: true
  }),
  act_search_gen_sourced_answer: declare({
    payload: Schema.Struct({ meta: JobMetadata, setting: Setting, query: Schema.String, parameters: SearchParameters }),
    result: answer(JsonRecord),
    routingKey: handle,
    summary: (job) => `Search · pipe=${job.meta.pipe} · handle=${handle(job)}`,
    idempotent: true
  }),
  act_search_gen_structured: declare({
    payload: Schema.Struct({
      meta: JobMetadata,
      setting: Setting,
      query: Schema.String,
      parameters: SearchParameters,
      structure: Structure
    }),
    result: answer(JsonRecord),
    routingKey: handle,
    summary: (job) => `Search object · pipe=${job.meta.pipe} · handle=${handle(job)}`,
    idempotent: true
  }),
  act_func: declare({
    payload: Schema.Struct({ meta: JobMetadata, function: Schema.String, memory: Memory }),
    /** What the function returned, unchecked: it should be a content, a list of contents or a string. */
    result: answer(Schema.make<Schema.Codec<unknown>>(JsonValue.ast)),
    routingKey: (job) => job.function,
    summary: (job) => `Function · pipe=${job.meta.pipe} · function=${job.function}`,
    idempotent: false
  })
}

export type Declarations = typeof declarations
export type LeafName = keyof Declarations
export type Job<Name extends LeafName> = Declarations[Name]["payload"]["Type"]
export type LeafResult<Name extends LeafName> = Declarations[Name]["result"]["Type"]

export type Handlers = { readonly [Name in LeafName]: (job: Job<Name>) => Effect.Effect<LeafResult<Name>, PipeFailure> }

/** What compiled pipes ask for; a layer answers. */
export class Leaves extends Context.Service<Leaves, Handlers>()("pipelex/program/Leaves") {}
