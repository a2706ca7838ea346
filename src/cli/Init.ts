import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import process from "node:process"
import * as Configuration from "../config/Configuration.ts"
import * as Credentials from "../config/Credentials.ts"
import * as Environment from "../config/Environment.ts"
import * as Locations from "../config/Locations.ts"
import * as Scaffold from "../config/Scaffold.ts"
import * as Serving from "../config/Serving.ts"
import { plural } from "../report/Amounts.ts"
import { wrap } from "../report/Columns.ts"
import { noBackend, unwritable, usage } from "./Exit.ts"
import { Streams } from "./Streams.ts"

/** `init`: writes a configuration folder to start from. It asks nothing and, without `--force`, overwrites nothing. */
export interface InitOptions {
  readonly part: "all" | "config" | "inference" | "routing"
  /** Names between commas. */
  readonly backends?: string | undefined
  /** JSON, or a file of it. */
  readonly config?: string | undefined
  readonly local: boolean
  readonly global: boolean
  readonly force: boolean
}

export interface Initialised {
  readonly folder: string
  readonly written: ReadonlyArray<string>
  readonly kept: ReadonlyArray<string>
  /** Those that are on now, whether this run of `init` chose them or a file that was kept. */
  readonly backends: ReadonlyArray<string>
  readonly profile: string
  /** Of the backends that a file turns on by name: the variables that are not set. */
  readonly missing: ReadonlyArray<string>
  /** Some backend can be called. */
  readonly isServed: boolean
  /** What was asked for is not what holds, since files were kept. */
  readonly isOverruled: boolean
  /** Why what is there now cannot be read: a file that was kept is faulty. */
  readonly fault: string | undefined
}

/** What `--config` says, as programs write it. */
const Wanted = Schema.Struct({
  backends: Schema.optionalKey(Schema.Array(Schema.String)),
  primary_backend: Schema.optionalKey(Schema.String),
  execution: Schema.optionalKey(Schema.Literals(["local", "hosted"]))
})

const wantedOf = Effect.fnUntraced(function*(written: string) {
  const fs = yield* FileSystem.FileSystem
  const text = written.trimStart().startsWith("{")
    ? written
    : yield* Effect.mapError(
      fs.readFileString(written),
      () => usage(`--config: "${written}" is neither JSON nor a file that can be read`)
    )
  const wanted = yield* Effect.mapError(
    Schema.decodeEffect(Schema.fromJsonString(Wanted))(text, { onExcessProperty: "error" }),
    () =>
      usage("--config must be JSON such as {\"backends\": [\"openai\", \"mistral\"], \"primary_backend\": \"openai\"}")
  )
  if (wanted.execution === "hosted") return yield* usage("hosted runs are not part of this program")
  const { backends, primary_backend: primary } = wanted
  if (backends === undefined) return undefined
  if (new Set(backends).size > 1 && primary === undefined) {
    return yield* usage("--config: two or more backends need a \"primary_backend\"")
  }
  if (primary !== undefined && !backends.includes(primary)) {
    return yield* usage(`--config: the primary backend "${primary}" is not among the backends`)
  }
  return primary === undefined ? backends : [primary, ...backends.filter((name) => name !== primary)]
})

/** The names that were given, by whichever flag. */
const namedBy = Effect.fnUntraced(function*({ backends, config }: InitOptions) {
  if (backends !== undefined && config !== undefined) return yield* usage("--backends and --config exclude each other")
  if (config !== undefined) return yield* wantedOf(config)
  const names = backends?.split(",").map((name) => name.trim()).filter((name) => name !== "")
  return names?.length === 0 ? yield* usage("--backends names no backend") : names
})

const folderOf = Effect.fnUntraced(function*({ global, local }: InitOptions, locations: Locations.Locations) {
  const path = yield* Path.Path
  if (global && local) return yield* usage("--local and --global exclude each other")
  const { home, projectRoot } = locations
  if (!global && (local || projectRoot !== undefined)) return path.join(projectRoot ?? process.cwd(), ".pipelex")
  return home ?? (yield* usage("there is no home folder: set PIPELEX_HOME, or use --local"))
})

/** Names of backends that are there, each once. What runs in this process is on whatever is chosen. */
const checked = Effect.fnUntraced(function*(names: ReadonlyArray<string>, known: ReadonlyArray<string>) {
  const wrong = names.find((name) => !known.includes(name))
  if (wrong !== undefined) return yield* usage(noBackend(wrong, known))
  const others = Array.from(new Set(names)).filter((name) => name !== Credentials.internal)
  return others.length === 0 ? names.slice(0, 1) : others
})

/** The backends to turn on: those named, else those whose key is set. A routing alone goes between backends that are on already. */
const chosen = Effect.fnUntraced(
  function*(
    options: InitOptions,
    { inference }: Configuration.Configuration,
    variables: Environment.Environment["get"]
  ) {
    const { isServing } = Credentials.connections(inference, variables)
    const isRouting = options.part === "routing"
    const usable = inference.backends.filter(({ isEnabled }) => isEnabled || !isRouting)
    const named = yield* namedBy(options)
    if (named === undefined) {
      return usable.filter((backend) => Credentials.needsKey(backend) && isServing(backend)).map(({ name }) => name)
    }
    const names = yield* checked(named, inference.backends.map(({ name }) => name))
    const off = names.find((name) => !usable.some((backend) => backend.name === name))
    return off === undefined ? names : yield* usage(
      `backend "${off}" is not enabled: \`pipelex init inference --backends ${names.join(",")} --force\` turns it on`
    )
  }
)

