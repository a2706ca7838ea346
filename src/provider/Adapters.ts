import * as Effect from "effect/Effect"
import { own } from "../concept/Json.ts"
import type { InferenceOptions } from "../config/Connection.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Model } from "../program/Models.ts"
import type { AdapterContext, ExtractAdapter, ImageAdapter, LanguageAdapter, SearchAdapter } from "./Adapter.ts"
import { type Called, called, connect, type Language, language, type Lookups } from "./Calling.ts"
import type { Connections } from "./Connections.ts"

/**
 * Which adapter speaks to a model, by the `sdk` that its backend's file names. An adapter, and the SDK under it, is loaded when a model
 * that needs it is first called.
 */
type Loading<Adapter> = Effect.Effect<(context: AdapterContext) => Adapter>

type Table<Adapter> = Readonly<Record<string, Loading<Adapter>>>

const loading = <Adapter>(
  load: () => Promise<{ readonly make: (context: AdapterContext) => Adapter }>
): Loading<Adapter> => Effect.map(Effect.promise(load), ({ make }) => make)

const speaking = <Message>(
  load: () => Promise<{ readonly make: (context: AdapterContext) => LanguageAdapter<Message> }>
): Loading<Language> => Effect.map(loading(load), (make) => (context) => language(make(context)))

const chat = speaking(() => import("./openai/Chat.ts"))
const responses = speaking(() => import("./openai/Responses.ts"))

const llm: Table<Language> = {
  openai: chat,
  azure_openai: chat,
  openai_responses: responses,
  azure_openai_responses: responses,
  anthropic: speaking(() => import("./anthropic/Messages.ts")),
  mistral: speaking(() => import("./mistral/Chat.ts")),
  google: speaking(() => import("./google/Generate.ts"))
}

const images: Table<ImageAdapter> = {
  openai_img_gen: loading(() => import("./openai/Images.ts")),
  fal: loading(() => import("./fal/Queue.ts")),
  google: loading(() => import("./google/Images.ts"))
}

const extractors: Table<ExtractAdapter> = {
  mistral: loading(() => import("./mistral/Ocr.ts")),
  linkup_fetch: loading(() => import("./linkup/Fetch.ts"))
}

const engines: Table<SearchAdapter> = { linkup: loading(() => import("./linkup/Search.ts")) }

/** Extractors that run in this process and call nobody. */
const local: ReadonlySet<string> = new Set(["pypdfium2"])

/** Whether the model is one that this process is, so that it needs neither adapter nor credentials. */
export const isLocal = ({ family, sdk }: Pick<Model, "family" | "sdk">): boolean =>
  family === "text_extractor" && local.has(sdk)

const byFamily: Readonly<Record<string, Table<unknown>>> = {
  llm,
  img_gen: images,
  text_extractor: extractors,
  search: engines
}

/** Whether a leaf of the model's family can be answered here. Families that no leaf calls are let pass. */
export const isAdapted = (model: Pick<Model, "family" | "sdk">): boolean => {
  const table = own(byFamily, model.family)
  return table === undefined || isLocal(model) || Object.hasOwn(table, model.sdk)
}

/** What adapters are made with, beside the connection of their backend. */
export interface Options {
  readonly connections: Connections
  readonly inference: InferenceOptions
  /** Asked for when the first adapter is made. */
  readonly fetch: Effect.Effect<typeof globalThis.fetch>
}

/** The adapters of a run, one per backend and sdk; what is known of a model is kept for its next call. */
export const make = ({ connections, fetch, inference }: Options): Lookups => {
  const lookup = <Adapter>(table: Table<Adapter>) => {
    const adapters = new Map<string, Adapter>()
    const ready = new Map<string, Called<Adapter>>()

    const prepare = Effect.fnUntraced(
      function*(model: Model, key: string): Effect.fn.Return<Called<Adapter>, PipeFailure> {
        const { backend, sdk } = model
        const load = own(table, sdk)
        if (load === undefined) {
          return yield* fail(
            new Reason.Unsupported({
              what: `adapter "${sdk}" of backend "${backend}"`,
              remedy: `Name one of ${Object.keys(table).join(", ")} as the sdk of model "${model.handle}".`
            })
          )
        }
        const connection = yield* connect(connections, model)
        const context: AdapterContext = { connection, inference, fetch: yield* fetch }
        const adapt = yield* load
        const spoken = JSON.stringify([backend, sdk])
        const adapter = adapters.get(spoken) ?? adapt(context)
        adapters.set(spoken, adapter)
        const found = called(adapter, model, connection, inference)
        ready.set(key, found)
        return found
      }
    )

    return (model: Model): Effect.Effect<Called<Adapter>, PipeFailure> => {
      const key = JSON.stringify([model.backend, model.sdk, model.handle])
      const found = ready.get(key)
      return found === undefined ? prepare(model, key) : Effect.succeed(found)
    }
  }
  return { language: lookup(llm), image: lookup(images), extract: lookup(extractors), search: lookup(engines) }
}
