import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import process from "node:process"
import * as Backends from "../config/Backends.ts"
import * as Configuration from "../config/Configuration.ts"
import * as Credentials from "../config/Credentials.ts"
import * as Environment from "../config/Environment.ts"
import * as Locations from "../config/Locations.ts"
import * as Placeholder from "../config/Placeholder.ts"
import * as Serving from "../config/Serving.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import type { Family } from "../program/Models.ts"
import * as ModelTable from "../program/ModelTable.ts"
import * as Adapters from "../provider/Adapters.ts"
import * as Catalogue from "../provider/Catalogue.ts"
import { classify } from "../provider/classify/Classify.ts"
import * as Fetch from "../provider/transport/Fetch.ts"
import { plural } from "../report/Amounts.ts"
import { wrap } from "../report/Columns.ts"
import { Ended } from "./Exit.ts"
import { Streams } from "./Streams.ts"

/** `doctor`: what of an installation works and what does not, and what would mend it. Calls nobody without `--online`. */
export interface DoctorOptions {
  readonly online: boolean
  /** The home configuration alone, whatever project one is in. */
  readonly global: boolean
}

type State = "good" | "odd" | "bad"

interface Finding {
  readonly state: State
  readonly text: string
  readonly solution?: string
}

export interface Section {
  readonly name: string
  readonly title: string
  readonly findings: ReadonlyArray<Finding>
}

const good = (text: string): Finding => ({ state: "good", text })
const odd = (text: string, solution?: string): Finding => ({
  state: "odd",
  text,
  ...(solution === undefined ? {} : { solution })
})
const bad = (text: string, solution?: string): Finding => ({
  state: "bad",
  text,
  ...(solution === undefined ? {} : { solution })
})

const nodeSection: Section = {
  name: "node",
  title: "Node",
  findings: [good(`Node ${process.versions.node}`)]
}

/** Files of a folder that is taken whole are counted, the others named. */
const layerLines = (files: ReadonlyArray<string>): ReadonlyArray<string> => {
  const whole = files.map((file) => /^(.*[/\\]inference[/\\](?:backends|deck))[/\\]/.exec(file)?.[1])
  const folders = Array.from(new Set(whole.filter((folder) => folder !== undefined)))
  return [
    ...files.filter((_, at) => whole[at] === undefined),
    ...folders.map((folder) => `${folder} (${plural(whole.filter((each) => each === folder).length, "file")})`)
  ]
}

const locationSection = (locations: Locations.Locations, files: ReadonlyArray<string>): Section => ({
  name: "config_location",
  title: "Configuration location",
  findings: [
    good(locations.project === undefined ? "no project configuration" : `project: ${locations.project}`),
    good(locations.home === undefined ? "no home folder" : `home: ${locations.home}`),
    good(`environment ${locations.environment}, run mode ${locations.runMode}`),
    ...layerLines(files).map((file) => good(`read: ${file}`))
  ]
})

const fileSection = (findings: ReadonlyArray<Finding>): Section => ({
  name: "config_files",
  title: "Configuration files",
  findings
})

/** Values that stand where a key should and are none. */
const isMadeUp = (value: string): boolean =>
  /^(<.*>|\[.*\]|x{3,}|\*+|\.{3,}|(your|my|insert|put|add|paste|replace|change)[-_ ]?.*|changeme|todo|none|null|secret|password|api[-_ ]?key)$/i
    .test(value.trim())

const variablesOf = (backend: Backends.Backend): ReadonlyArray<string> =>
  [backend.apiKey, backend.endpoint, ...Object.values(backend.extra)].flatMap((written) =>
    typeof written === "string"
      ? Placeholder.parse(written).flatMap((placeholder) => placeholder?.map(({ name }) => name) ?? [])
      : []
  )

interface Reaching {
  readonly connections: Credentials.Connections
  readonly environment: Environment.Environment
  /** Backends that the user's own files turn on: a key that they lack is a fault, not a choice. */
  readonly isChosen: boolean
}

const backendFindings = (
  backend: Backends.Backend,
  { connections, environment, isChosen }: Reaching
): ReadonlyArray<Finding> => {
  const names = variablesOf(backend)
  const found = connections.get(backend.name)
  if (Result.isFailure(found)) {
    const { variables } = found.failure
    const text = `${backend.name}: ${variables.join(", ")} not set`
    return [
      isChosen ? bad(text, `Set ${variables.join(", ")}, or set enabled = false for ${backend.name}.`) : odd(text)
    ]
  }
  const madeUp = names.filter((name) => isMadeUp(environment.get(name) ?? ""))
  if (madeUp.length > 0) {
    return [
      bad(`${backend.name}: ${madeUp.join(", ")} holds no real value`, `Give ${madeUp.join(", ")} its real value.`)
    ]
  }
  const from = names.flatMap((name) => environment.origin(name)?.from ?? [])
  return [
    good(`${backend.name}: ${from.length === 0 ? "needs no key" : `key from ${Array.from(new Set(from)).join(", ")}`}`)
  ]
}

