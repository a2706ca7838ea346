import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Backends from "../config/Backends.ts"
import type * as Configuration from "../config/Configuration.ts"
import type * as Credentials from "../config/Credentials.ts"
import type * as Environment from "../config/Environment.ts"
import type * as Placeholder from "../config/Placeholder.ts"
import * as Serving from "../config/Serving.ts"
import type { Family } from "../program/Models.ts"
import * as ModelTable from "../program/ModelTable.ts"
import * as Adapters from "../provider/Adapters.ts"
import * as Catalogue from "../provider/Catalogue.ts"
import * as Fetch from "../provider/transport/Fetch.ts"
import { plural } from "../report/Amounts.ts"
import * as Findings from "./Findings.ts"

/** What `doctor` looks at: variables, keys, models and, when asked to, providers. No value of a variable is ever shown. */
export interface Examined {
  readonly configuration: Configuration.Configuration
  readonly environment: Environment.Environment
  readonly live: Serving.Live
  /** The backends over a network that are on, with what the environment says of them. */
  readonly backends: ReadonlyArray<Backends.Backend>
}

/** Values that stand where a key should and are none. */
const shapes: ReadonlyArray<RegExp> = [
  /^[<[{].*[>\]}]$/,
  /^(sk[-_])?(x{3,}|\*+|\.{3,}|…)$/i,
  /^(todo|none|null|undefined|(api[-_ ]?)?key)$/i,
  /^\$/
]

/** Keys are random, and random texts have digits. */
const words = /^\D*((^|[-_ /])(your|insert|paste|replace|enter)[-_ ]|placeholder|change[-_ ]?me|[-_ ]here$)\D*$/i

/** Whether a value is what an example file has in the place of a key. */
export const isMadeUp = (value: string): boolean => [...shapes, words].some((shape) => shape.test(value.trim()))

/** Of each placeholder the source that answers it; the first when none does. */
const answering = (
  placeholders: ReadonlyArray<Placeholder.Placeholder>,
  { get }: Environment.Environment
): ReadonlyArray<string> =>
  placeholders.flatMap((sources) => (sources.find(({ name }) => get(name) !== undefined) ?? sources[0])?.name ?? [])

const namesOf = (backend: Backends.Backend, environment: Environment.Environment): ReadonlyArray<string> =>
  Array.from(new Set(answering(Backends.credentialVariables(backend), environment)))

const shown = (from: string): string => from === "environment" ? "the environment" : from

/** Which of the variables that are needed say different things in different places. */
export const variables = ({ backends, environment }: Examined): ReadonlyArray<Findings.Finding> => {
  const names = new Set(backends.flatMap((backend) => namesOf(backend, environment)))
  const unheard = Array.from(names).flatMap((name) => {
    const origin = environment.origin(name)
    if (origin === undefined || origin.unheard.length === 0) return []
    const others = origin.unheard.join(" and ")
    return [Findings.warning(
      `${name} is taken from ${shown(origin.from)}; ${others} ${
        origin.unheard.length === 1 ? "says" : "say"
      } otherwise`,
      `Make ${name} the same in ${others}, or take it out there.`
    )]
  })
  return unheard.length === 0 ? [Findings.ok("no variable has two values")] : unheard
}

const isSpoken = ({ models }: Backends.Backend): boolean => models.some(({ model }) => Adapters.isAdapted(model))

const unspoken = ({ models, name }: Backends.Backend): Findings.Finding => {
  const names = Array.from(new Set(models.map(({ model }) => `"${model.sdk}"`))).join(", ")
  return Findings.warning(`${name}: this program has no adapter called ${names}`)
}

const keyOf = (
  backend: Backends.Backend,
  { connections }: Serving.Live,
  environment: Environment.Environment
): Findings.Finding => {
  const { isChosen, name } = backend
  const found = connections.get(name)
  if (Result.isFailure(found)) {
    const missing = found.failure.variables.join(", ")
    return isChosen === true
      ? Findings.error(`${name}: ${missing} not set`, `Set ${missing}, or set enabled = false for ${name}.`)
      : Findings.info(`${name}: ${missing} not set`)
  }
  const names = namesOf(backend, environment)
  const madeUp = names.filter((each) => isMadeUp(environment.get(each) ?? "")).join(", ")
  if (madeUp !== "") {
    return Findings.error(`${name}: ${madeUp} holds a placeholder`, `Give ${madeUp} its real value, or unset it.`)
  }
  const from = Array.from(new Set(names.flatMap((each) => environment.origin(each)?.from ?? [])), shown).join(" and ")
  return Findings.ok(
    from === ""
      ? `${name}: needs no key`
      : `${name}: ${names.join(", ")} from ${from}`
  )
}

const mostNamed = 4

