import * as Effect from "effect/Effect"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { Leaves } from "../program/Leaves.ts"
import { checks } from "./Answer.ts"
import { handler, type HostFunctions } from "./HostFunctions.ts"
import * as LocalExtract from "./LocalExtract.ts"
import * as Simulated from "./Simulated.ts"

const later = (what: string) => () =>
  Effect.fail(fail(new Reason.Unsupported({ what, remedy: "It comes with the provider adapters." })))

/**
 * The handlers of every leaf on this machine: documents are read for real, host functions called, and model calls answered by the
 * `simulated` backend.
 */
export const make = Effect.fnUntraced(function*(options: { readonly functions?: HostFunctions } = {}) {
  const local = yield* LocalExtract.make
  return Leaves.of({
    ...Simulated.handlers(checks()),
    act_extract_gen_extract_pages: local.extract,
    act_render_page_views: local.views,
    act_func: handler(options.functions ?? {}),
    act_img_gen_images: later("generating images"),
    act_search_gen_sourced_answer: later("searching the web"),
    act_search_gen_structured: later("searching the web")
  })
})