const environmentFindings = (
  names: ReadonlyArray<string>,
  environment: Environment.Environment
): ReadonlyArray<Finding> => {
  const unheard = names.flatMap((name) => {
    const origin = environment.origin(name)
    return origin === undefined || origin.unheard.length === 0 ? [] : [
      odd(
        `${name} from ${origin.from} is used; ${origin.unheard.join(", ")} says something else`,
        `Make ${name} the same in ${origin.unheard.join(", ")}, or take it out.`
      )
    ]
  })
  return unheard.length === 0 ? [good("no variable is set twice with different values")] : unheard
}

const isThere = (table: ModelTable.ModelTable, family: Family, reference: string): boolean =>
  Result.isSuccess(ModelTable.resolve(table, family, reference))

const deckFindings = (configuration: Configuration.Configuration, live: Serving.Live): ReadonlyArray<Finding> => {
  const { inference: { decks }, models } = configuration
  const all = Backends.families.flatMap((family) =>
    Object.keys(decks[family].presets).map((preset) => ({ family, preset: `$${preset}` }))
  )
  const broken = all.filter(({ family, preset }) => !isThere(models, family, preset))
  const here = all.filter(({ family, preset }) => isThere(models, family, preset))
  const unserved = live.isSimulated ? [] : here.filter(({ family, preset }) => !isThere(live.models, family, preset))
  return [
    live.isSimulated
      ? odd("no backend can be called: model calls would be simulated")
      : good(`${plural(live.models.models.length, "model")} can be called`),
    ...(broken.length === 0 ? [] : [
      odd(
        `no enabled backend has the model of ${broken.map(({ preset }) => preset).join(", ")}`,
        "To use these presets, enable a backend that has their models, or name others in inference/deck."
      )
    ]),
    ...(unserved.length === 0
      ? []
      : [odd(`no key for the model of ${unserved.map(({ preset }) => preset).join(", ")}`)]),
    ...(broken.length + unserved.length === 0 ? [good("every preset stands for a model")] : [])
  ]
}

const onlineFindings = Effect.fnUntraced(function*(
  backends: ReadonlyArray<Backends.Backend>,
  connections: Credentials.Connections
) {
  const fetch = yield* Effect.flatMap(Fetch.Fetch, ({ get }) => get)
  return yield* Effect.forEach(backends, (backend) => {
    const found = connections.get(backend.name)
    const sdk = backend.models.map(({ model }) => model.sdk).find(Catalogue.isListed)
    if (Result.isFailure(found) || sdk === undefined) return Effect.succeed([])
    return Effect.match(Catalogue.list(found.success, sdk, fetch, 10), {
      onSuccess: (models) => [good(`${backend.name}: reached, ${plural(models.length, "model")} listed`)],
      onFailure: (error) => {
        const { detail } = classify(error, { family: "llm", model: "", backend: backend.name })
        return [bad(`${backend.name}: ${detail}`, `Check the endpoint and the key of ${backend.name}.`)]
      }
    })
  }, { concurrency: 4 }).pipe(Effect.map((each) => each.flat()))
})

const faulty = ({ message, reason, suggestedAction }: PipeFailure): Section => {
  const file = reason._tag === "ConfigInvalid" ? reason.file : undefined
  return fileSection([
    bad(file === undefined || message.includes(file) ? message : `${file}: ${message}`, suggestedAction.detail)
  ])
}

