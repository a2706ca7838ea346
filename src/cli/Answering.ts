import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Configuration from "../config/Configuration.ts"
import * as Environment from "../config/Environment.ts"
import * as Serving from "../config/Serving.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import * as Crate from "../library/Crate.ts"
import type { Defined } from "../library/Definitions.ts"
import type { Library } from "../library/Library.ts"
import * as Live from "../library/Live.ts"
import * as ModelUse from "../pipe/ModelUse.ts"
import * as ModelTable from "../program/ModelTable.ts"
import { type Ended, noBackend, usage } from "./Exit.ts"
import { Streams } from "./Streams.ts"

/** Who answers the model calls of a live run: found out, checked for what the run can reach, and said when it is nobody real. */
export interface Asked {
  /** Of `--backend`. */
  readonly backend?: string | undefined
}

export const modelPipes: ReadonlySet<string> = new Set([
  "PipeLLM",
  "PipeStructure",
  "PipeImgGen",
  "PipeSearch",
  "PipeJudge"
])

/** Whether a run from here may ask a model. */
const asksModels = (library: Library, entry: Defined): boolean =>
  Object.values(Crate.of(library, [entry.ref]).pipes).some(({ blueprint }) =>
    modelPipes.has(typeof blueprint["type"] === "string" ? blueprint["type"] : "")
  )

/** `--backend` names something that is there. */
export const check = (
  { inference }: Configuration.Configuration,
  { backend }: Asked
): Effect.Effect<void, Ended> => {
  const names = Serving.selectable(inference)
  return backend === undefined || names.includes(backend) ? Effect.void : Effect.fail(usage(noBackend(backend, names)))
}

/** What the run can call: from here, or from the workers of a durable one. */
export const served = Effect.fnUntraced(
  function*(configuration: Configuration.Configuration, { backend }: Asked, isDurable: boolean) {
    const environment = yield* Environment.load(configuration.locations)
    const { serving } = yield* Effect.promise(async () =>
      isDurable ? await import("./DurableRun.ts") : await import("./LiveRun.ts")
    )
    return { environment, isDurable, ...serving(configuration, environment.get, backend) }
  }
)

export type Served = Effect.Success<ReturnType<typeof served>>

/** The part of the library that the run can reach, with the models that it can call; or what the first of them lacks. */
export const runnable = Effect.fnUntraced(
  function*(library: Library, entry: Defined, { backend }: Asked, { connections, isDurable, models }: Served) {
    if (!isDurable && backend !== undefined && backend !== Serving.simulated && asksModels(library, entry)) {
      const found = connections.get(backend)
      if (Result.isFailure(found)) return yield* fail(new Reason.CredentialMissing({ backend, ...found.failure }))
    }
    return yield* Effect.fromResult(
      Result.mapError(Live.reaching(library, entry.ref, { models }), (reason) => fail(reason))
    )
  }
)

const simulatedNotice =
  "Model calls are answered by the simulated backend: no real model is called, and the output is made up."

const mostNamed = 5

/** Which variable would enable which backend: those that need one alone first, in the order of their file. */
const remedy = ({ inference }: Configuration.Configuration, { environment }: Served): ReadonlyArray<string> => {
  const all = Serving.enabling(inference, environment.get).toSorted((a, b) => a.variables.length - b.variables.length)
  const local = all.filter(({ isLocal }) => isLocal)
  const shown = [...all.filter(({ isLocal }) => !isLocal).slice(0, mostNamed - local.length), ...local]
  const named = shown.map(({ backend, variables }) => `${variables.join(" and ")} (${backend})`)
  return all.length === 0 ? [] : [
    `For real models set one of these, in the environment or in .env: ${named.join(", ")}.`,
    ...(all.length > shown.length ? [`\`pipelex doctor\` lists the others.`] : [])
  ]
}

/** Said last before the run, so that it is read. */
export const admit = Effect.fnUntraced(
  function*(
    library: Library,
    entry: Defined,
    configuration: Configuration.Configuration,
    options: Asked,
    live: Served
  ) {
    const streams = yield* Streams
    if (!live.isSimulated || !asksModels(library, entry)) return
    const lines = [simulatedNotice, ...(options.backend === undefined ? remedy(configuration, live) : [])]
    yield* streams.warn(lines.map(streams.err.style.warning))
  }
)

/** Where a waterfall of the deck does not lead to the model that it would rather lead to. */
const landingLine = ({ ideal, model: { backend, handle }, waterfall }: ModelTable.Landing): string =>
  `Models of "~${waterfall}" are "${handle}" at ${backend}: its first choice "${ideal}" is not served here.`

/** Says which waterfalls the run's models come from past their first entry, each once. */
export const tellLandings = Effect.fnUntraced(function*({ concepts, pipes }: Library, { isSimulated, models }: Served) {
  if (isSimulated) return
  const streams = yield* Streams
  const landings = Array.from(pipes.values()).flatMap((pipe) => {
    const use = ModelUse.of(pipe, { concepts, models })
    return use === undefined ? [] : ModelTable.landing(models, use.family, use.choice) ?? []
  })
  const lines = new Set(landings.map(landingLine))
  if (lines.size > 0) yield* streams.note(Array.from(lines))
})
