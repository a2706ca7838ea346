import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import type { JsonObject } from "../concept/Json.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import * as ModelTable from "../program/ModelTable.ts"
import type { Settings } from "../program/Settings.ts"
import * as Backends from "./Backends.ts"
import * as Decks from "./Decks.ts"
import * as Document from "./Document.ts"
import * as Locations from "./Locations.ts"
import * as Origins from "./Origins.ts"
import * as Packaged from "./Packaged.ts"
import * as PipelexToml from "./PipelexToml.ts"
import * as Routing from "./Routing.ts"
import * as Serving from "./Serving.ts"
import * as Spelling from "./Spelling.ts"
import * as TemporalCheck from "./TemporalCheck.ts"
import * as TemporalToml from "./TemporalToml.ts"

/**
 * The configuration of a working directory, all layers merged, as plain data. Placeholders stay as they are written: nothing here reads a
 * secret, so that a verdict never depends on the environment.
 */
export interface Configuration {
  readonly locations: Locations.Locations
  readonly settings: Settings
  readonly options: PipelexToml.Options
  readonly inference: Inference
  /** The table in which every enabled backend serves. */
  readonly models: ModelTable.ModelTable
  /** The merged `pipelex.toml` in its canonical spelling, for the sections that others read. */
  readonly values: JsonObject
  /** The files that `values` is merged from. */
  readonly layers: ReadonlyArray<Origins.Layer>
  /** The files that were read, in the order of their layers. */
  readonly files: ReadonlyArray<string>
  /** What is odd and makes nothing invalid, such as a preset that names a model nobody serves. */
  readonly warnings: ReadonlyArray<string>
}

export type Inference = Serving.Inference

type Needs = FileSystem.FileSystem | Path.Path

/** The model table. `isServing` leaves out backends whose credentials do not resolve. */
export const models: typeof Serving.models = Serving.models

/** What a live run works with: only what can be called from here serves. A verdict never looks at this. */
export const live = ({ inference }: Pick<Configuration, "inference">, asking: Serving.Asking): Serving.Live =>
  Serving.live(inference, asking)

/** Which file each key of the merged `pipelex.toml` comes from, and its line there. */
export const origins = ({ layers, values }: Pick<Configuration, "layers" | "values">) => Origins.of(layers, values)

const overlays = ({ environment, runMode }: Locations.Locations): ReadonlyArray<string> => {
  const isTest = runMode.endsWith("_test")
  return ["local", environment, ...(isTest ? [] : [runMode]), "override", "temporary_override"].map((suffix) =>
    `pipelex_${suffix}.toml`
  )
}

const pipelexFiles = Effect.fnUntraced(function*(locations: Locations.Locations) {
  const path = yield* Path.Path
  const names = ["pipelex.toml", ...new Set(overlays(locations))]
  const folders = [locations.home, locations.project].filter((folder) => folder !== undefined)
  const files = [
    path.join(locations.packaged, "pipelex.toml"),
    ...folders.flatMap((folder) => names.map((name) => path.join(folder, name))),
    ...(locations.cwd !== undefined && locations.runMode.endsWith("_test")
      ? [path.join(locations.cwd, "tests", `pipelex_${locations.runMode}.toml`)]
      : [])
  ]
  const found = (yield* Effect.forEach(new Set(files), Document.find, { concurrency: 8 })).filter(Option.isSome).map((
    { value }
  ) => value)
  return yield* Effect.forEach(
    found,
    Effect.fnUntraced(function*(document) {
      const { faults, values, writtenAs } = Spelling.normalise(document.values)
      const wrong = PipelexToml.check(values).map((fault) => ({ message: fault.message, path: writtenAs(fault.path) }))
      yield* Document.check(document, [...faults, ...wrong, ...TemporalToml.bothPlaces(document.values)])
      const layer: Origins.Layer = { ...document, values, writtenAs }
      return layer
    })
  )
})

/** The first of the layers that has the file or folder: project, home, packaged. They are not merged. */
const first = Effect.fnUntraced(function*(locations: Locations.Locations, name: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (const folder of [locations.project, locations.home]) {
    if (folder === undefined) continue
    const place = path.join(folder, "inference", name)
    if (yield* Effect.orElseSucceed(fs.exists(place), () => false)) return place
  }
  return path.join(locations.packaged, "inference", name)
})