/** Nobody can be called. */
const nobody = ({ backends, configuration: { inference }, environment }: Examined): Findings.Finding => {
  if (backends.length === 0) {
    return Findings.error(
      "no backend that has models is enabled: model calls are simulated",
      "Enable one in inference/backends.toml, or write it anew: `pipelex init --backends NAME --force`."
    )
  }
  const names = Serving.enabling(inference, environment.get).filter((each) => each.variables.length === 1)
    .slice(0, mostNamed).flatMap((each) => each.variables)
  return Findings.error(
    "no backend has its key: model calls are simulated",
    // what was turned on by name has been told its variable already
    backends.some(({ isChosen }) => isChosen)
      ? undefined
      : `Set one of ${names.join(", ")}, in the environment or in a .env file.`
  )
}

/** Whether each enabled backend has what it needs. */
export const credentials = (examined: Examined): ReadonlyArray<Findings.Finding> => {
  const { backends, environment, live } = examined
  return [
    ...backends.map((backend) => isSpoken(backend) ? keyOf(backend, live, environment) : unspoken(backend)),
    ...(live.isSimulated ? [nobody(examined)] : [])
  ]
}

const titles: Readonly<Record<Family, string>> = {
  llm: "language",
  text_extractor: "documents",
  img_gen: "images",
  search: "search",
  doc_gen: "making documents",
  judgment: "judgment"
}

interface Unserved {
  /** Families of whose presets none stands for a model. */
  readonly families: ReadonlyArray<string>
  readonly presets: ReadonlyArray<string>
}

const unserved = (table: ModelTable.ModelTable): Unserved => {
  const each = Backends.families.map((family) => {
    const all = Object.keys(table.decks[family].presets).map((preset) => `$${preset}`)
    const broken = all.filter((preset) => Result.isFailure(ModelTable.resolve(table, family, preset)))
    return { family, broken, isWhole: all.length > 0 && broken.length === all.length }
  })
  return {
    families: each.filter(({ isWhole }) => isWhole).map(({ family }) => titles[family]),
    presets: each.filter(({ isWhole }) => !isWhole).flatMap(({ broken }) => broken)
  }
}

const gaps = ({ families, presets }: Unserved, why: string, solution?: string): ReadonlyArray<Findings.Finding> => [
  ...(families.length === 0 ? [] : [Findings.warning(`${why} a model for ${families.join(", ")}`, solution)]),
  ...(presets.length === 0 ? [] : [Findings.warning(`${why} the model of ${presets.join(", ")}`, solution)])
]

const without = (names: ReadonlyArray<string>, others: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.filter((name) => !others.includes(name))

const remedy = "For the others, enable a backend that has them, or name other models in inference/deck."

/** What the names that methods use stand for, here. */
export const models = ({ configuration, live }: Examined): ReadonlyArray<Findings.Finding> => {
  const [enabled, callable] = [unserved(configuration.models), unserved(live.models)]
  const keyless: Unserved = live.isSimulated ? { families: [], presets: [] } : {
    families: without(callable.families, enabled.families),
    presets: without(callable.presets, enabled.presets)
  }
  const found = [
    ...gaps(enabled, "no enabled backend has", remedy),
    ...gaps(keyless, "no backend with a key has")
  ]
  return [
    live.isSimulated
      ? Findings.warning("no model can be called")
      : Findings.ok(`${plural(live.models.models.length, "model")} can be called`),
    ...(found.length === 0 ? [Findings.ok("every preset stands for a model")] : found)
  ]
}

const wait = 10

const ask = Effect.fnUntraced(function*(backend: Backends.Backend, connections: Credentials.Connections) {
  const { name } = backend
  const found = connections.get(name)
  const sdk = Catalogue.sdkOf(backend)
  if (Result.isFailure(found)) return []
  if (sdk === undefined) return [Findings.info(`${name}: not asked, it has no list of its models`)]
  const fetch = yield* Effect.flatMap(Fetch.Fetch, ({ get }) => get)
  return yield* Effect.match(Catalogue.list(found.success, sdk, fetch, wait), {
    onSuccess: (listed) => [Findings.ok(`${name}: answers, and lists ${plural(listed.length, "model")}`)],
    onFailure: (refusal) => [
      Findings.error(
        `${name}: ${Catalogue.explain(refusal)}`,
        refusal.kind === "status" && [401, 403].includes(refusal.metadata.status ?? 0)
          ? `Check the key of ${name}.`
          : `Check the endpoint of ${name} in inference/backends.toml, and the network.`
      )
    ]
  })
})

/** Asks every backend that has its key for the list of its models: one request each, repeated by nobody. */
export const online = Effect.fn("DoctorChecks.online")(function*({ backends, live }: Examined) {
  const asked = yield* Effect.forEach(backends, (backend) => ask(backend, live.connections), { concurrency: 4 })
  const found = asked.flat()
  return found.length === 0 ? [Findings.info("nobody was asked: no backend has its key")] : found
})
