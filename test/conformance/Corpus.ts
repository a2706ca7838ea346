/** A corpus on disk: folders of cases per kind, a configuration, and an index that knows more tags. Any part may be missing. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { isObject, type Json, type JsonObject } from "../../src/concept/Json.ts"

export const kinds = ["runs", "methods", "validation", "templates", "failures"] as const
export type Kind = typeof kinds[number]

/** Kinds whose cases are folders. */
export type FolderKind = Exclude<Kind, "templates" | "failures">

export interface Case {
  readonly kind: Kind
  readonly name: string
  readonly folder: string
  readonly features: ReadonlyArray<string>
  /** `case.json`. */
  readonly settings: JsonObject
}

/** The configuration that corpora are recorded with, for those that bring none. */
const ownConfig = fileURLToPath(new URL("../cases/config", import.meta.url))

export const readJson = (file: string): Json | undefined =>
  existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined

/** For what only adds to a case: a file that is not JSON says nothing. */
const hint = (file: string): Json | undefined => {
  try {
    return readJson(file)
  } catch {
    return undefined
  }
}

export const strings = (value: Json | undefined): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : []

export const string = (value: Json | undefined): string | undefined => typeof value === "string" ? value : undefined

export const list = (value: Json | undefined): ReadonlyArray<Json> => Array.isArray(value) ? value : []

export const object = (value: Json | undefined): JsonObject => isObject(value) ? value : {}

const foldersIn = (folder: string): ReadonlyArray<string> =>
  existsSync(folder)
    ? readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory()).toSorted()
    : []

const isCase = (folder: string): boolean =>
  readdirSync(folder).some((name) => name === "case.json" || name.endsWith(".mthds"))

/** Tags by path, as the index knows them. */
export const indexed = (root: string): ReadonlyMap<string, ReadonlyArray<string>> =>
  new Map(
    list(hint(join(root, "index.json"))).map(object).map((entry) => [
      string(entry["path"]) ?? "",
      strings(entry["features"])
    ])
  )

const areaOf = (name: string, settings: JsonObject): string => string(settings["area"]) ?? name.split("_")[0] ?? "other"

/** The cases of one kind. Templates are lines of a file and failures files: they are read by `Templates` and `Failures`. */
export const cases = (root: string, kind: FolderKind): ReadonlyArray<Case> => {
  const index = indexed(root)
  return foldersIn(join(root, kind)).flatMap((name) => {
    const folder = join(root, kind, name)
    if (!isCase(folder)) return []
    const settings = object(hint(join(folder, "case.json")))
    const known = [...strings(settings["features"]), ...(index.get(`${kind}/${name}`) ?? [])]
    const features = known.length === 0 ? [areaOf(name, settings)] : known
    return [{ kind, name, folder, features: Array.from(new Set(features)), settings }]
  })
}

/** The configuration a case runs with: its own, the corpus's, else the one that corpora are recorded with. */
export const configFolder = (root: string, folder: string): string =>
  [join(folder, ".pipelex"), join(root, "config")].find(existsSync) ?? ownConfig

/** What was recorded for a case. */
export const expected = ({ folder }: Case, name: string): Json | undefined =>
  readJson(join(folder, "expected", `${name}.json`))

/** A method that the reference refused as shipped is judged by what it did with the repaired copy, where there is one. */
export const judge = (each: Case): Case => {
  const twin = `${each.folder}_patched`
  const isRefused = object(expected(each, "outcome"))["status"] !== "ok"
  return each.kind === "methods" && isRefused && existsSync(twin) ? { ...each, folder: twin } : each
}

const bundlesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder).filter((name) => name.endsWith(".mthds"))

export interface Target {
  readonly path: string
  readonly libraryDirs: ReadonlyArray<string>
}

/** What a user would name on the command line: the bundle, or the folder when it is a package or holds several. */
export const target = ({ folder, settings }: Case): Target => {
  const packages = (settings["methods"] === undefined ? ["packages"] : strings(settings["methods"])).map((name) =>
    resolve(folder, name)
  )
  const bundles = bundlesIn(folder)
  const isFolder = existsSync(join(folder, "METHODS.toml")) || bundles.length !== 1
  return isFolder
    ? { path: folder, libraryDirs: [] }
    : {
      path: join(folder, bundles[0] ?? ""),
      libraryDirs: packages.flatMap((each) => foldersIn(each).map((name) => join(each, name)))
    }
}
