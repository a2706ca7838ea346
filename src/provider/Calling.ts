import * as Effect from "effect/Effect"
import type { Connection, InferenceOptions, ModelWire } from "../config/Connection.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Model } from "../program/Models.ts"
import type { Storage } from "../storage/Storage.ts"
import type { ExtractAdapter, ImageAdapter, LanguageAdapter, SearchAdapter } from "./Adapter.ts"
import type { Checks } from "./Answer.ts"
import type { Connections } from "./Connections.ts"
import type { Files } from "./Files.ts"
import type { Meter } from "./Meter.ts"
import type { ProviderError } from "./transport/ProviderError.ts"
import { send } from "./transport/Transport.ts"

/**
 * What the handlers of the model leaves share: who speaks to a model, how often a request is repeated, where files come from and go to.
 * A handler gets one of these and knows neither SDKs nor configuration.
 */
export interface Calling extends Lookups {
  readonly inference: InferenceOptions
  readonly files: Files["Service"]
  readonly storage: Storage["Service"]
  readonly checks: Checks
  /** Nobody real is called, so it is of no interest which setting a model would not follow. */
  readonly isStoodFor?: boolean
}

/** Who speaks to a model, by its family. Fails when nobody here does, or when there are no credentials to do so with. */
export interface Lookups {
  readonly language: (model: Model) => Effect.Effect<Called<Language>, PipeFailure>
  readonly image: (model: Model) => Effect.Effect<Called<ImageAdapter>, PipeFailure>
  readonly extract: (model: Model) => Effect.Effect<Called<ExtractAdapter>, PipeFailure>
  readonly search: (model: Model) => Effect.Effect<Called<SearchAdapter>, PipeFailure>
}

/** A model that can be called now: its adapter, and what the backend's file says of it. */
export interface Called<Adapter> {
  readonly adapter: Adapter
  readonly wire: ModelWire
  /** One request of a leaf under Tier 1; its failure is classified. */
  readonly send: <A>(request: Effect.Effect<A, ProviderError>, leaf: Leaf) => Effect.Effect<A, PipeFailure>
}

/** The leaf that a request is sent for: `path` is its `job.meta.path`. */
export interface Leaf {
  readonly meter: Meter
  readonly path: string
  /** Prompts, and answers that are asked again: what no failure of the request may repeat. */
  readonly texts?: ReadonlyArray<string>
}

/** A language adapter whatever its messages are: they go from its answers into its requests and nowhere else. */
export type Language = <A>(use: <Message>(adapter: LanguageAdapter<Message>) => A) => A

export const language = <Message>(adapter: LanguageAdapter<Message>): Language => (use) => use(adapter)

/** How the requests of a model are sent. */
export const sending =
  ({ backend, family, handle }: Model, { transportMaxRetries }: InferenceOptions): Called<unknown>["send"] =>
  (request, leaf) => send(request, { family, backend, model: handle, retries: transportMaxRetries, ...leaf })

/** An adapter as handlers call it. */
export const called = <Adapter>(
  adapter: Adapter,
  model: Model,
  connection: Connection,
  inference: InferenceOptions
): Called<Adapter> => ({
  adapter,
  wire: connection.model(model.family, model.handle),
  send: sending(model, inference)
})

/** The backend's connection; without its credentials, the failure says which are missing. */
export const connect = (
  connections: Connections,
  { backend, handle }: Pick<Model, "backend" | "handle">
): Effect.Effect<Connection, PipeFailure> =>
  Effect.mapError(
    connections.get(backend),
    ({ variables = [] }) => fail(new Reason.CredentialMissing({ model: handle, provider: backend, backend, variables }))
  )
