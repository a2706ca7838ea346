import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import process from "node:process"
import type * as Backends from "../config/Backends.ts"
import * as Configuration from "../config/Configuration.ts"
import * as Credentials from "../config/Credentials.ts"
import * as Environment from "../config/Environment.ts"
import * as Locations from "../config/Locations.ts"
import * as Scaffold from "../config/Scaffold.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { closest, didYouMean } from "../failure/Suggest.ts"
import { plural } from "../report/Amounts.ts"
import { usage } from "./Exit.ts"
import { Streams } from "./Streams.ts"

/** `init`: writes a configuration folder to start from. It asks nothing and, without `--force`, overwrites nothing. */
export interface InitOptions {
  readonly part: "all" | "config" | "credentials" | "inference" | "routing" | "telemetry"
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
  readonly backends: ReadonlyArray<string>
  readonly profile: string
  /** Of the backends that are on: the variables that are not set. */
  readonly missing: ReadonlyArray<string>
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
    Schema.decodeUnknownEffect(Schema.fromJsonString(Wanted))(text, { onExcessProperty: "error" }),
    () =>
      usage("--config must be JSON such as {\"backends\": [\"openai\", \"mistral\"], \"primary_backend\": \"openai\"}")
  )
  if (wanted.execution === "hosted") return yield* usage("hosted runs are not part of this program")
  const { backends = [], primary_backend: primary } = wanted
  if (backends.length > 1 && primary === undefined) {
    return yield* usage("--config: two or more backends need a \"primary_backend\"")
  }
  if (primary !== undefined && !backends.includes(primary)) {
    return yield* usage(`--config: the primary backend "${primary}" is not among the backends`)
  }
  return primary === undefined ? backends : [primary, ...backends.filter((name) => name !== primary)]
})

const folderOf = Effect.fnUntraced(function*({ global, local }: InitOptions, locations: Locations.Locations) {
  const path = yield* Path.Path
  if (global && local) return yield* usage("--local and --global exclude each other")
  const { home, projectRoot } = locations
  if (!global && (local || projectRoot !== undefined)) return path.join(projectRoot ?? process.cwd(), ".pipelex")
  return home ?? (yield* usage("there is no home folder: set PIPELEX_HOME, or use --local"))
})

const checked = Effect.fnUntraced(
  function*(names: ReadonlyArray<string>, known: ReadonlyArray<Backends.Backend>) {
    for (const name of names) {
      if (!known.some((backend) => backend.name === name)) {
        const all = known.map((backend) => backend.name)
        return yield* usage(
          `no backend is called "${name}"${didYouMean(closest(name, all)) || `; there is ${all.join(", ")}`}`
        )
      }
    }
    return Array.from(new Set(names))
  }
)

const unwritable = (place: string) => (error: PlatformError) =>
  fail(
    new Reason.FileRefused({
      what: `"${place}"`,
      why: "unreadable",
      explanation: `it cannot be written (${error.reason._tag})`
    })
  )

const isPart = ({ part }: InitOptions) => (file: Scaffold.ScaffoldFile): boolean =>
  part === "all" || file.part === part || (part === "inference" && file.part === "routing")

/** Writes what is not there yet, or everything with `--force`. */
export const initialise = Effect.fn("Init.initialise")(function*(options: InitOptions) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const locations = yield* Locations.find(process.cwd())
  const environment = yield* Environment.load(locations)
  const packaged = yield* Configuration.load(Locations.packagedOnly(locations.packaged))
  const { backends: known } = packaged.inference
  const folder = yield* folderOf(options, locations)
  const { get, isServing } = Credentials.connections(packaged.inference, environment.get)
  const named = options.config === undefined
    ? options.backends?.split(",").map((name) => name.trim()).filter((name) => name !== "")
    : yield* wantedOf(options.config)
  const withKeys = known.filter((backend) => Credentials.needsKey(backend) && isServing(backend))
  const backends = yield* checked(named ?? withKeys.map(({ name }) => name), known)
  const scaffold = yield* Scaffold.make(packaged, { backends })
  const written: Array<string> = []
  const kept: Array<string> = []
  for (const file of scaffold.files.filter(isPart(options))) {
    const place = path.join(folder, file.path)
    const isThere = yield* Effect.orElseSucceed(fs.exists(place), () => false)
    if (isThere && !options.force) {
      kept.push(file.path)
      continue
    }
    yield* Effect.mapError(
      Effect.andThen(
        fs.makeDirectory(path.dirname(place), { recursive: true }),
        fs.writeFileString(place, file.content)
      ),
      unwritable(place)
    )
    written.push(file.path)
  }
  const missing = backends.flatMap((name) => {
    const found = get(name)
    return found._tag === "Failure" ? found.failure.variables : []
  })
  const done: Initialised = { folder, written, kept, backends, profile: scaffold.profile, missing }
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

const next = ({ backends, kept, missing }: Initialised): ReadonlyArray<string> => [
  ...(kept.length === 0 ? [] : [`Kept as they are: ${kept.join(", ")} (--force overwrites them)`]),
  ...(backends.length === 0
    ? ["No backend's key is set: set one, such as OPENAI_API_KEY or ANTHROPIC_API_KEY. Until then runs are simulated."]
    : []),
  ...(missing.length === 0 ? [] : [`Still to be set, in the environment or in a .env file: ${missing.join(", ")}`]),
  "`pipelex doctor` checks the whole."
]

export const init = Effect.fn("Init.init")(function*(options: InitOptions) {
  const streams = yield* Streams
  const done = yield* initialise(options)
  yield* streams.answer({
    json: () => toJson(done),
    lines: () => [
      done.written.length === 0
        ? `Nothing to write: ${done.folder} has every file`
        : streams.out.style.good(`✓ Wrote ${plural(done.written.length, "file", "files")} to ${done.folder}`),
      ...(done.backends.length === 0 ? [] : [`  backends: ${done.backends.join(", ")}`]),
      `  routing profile: ${done.profile}`
    ]
  })
  yield* streams.note(next(done))
})