/** A base file and its personal overlays, as one document whose positions are the base's. */
const layered = Effect.fnUntraced(function*(locations: Locations.Locations, name: string) {
  const path = yield* Path.Path
  const base = yield* Document.read(yield* first(locations, `${name}.toml`))
  const folders = [locations.home, locations.project].filter((folder) => folder !== undefined)
  const found = yield* Effect.forEach(
    folders,
    (folder) => Document.find(path.join(folder, "inference", `${name}_override.toml`))
  )
  const documents = [base, ...found.filter(Option.isSome).map(({ value }) => value)]
  return { documents, merged: { ...base, values: Document.mergeAll(documents) } }
})

const tomlFilesBelow: (folder: string) => Effect.Effect<ReadonlyArray<string>, never, Needs> = Effect.fnUntraced(
  function*(folder: string) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const entries = yield* Effect.orElseSucceed(fs.readDirectoryEntries(folder), () => [])
    const below = yield* Effect.forEach(entries, ({ name, type }) => {
      const place = path.join(folder, name)
      if (type === "Directory") return tomlFilesBelow(place)
      return Effect.succeed(name.endsWith(".toml") ? [place] : [])
    })
    return below.flat().toSorted()
  }
)

const readBackends = Effect.fnUntraced(function*(locations: Locations.Locations) {
  const path = yield* Path.Path
  const { documents, merged } = yield* layered(locations, "backends")
  for (const document of documents) yield* Document.check(document, Backends.readBackends(document.values).faults)
  const folder = yield* first(locations, "backends")
  // nobody adds a file to the package
  const own = folder.startsWith(locations.packaged)
    ? path.join(locations.project ?? locations.home ?? locations.packaged, "inference", "backends")
    : folder
  const files: Array<string> = documents.map(({ file }) => file)
  const backends: Array<Backends.Backend> = []
  const named = Backends.readBackends(merged.values).value
  const catalogues = yield* Effect.forEach(named, ({ name }) => Document.find(path.join(folder, `${name}.toml`)), {
    concurrency: 8
  })
  for (const [index, backend] of named.entries()) {
    const found = catalogues[index] ?? Option.none()
    if (Option.isNone(found)) {
      if (backend.isEnabled && backend.name !== "internal") {
        return yield* Document.invalid(merged, [{
          path: [backend.name],
          message: `backend "${backend.name}" is enabled and has no file ${path.join(own, `${backend.name}.toml`)}`
        }], "Add it beside the other backends' files (`pipelex init inference` writes those), or set enabled = false.")
      }
      backends.push(backend)
      continue
    }
    const { faults, value } = Backends.readModels(
      backend.name,
      found.value,
      Backends.sharedBy(merged.values, backend.name)
    )
    yield* Document.check(found.value, faults)
    if (value.length === 0 && backend.isEnabled && backend.name !== "internal") {
      return yield* Document.invalid(found.value, [{
        path: [],
        message: `backend "${backend.name}" is enabled and serves no model`
      }])
    }
    files.push(found.value.file)
    backends.push({ ...backend, models: value })
  }
  return { backends, files }
})

const readDecks = Effect.fnUntraced(function*(locations: Locations.Locations) {
  const folder = yield* first(locations, "deck")
  const documents = yield* Effect.forEach(yield* tomlFilesBelow(folder), Document.read, { concurrency: 8 })
  for (const document of documents) yield* Document.check(document, Decks.check(document.values))
  return { decks: Decks.decks(Document.mergeAll(documents)), files: documents.map(({ file }) => file), documents }
})

/** What holds for a language model that says nothing of its own. */
const withDefaults = ({ maxPromptImages }: PipelexToml.Options) => (backend: Backends.Backend): Backends.Backend => ({
  ...backend,
  models: backend.models.map((each) =>
    each.model.family === "llm" ? { ...each, model: { maxPromptImages, ...each.model } } : each
  )
})