const networkSections = Effect.fnUntraced(function*(
  configuration: Configuration.Configuration,
  environment: Environment.Environment,
  { online }: DoctorOptions
) {
  const { inference, locations } = configuration
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folders = [locations.project, locations.home].filter((folder) => folder !== undefined)
  const own = yield* Effect.forEach(
    folders,
    (folder) => Effect.orElseSucceed(fs.exists(path.join(folder, "inference", "backends.toml")), () => false)
  )
  const live = Configuration.live(configuration, { variables: environment.get, isAdapted: Adapters.isAdapted })
  const { connections } = live
  const enabled = Credentials.configuredBy(inference.backends, environment.get).filter((backend) =>
    backend.isEnabled && Serving.isNetwork(backend)
  )
  const reaching = { connections, environment, isChosen: own.includes(true) }
  const credentials = enabled.flatMap((backend) => backendFindings(backend, reaching))
  const isServed = enabled.some((backend) => connections.isServing(backend))
  const sections: ReadonlyArray<Section> = [
    {
      name: "environment",
      title: "Environment",
      findings: environmentFindings(Array.from(new Set(enabled.flatMap(variablesOf))), environment)
    },
    {
      name: "backend_credentials",
      title: "Backend credentials",
      findings: isServed ? credentials : [
        ...credentials.filter(({ state }) => state !== "odd"),
        bad(
          "no backend has its key: runs are answered by the simulated backend",
          `Set one of ${enabled.flatMap(variablesOf).slice(0, 4).join(", ")}, in the environment or in a .env file.`
        )
      ]
    },
    {
      name: "models",
      title: `Models and deck (profile ${inference.profile.name})`,
      findings: deckFindings(configuration, live)
    },
    ...(online
      ? [{ name: "online", title: "Providers", findings: yield* onlineFindings(enabled, connections) }]
      : [])
  ]
  return sections
})

/** Every section, as far as one could come. */
export const examine = Effect.fn("Doctor.examine")(function*(options: DoctorOptions) {
  const found = yield* Locations.find(process.cwd())
  const { project: _, ...atHome } = found
  const locations: Locations.Locations = options.global ? atHome : found
  const environment = yield* Environment.load(locations)
  const loaded = yield* Effect.result(Configuration.load(locations))
  if (Result.isFailure(loaded)) {
    return [nodeSection, locationSection(locations, []), faulty(loaded.failure)]
  }
  const configuration = loaded.success
  return [
    nodeSection,
    locationSection(locations, configuration.files.filter((file) => !file.startsWith(locations.packaged))),
    fileSection([good(`${plural(configuration.files.length, "file")} read, all valid`)]),
    ...(yield* networkSections(configuration, environment, options))
  ]
})

const marks: Readonly<Record<State, string>> = { good: "✓", odd: "⚠", bad: "✗" }

export const isHealthy = (sections: ReadonlyArray<Section>): boolean =>
  sections.every(({ findings }) => findings.every(({ state }) => state !== "bad"))

const solutions = (sections: ReadonlyArray<Section>): ReadonlyArray<string> =>
  Array.from(new Set(sections.flatMap(({ findings }) => findings.flatMap(({ solution }) => solution ?? []))))

/** What programs are told. */
export const toJson = (sections: ReadonlyArray<Section>) => ({
  success: true,
  all_healthy: isHealthy(sections),
  checks: Object.fromEntries(sections.map(({ findings, name }) => [name, {
    healthy: findings.every(({ state }) => state !== "bad"),
    findings: findings.map(({ state, text }) => ({ state, message: text }))
  }])),
  recommended_actions: solutions(sections)
})

const markdown = (sections: ReadonlyArray<Section>): ReadonlyArray<string> => [
  isHealthy(sections) ? "# Healthy" : "# Not healthy",
  ...sections.flatMap((
    { findings, title }
  ) => ["", `## ${title}`, "", ...findings.map(({ state, text }) => `- ${marks[state]} ${text}`)])
]

export const doctor = Effect.fn("Doctor.doctor")(function*(options: DoctorOptions) {
  const streams = yield* Streams
  const sections = yield* Effect.provide(examine(options), Fetch.layer)
  const { audience, out: { style, width } } = streams
  const colours = { good: style.good, odd: style.warning, bad: style.bad }
  const line = ({ state, text }: Finding): ReadonlyArray<string> =>
    wrap(text, width - 4).map((part, at) => at === 0 ? `  ${colours[state](marks[state])} ${part}` : `    ${part}`)
  const advice = solutions(sections)
  yield* audience.reader === "program" && audience.format === "markdown"
    ? streams.result(markdown(sections))
    : streams.answer({
      json: () => toJson(sections),
      lines: () => [
        ...sections.flatMap((
          { findings, title },
          at
        ) => [...(at === 0 ? [] : [""]), style.strong(title), ...findings.flatMap(line)]),
        ...(advice.length === 0 ?
          [] :
          [
            "",
            style.strong("Possible solutions"),
            ...advice.flatMap((each) => wrap(each, width - 4).map((part, at) => `  ${at === 0 ? "-" : " "} ${part}`))
          ])
      ]
    })
  if (!isHealthy(sections)) return yield* new Ended({ code: 1 })
})