const isPart = ({ part }: InitOptions) => (file: Scaffold.ScaffoldFile): boolean =>
  part === "all" || file.part === part || (part === "inference" && file.part === "routing")

const write = Effect.fnUntraced(
  function*(folder: string, files: ReadonlyArray<Scaffold.ScaffoldFile>, isForced: boolean) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const there = isForced ? [] : yield* Effect.filter(
      files,
      ({ path: name }) => Effect.orElseSucceed(fs.exists(path.join(folder, name)), () => false)
    )
    const isKept = (name: string) => there.some((file) => file.path === name)
    // the deck goes with the choice of backends: beside a choice that is kept, it would name models of others
    const missing = files.filter(({ path: name }) =>
      !isKept(name) && !(name === Scaffold.customDeck && isKept(Scaffold.backendsFile))
    )
    for (const { content, path: name } of missing) {
      const place = path.join(folder, name)
      yield* Effect.mapError(
        Effect.andThen(
          fs.makeDirectory(path.dirname(place), { recursive: true }),
          fs.writeFileString(place, content)
        ),
        unwritable(place)
      )
    }
    return { written: missing.map((file) => file.path), kept: there.map((file) => file.path) }
  }
)

const overruling: ReadonlySet<string> = new Set([Scaffold.backendsFile, Scaffold.routingFile])

/** Writes what is not there yet, or everything with `--force`; then reads what holds now. */
export const initialise = Effect.fn("Init.initialise")(function*(options: InitOptions) {
  const locations = yield* Locations.find(process.cwd())
  const environment = yield* Environment.load(locations)
  const packaged = yield* Configuration.load(Locations.packagedOnly(locations.packaged))
  const folder = yield* folderOf(options, locations)
  const { project: _, ...atHome } = locations
  const there = folder === locations.home ? atHome : { ...locations, project: folder }
  const present = options.part === "routing" ? yield* Configuration.load(there) : packaged
  const backends = yield* chosen(options, present, environment.get)
  const scaffold = yield* Scaffold.make(packaged, { backends })
  const { kept, written } = yield* write(folder, scaffold.files.filter(isPart(options)), options.force)
  const loaded = yield* Effect.result(Configuration.load(there))
  const holds = Result.isSuccess(loaded) ? loaded.success.inference : packaged.inference
  const { get, isServing } = Credentials.connections(holds, environment.get)
  const on = Credentials.configuredBy(holds.backends, environment.get).filter((backend) =>
    backend.isEnabled && Serving.isNetwork(backend)
  )
  const done: Initialised = {
    folder,
    written,
    kept,
    backends: on.map(({ name }) => name),
    profile: holds.profile.name,
    missing: on.filter(({ isChosen }) => isChosen).flatMap(({ name }) => {
      const found = get(name)
      return Result.isFailure(found) ? found.failure.variables : []
    }),
    isServed: on.some(isServing),
    isOverruled: backends.length > 0 && kept.some((name) => overruling.has(name)) &&
      (holds.profile.name !== scaffold.profile || backends.some((name) => on.every((each) => each.name !== name))),
    fault: Result.isFailure(loaded) ? loaded.failure.message : undefined
  }
  return done
})

/** What programs are told. */
export const toJson = ({ backends, folder, kept, profile, written }: Initialised) => ({
  success: true,
  target_dir: folder,
  config_files_copied: written.length,
  config_files_kept: kept,
  execution: "local",
  backends_enabled: backends,
  routing_profile: profile
})

const next = ({ fault, isOverruled, isServed, kept, missing }: Initialised): ReadonlyArray<string> => [
  ...(kept.length === 0 ? [] : [`Kept as they are (--force overwrites them): ${kept.toSorted().join(", ")}`]),
  ...(isOverruled ? ["So the choice of backends stays what it was: --force makes the one asked for."] : []),
  ...(fault === undefined ? [] : [`What is there now is not valid: ${fault}`]),
  ...(isServed ? [] : ["No backend has its key yet, so model calls are simulated."]),
  ...(missing.length === 0 ? [] : [`Still to be set, in the environment or in a .env file: ${missing.join(", ")}`]),
  "`pipelex init credentials` lists the keys, `pipelex doctor` checks everything."
]

export const init = Effect.fn("Init.init")(function*(options: InitOptions) {
  const streams = yield* Streams
  const done = yield* initialise(options)
  yield* streams.answer({
    json: () => toJson(done),
    lines: () => [
      done.written.length === 0
        ? `Nothing to write: every file is there in ${done.folder}`
        : streams.out.style.good(`✓ Wrote ${plural(done.written.length, "file")} to ${done.folder}`),
      ...wrap(`backends: ${done.backends.join(", ") || "none"}`, streams.out.width - 4).map((line, at) =>
        `${at === 0 ? "  " : "    "}${line}`
      ),
      `  routing profile: ${done.profile}`
    ]
  })
  yield* streams.note(next(done).flatMap((line) => wrap(line, streams.err.width)))
})