const readInference = Effect.fnUntraced(function*(locations: Locations.Locations, options: PipelexToml.Options) {
  const { backends: read, files } = yield* readBackends(locations)
  const backends = read.map(withDefaults(options))
  const routing = yield* layered(locations, "routing_profiles")
  const { faults, value: profile } = Routing.readProfile(routing.merged.values, backends)
  if (profile === undefined || faults.length > 0) return yield* Document.invalid(routing.merged, faults)
  const { deadRoutes } = Routing.route(profile, backends)
  yield* Document.check(
    routing.merged,
    deadRoutes.map(([name, backend]) => ({
      path: ["profiles", profile.name, "routes", name],
      message: `"${name}" is routed to "${backend}", which has no such model`
    }))
  )
  const deck = yield* readDecks(locations)
  const inference: Inference = { backends, profile, decks: deck.decks, isFallbackEnabled: options.isFallbackEnabled }
  return {
    inference,
    documents: deck.documents,
    files: [...files, ...routing.documents.map(({ file }) => file), ...deck.files]
  }
})

/** Of every model, served or not: keys may be elsewhere. */
const handlesOf = ({ backends }: Inference): ReadonlyArray<string> =>
  Array.from(new Set(backends.flatMap(({ models: all }) => all.map(({ model }) => model.handle))))

interface UnservedPreset {
  readonly family: ModelTable.Family
  readonly preset: string
  readonly message: string
}

const unservedPresets = (table: ModelTable.ModelTable): ReadonlyArray<UnservedPreset> =>
  Backends.families.flatMap((family) =>
    Object.keys(table.decks[family].presets).flatMap((preset) => {
      const result = ModelTable.resolve(table, family, `$${preset}`)
      return Result.isSuccess(result)
        ? []
        : [{ family, preset, message: ModelTable.toIssue("", [], result.failure).message }]
    })
  )

const says = ({ values }: Origins.Layer, { path }: Document.Fault): boolean =>
  Document.at(values, path.map(String)) !== undefined

/** What only the merged layers show, told in the last file that says something of the place. */
const contradictions = Effect.fnUntraced(function*(layers: ReadonlyArray<Origins.Layer>, values: JsonObject) {
  const faults = TemporalCheck.contradictions(values)
  for (const layer of layers.toReversed()) {
    const own = faults.filter((fault) => says(layer, fault))
    yield* Document.check(layer, own.map(({ message, path }) => ({ message, path: layer.writtenAs(path) })))
  }
})

/** Reads every layer. All faults of the first faulty file are one failure that shows the first of them. */
export const load: (locations: Locations.Locations) => Effect.Effect<Configuration, PipeFailure, Needs> = Effect.fn(
  "Configuration.load"
)(
  function*(locations: Locations.Locations) {
    const documents = yield* pipelexFiles(locations)
    const values = Document.mergeAll(documents)
    yield* contradictions(documents, values)
    const options = PipelexToml.options(values)
    const { documents: decks, files, inference } = yield* readInference(locations, options)
    const table = models(inference)
    const unserved = options.missingPresetsReaction === "none" ? [] : unservedPresets(table)
    const [worst] = unserved
    if (worst !== undefined && options.missingPresetsReaction === "raise") {
      const section = Object.entries(Decks.families).find(([, family]) => family === worst.family)?.[0] ?? ""
      const place = [section, "presets", worst.preset]
      const document = decks.findLast((each) => Document.at(each.values, place) !== undefined)
      if (document !== undefined) return yield* Document.invalid(document, [{ path: place, message: worst.message }])
    }
    const configuration: Configuration = {
      locations,
      settings: PipelexToml.settings(values),
      options,
      inference,
      models: table,
      values,
      layers: documents,
      files: [...documents.map(({ file }) => file), ...files],
      warnings: [
        ...TemporalToml.notices(values),
        ...TemporalCheck.unknownHandles(values, handlesOf(inference)),
        ...unserved.map(({ message }) => message)
      ]
    }
    return configuration
  }
)

/** One `.pipelex` folder over the packaged defaults, whatever the environment holds. */
export const loadFolder = Effect.fn("Configuration.loadFolder")(function*(folder: string) {
  return yield* load({ ...Locations.packagedOnly(yield* Packaged.folder), project: folder })
})

/** The configuration of a working directory. */
export const loadFrom = Effect.fn("Configuration.loadFrom")(function*(cwd: string) {
  return yield* load(yield* Locations.find(cwd))
})
