import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { fail } from "../failure/PipeFailure.ts"
import { ConfigInvalid } from "../failure/Reason.ts"
import * as Environment from "./Environment.ts"
import * as Packaged from "./Packaged.ts"

/** The folders a configuration is read from, each a `.pipelex`, whether it is there or not. Later ones win. */
export interface Locations {
  readonly packaged: string
  readonly home?: string
  readonly project?: string
  /** The folder that holds the project's `.pipelex`, or would. */
  readonly projectRoot?: string
  readonly cwd?: string
  /** `PIPELEXPATH`: the folders to look for pipes in, as it is written. */
  readonly libraryPath?: string
  readonly environment: string
  readonly runMode: string
}

const markers = [".pipelex", ".git", "pyproject.toml", "setup.py", "setup.cfg", "package.json", ".hg"]
const environments = ["local", "dev", "staging", "prod"]
const runModes = ["normal", "unit_test", "ci_test", "codex_cloud", "codex_cloud_test"]

/** Only a default for what the caller does not say: the packaged folder alone, as in a test. */
export const packagedOnly = (packaged: string): Locations => ({ packaged, environment: "dev", runMode: "normal" })

const variable = (name: string) =>
  Effect.map(
    Effect.orElseSucceed(Config.option(Config.String(name)), () => Option.none<string>()),
    Option.filter((value) => value !== "")
  )

const among = Effect.fnUntraced(function*(
  { get }: Environment.Environment,
  name: string,
  allowed: ReadonlyArray<string>,
  otherwise: string
) {
  const value = get(name) ?? otherwise
  if (allowed.includes(value)) return value
  return yield* fail(
    new ConfigInvalid({
      problem: `${name} must be one of ${allowed.join(", ")}`,
      remedy: `Unset ${name}, or set it to one of them.`
    })
  )
})

/** The user's home folder, as the environment says. */
export const userHome = Effect.map(
  Effect.all([variable("HOME"), variable("USERPROFILE")]),
  ([home, profile]) => Option.orElse(home, () => profile)
)

const projectRootOf = Effect.fnUntraced(function*(cwd: string, user: Option.Option<string>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const stop = Option.getOrUndefined(Option.map(user, (folder) => path.resolve(folder)))
  for (let folder = path.resolve(cwd);; folder = path.dirname(folder)) {
    if (folder === stop || folder === path.dirname(folder)) return undefined
    for (const marker of markers) {
      if (yield* Effect.orElseSucceed(fs.exists(path.join(folder, marker)), () => false)) return folder
    }
  }
})

/** Where the configuration of a working directory lies. */
export const find = Effect.fn("Locations.find")(function*(cwd: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const user = yield* userHome
  const named = yield* variable("PIPELEX_HOME")
  const expanded = Option.map(
    named,
    (folder) => folder.startsWith("~") && Option.isSome(user) ? path.join(user.value, folder.slice(1)) : folder
  )
  const home = Option.getOrUndefined(Option.orElse(
    Option.map(expanded, (folder) => path.resolve(cwd, folder)),
    () => Option.map(user, (folder) => path.join(folder, ".pipelex"))
  ))
  const projectRoot = yield* projectRootOf(cwd, user)
  const folder = projectRoot === undefined ? undefined : path.join(projectRoot, ".pipelex")
  const hasProject = folder !== undefined && folder !== home &&
    (yield* Effect.orElseSucceed(fs.exists(folder), () => false))
  const variables = yield* Environment.load({ cwd: path.resolve(cwd), ...(home === undefined ? {} : { home }) })
  const libraryPath = variables.get("PIPELEXPATH")
  const locations: Locations = {
    packaged: yield* Packaged.folder,
    ...(home === undefined ? {} : { home }),
    ...(hasProject ? { project: folder } : {}),
    ...(projectRoot === undefined ? {} : { projectRoot }),
    cwd: path.resolve(cwd),
    ...(libraryPath === undefined ? {} : { libraryPath }),
    environment: yield* among(variables, "PIPELEX_ENV", environments, "dev"),
    runMode: yield* among(variables, "RUN_MODE", runModes, "normal")
  }
  return locations
})
