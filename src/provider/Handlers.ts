import * as Effect from "effect/Effect"
import type { InferenceOptions } from "../config/Connection.ts"
import type { SimulatedOptions } from "../config/SimulatedToml.ts"
import { Leaves } from "../program/Leaves.ts"
import type { Model } from "../program/Models.ts"
import { Storage } from "../storage/Storage.ts"
import * as Adapters from "./Adapters.ts"
import { checks } from "./Answer.ts"
import type { Calling } from "./Calling.ts"
import * as Connections from "./Connections.ts"
import * as Extraction from "./Extraction.ts"
import { Files } from "./Files.ts"
import { handler, type HostFunctions } from "./HostFunctions.ts"
import * as LocalExtract from "./LocalExtract.ts"
import * as ModelLeaves from "./ModelLeaves.ts"
import * as Simulated from "./Simulated.ts"
import * as SimulatedBackend from "./SimulatedBackend.ts"
import { Fetch } from "./transport/Fetch.ts"

/** Who answers the calls of models: the backends of the configuration, or the stand-in for all of them. */
export type Answering =
  | { readonly _tag: "Backends"; readonly connections: Connections.Connections }
  | { readonly _tag: "Simulated" }

export interface Options {
  readonly answering: Answering
  readonly inference: InferenceOptions
  readonly functions?: HostFunctions
  /** How the stand-in behaves, where it answers. */
  readonly simulated?: SimulatedOptions
}

interface Asks {
  readonly setting: { readonly model: Model }
}

/** The handlers of every leaf: documents are read and host functions called here, models called as `answering` says. */
export const make = Effect.fnUntraced(function*({ answering, functions = {}, inference, simulated }: Options) {
  const local = yield* LocalExtract.make
  const shared = { files: yield* Files, storage: yield* Storage, checks: checks(), inference }
  const { get: fetch } = yield* Fetch
  const connections = answering._tag === "Backends" ? answering.connections : Connections.none
  const calling: Calling = { ...shared, ...Adapters.make({ connections, inference, fetch }) }
  const called = ModelLeaves.handlers(calling)
  const standIn = SimulatedBackend.handlers(shared, simulated)
  const isStoodFor = ({ setting: { model } }: Asks): boolean =>
    answering._tag === "Simulated" || model.backend === Simulated.label
  const either = <J extends Asks, A>(simulate: (job: J) => A, call: (job: J) => A) => (job: J): A =>
    isStoodFor(job) ? simulate(job) : call(job)
  return Leaves.of({
    act_llm_gen_text: either(standIn.act_llm_gen_text, called.act_llm_gen_text),
    act_llm_gen_object: either(standIn.act_llm_gen_object, called.act_llm_gen_object),
    act_llm_gen_object_list: either(standIn.act_llm_gen_object_list, called.act_llm_gen_object_list),
    act_img_gen_images: either(standIn.act_img_gen_images, called.act_img_gen_images),
    act_search_gen_sourced_answer: either(
      standIn.act_search_gen_sourced_answer,
      called.act_search_gen_sourced_answer
    ),
    act_search_gen_structured: either(standIn.act_search_gen_structured, called.act_search_gen_structured),
    // Documents are read for real, and without backends there is one way to.
    act_extract_gen_extract_pages: answering._tag === "Simulated"
      ? local.extract
      : Extraction.handler(calling, local.extract),
    act_render_page_views: local.views,
    act_func: handler(functions)
  })
})
