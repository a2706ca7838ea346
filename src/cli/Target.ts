import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import process from "node:process"
import type * as Configuration from "../config/Configuration.ts"
import * as Locations from "../config/Locations.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Defined } from "../library/Definitions.ts"
import type { Library } from "../library/Library.ts"
import * as Method from "../source/Method.ts"
import * as MethodTree from "../source/MethodTree.ts"
import { Ended } from "./Exit.ts"

/** What a command works on: a bundle or folder, a pipe of the library folders, or an installed method. */
export type Kind = "bundle" | "pipe" | "method"

export interface Wanted {
  readonly kind: Kind
  /** Path, pipe reference, or name and address of a method. For a pipe, none means every pipe. */
  readonly target: string | undefined
  readonly pipe?: string | undefined
  readonly libraryDirs: ReadonlyArray<string>
  readonly compat: boolean
}

export interface Found {
  /** As the user named it. */
  readonly shown: string
  /** What was read: the file or folder. */
  readonly place: string
  readonly method: Method.Method
}

const home = Effect.map(Locations.userHome, Option.getOrUndefined)

/** The folders of `-L`, else those of `PIPELEXPATH`. */
export const searchPath = (
  libraryDirs: ReadonlyArray<string>,
  { libraryPath = "" }: Locations.Locations
): ReadonlyArray<string> =>
  libraryDirs.length > 0
    ? libraryDirs
    : libraryPath.split(process.platform === "win32" ? ";" : ":").filter((folder) => folder !== "")

const manifestOf = (folder: string) =>
  Effect.map(Effect.option(MethodTree.read(folder, { compat: true })), (tree) => Option.getOrUndefined(tree)?.manifest)

/** `github.com/owner/repository[/name][@tag]` without its tag, or a name as it stands. */
const withoutTag = (wanted: string): string =>
  wanted.lastIndexOf("@") > 0 ? wanted.slice(0, wanted.lastIndexOf("@")) : wanted

/** The folders below which methods are installed, nearest first. */
const installedRoots = Effect.gen(function*() {
  const path = yield* Path.Path
  const user = yield* home
  const roots: Array<string> = []
  for (let folder = path.resolve(".");; folder = path.dirname(folder)) {
    roots.push(path.join(folder, ".mthds", "methods"))
    if (folder === path.dirname(folder)) break
  }
  return Array.from(new Set([...roots, ...(user === undefined ? [] : [path.join(user, ".mthds", "methods")])]))
})

const installed = Effect.fnUntraced(function*(wanted: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const name = withoutTag(wanted)
  for (const root of yield* installedRoots) {
    for (const entry of yield* Effect.orElseSucceed(fs.readDirectory(root), () => [])) {
      const folder = path.join(root, entry)
      if (entry === name) return folder
      const manifest = yield* manifestOf(folder)
      if (
        manifest !== undefined &&
        (manifest.name === name || manifest.address === name || `${manifest.address}/${manifest.name}` === name)
      ) return folder
    }
  }
  return undefined
})

const isRemote = (target: string): boolean => /^(https?:\/\/|github\.com\/)/.test(target)

const methodFolder = Effect.fnUntraced(function*(target: string) {
  const fs = yield* FileSystem.FileSystem
  if (!isRemote(target) && (yield* Effect.orElseSucceed(fs.exists(target), () => false))) return target
  const found = yield* installed(target)
  if (found !== undefined) return found
  return yield* fail(
    new Reason.RequestInvalid({
      problem: isRemote(target)
        ? `method "${target}" is not installed, and this version fetches nothing: put its folder under .mthds/methods/, or name a local folder`
        : `no folder and no installed method is called "${target}": name a folder, or put the method under .mthds/methods/`
    })
  )
})

/** What to read, and the pipe asked for. */
const locate = Effect.fnUntraced(function*(
  { kind, libraryDirs, pipe, target }: Wanted,
  locations: Locations.Locations
) {
  const dirs = searchPath(libraryDirs, locations)
  if (kind === "pipe") {
    const [first = ".", ...rest] = dirs
    return { place: first, shown: target ?? first, pipe: target, libraryDirs: rest }
  }
  const named = target ?? "."
  return { place: kind === "bundle" ? named : yield* methodFolder(named), shown: named, pipe, libraryDirs: dirs }
})

/** Reads the target. What is wrong inside is in the method's issues. */
export const find = Effect.fnUntraced(function*(
  wanted: Wanted,
  { locations, models, options }: Configuration.Configuration
) {
  const { libraryDirs, pipe, place, shown } = yield* locate(wanted, locations)
  const user = yield* home
  const method = yield* Method.load(place, {
    models,
    compat: wanted.compat,
    libraryDirs,
    excludedDirs: options.excludedDirs,
    ...(user === undefined ? {} : { home: user }),
    ...(pipe === undefined ? {} : { pipe })
  })
  const found: Found = { shown, place, method }
  return found
})

/** The library, or the end of the command with every fault that there is. */
export const library = Effect.fnUntraced(function*({ method, shown }: Found) {
  if (method.library === undefined) return yield* new Ended({ code: 1, issues: method.issues, bundle: shown })
  return method.library
})

/** The pipe to start at. */
export const entry = Effect.fnUntraced(function*({ method }: Found, checked: Library) {
  if (Result.isFailure(method.entry)) return yield* fail(method.entry.failure)
  const found: Defined | undefined = checked.pipes.get(method.entry.success)
  if (found === undefined) return yield* fail(new Reason.PipeNotFound({ ref: method.entry.success, suggestions: [] }))
  return found
})
