import * as Result from "effect/Result"
import { isObject, type Json, type JsonObject } from "../concept/Json.ts"
import { domainCode, snake } from "../concept/Reference.ts"
import type { Issue } from "../failure/Issue.ts"
import * as Read from "./Read.ts"
import * as Rules from "./Rules.ts"
import * as Toml from "./Toml.ts"

/**
 * `METHODS.toml`, the manifest of a package: who it is, which of its pipes others may call, and what it depends on. Reads one file;
 * whether its names exist in the package's bundles is for the reader of the package to say.
 */
export interface Dependency {
  readonly address: string
  readonly version: string
  /** A local folder, relative to the manifest's. */
  readonly path?: string
}

export interface Manifest {
  readonly name: string
  readonly address: string
  readonly version: string
  readonly description: string
  readonly mainPipe?: string
  readonly displayName?: string
  readonly license?: string
  readonly mthdsVersion?: string
  readonly authors: ReadonlyArray<string>
  /** Domain → the pipes that other packages may call. */
  readonly exports: Readonly<Record<string, ReadonlyArray<string>>>
  /** Alias → package. */
  readonly dependencies: Readonly<Record<string, Dependency>>
}

export interface Parsed {
  /** Absent when an issue (not a warning) stands in the way. */
  readonly manifest?: Manifest
  readonly issues: ReadonlyArray<Issue>
}

const semver = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/
const address = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+(\/[A-Za-z0-9._-]+)+$/i
const oneConstraint = /^(\*|(\^|~|>=|<=|>|<|==|!=|=)?\s*\d+(\.(\d+|\*)){0,2}(-[0-9A-Za-z.-]+)?)$/

export const isVersion = (text: string): boolean => semver.test(text)
export const isConstraint = (text: string): boolean => text.split(",").every((part) => oneConstraint.test(part.trim()))

type Path = ReadonlyArray<string | number>

const anAddress = Rules.text("an address such as \"github.com/owner/repository\"", (value) => address.test(value))

const packageKeys: Rules.Table = {
  name: Rules.required(
    Rules.text(
      "snake_case of 2 to 25 characters",
      (value) => snake.test(value) && value.length >= 2 && value.length <= 25
    )
  ),
  address: Rules.required(anAddress),
  version: Rules.required(Rules.text("a semantic version such as \"1.2.3\"", isVersion)),
  description: Rules.required(Rules.text("a text that is not blank", (value) => value.trim() !== "")),
  main_pipe: Rules.text("a pipe code in snake_case", (value) => snake.test(value)),
  display_name: Rules.text("a text of at most 128 characters", (value) => value.trim() !== "" && value.length <= 128),
  license: Rules.text(),
  mthds_version: Rules.text("a version constraint such as \">=1.0.0\"", isConstraint),
  authors: Rules.texts
}

const dependencyKeys: Rules.Table = {
  address: Rules.required(anAddress),
  version: Rules.required(Rules.text("a version constraint such as \"^1.0.0\"", isConstraint)),
  path: Rules.text("a folder", (value) => value.trim() !== "")
}

const violation = (path: Path, message: string, more: Partial<Issue> = {}): Issue => ({
  code: "method.schema_violation",
  path,
  message,
  ...more
})

/** A key that this version does not know is a warning: a later one may. */
const toIssue = ({ kind, message, path, suggestions }: Rules.Fault): Issue =>
  violation(path, message, {
    ...(kind === "unknown" ? { warning: "manifest_unknown_key" } : {}),
    ...(suggestions.length === 0 ? {} : { suggestions })
  })

const checkTable = (path: Path, table: JsonObject, rules: Rules.Table): ReadonlyArray<Issue> =>
  Rules.check(path, table, rules).map(toIssue)

/** `[exports.a.b] pipes = […]`: every table that holds a list of pipes is a domain, and the tables within it are its sub-domains. */
const readExports = (path: Path, table: JsonObject, into: Map<string, ReadonlyArray<string>>): ReadonlyArray<Issue> =>
  Object.entries(table).flatMap(([key, value]) => {
    const at = [...path, key]
    if (isObject(value)) return readExports(at, value, into)
    const domain = path.slice(1).join(".")
    if (key !== "pipes") return checkTable(path, { [key]: value }, { pipes: Rules.texts })
    if (domain === "") return [violation(at, "exported pipes belong to a domain: write [exports.<domain>]")]
    if (!Array.isArray(value)) return [violation(at, `"pipes" must be a list of pipe codes`)]
    if (!domainCode.test(domain)) return [violation(path, `"${domain}" is not a domain`)]
    const wrong = value.flatMap((code: Json, index) =>
      typeof code === "string" && snake.test(code)
        ? []
        : [violation([...at, index], `an exported pipe must be a pipe code in snake_case`)]
    )
    if (wrong.length === 0) into.set(domain, Read.texts(table, key) ?? [])
    return wrong
  })

const readDependencies = (table: JsonObject, into: Map<string, Dependency>): ReadonlyArray<Issue> =>
  Object.entries(table).flatMap(([alias, value]) => {
    const path = ["dependencies", alias]
    if (!snake.test(alias)) return [violation(path, `"${alias}" is not an alias in snake_case`)]
    if (!isObject(value)) return [violation(path, `dependency "${alias}" must be a table with "address" and "version"`)]
    const issues = checkTable(path, value, dependencyKeys)
    if (issues.every(({ warning }) => warning !== undefined)) {
      into.set(alias, {
        address: Read.text(value, "address") ?? "",
        version: Read.text(value, "version") ?? "",
        ...Read.present({ path: Read.text(value, "path") })
      })
    }
    return issues
  })

const sections: Rules.Table = {
  package: Rules.required(Rules.anyTable),
  exports: Rules.anyTable,
  dependencies: Rules.anyTable
}

const read = (document: JsonObject, folder: string | undefined): Parsed => {
  const issues = [...checkTable([], document, sections)]
  const [about, exported, needed] = [
    Read.table(document, "package"),
    Read.table(document, "exports"),
    Read.table(document, "dependencies")
  ]
  const exports = new Map<string, ReadonlyArray<string>>()
  const dependencies = new Map<string, Dependency>()
  if (isObject(document["package"])) issues.push(...checkTable(["package"], about, packageKeys))
  issues.push(...readExports(["exports"], exported, exports), ...readDependencies(needed, dependencies))
  if (issues.some(({ warning }) => warning === undefined)) return { issues }
  const required = (key: string): string => Read.text(about, key) ?? ""
  const name = required("name")
  if (folder !== undefined && name !== folder) {
    issues.push(
      violation(["package", "name"], `package "${name}" lies in a folder called "${folder}"`, {
        warning: "manifest_folder_name"
      })
    )
  }
  return {
    issues,
    manifest: {
      name,
      address: required("address"),
      version: required("version"),
      description: required("description"),
      ...Read.present({
        mainPipe: Read.text(about, "main_pipe"),
        displayName: Read.text(about, "display_name"),
        license: Read.text(about, "license"),
        mthdsVersion: Read.text(about, "mthds_version")
      }),
      authors: Read.texts(about, "authors") ?? [],
      exports: Object.fromEntries(exports),
      dependencies: Object.fromEntries(dependencies)
    }
  }
}

/** Every fault of the text, each with a path for `Toml.place`; `folder` is the name of the folder it lies in, when that matters. */
export const parse = (source: string, file: string, folder?: string): Parsed => {
  const parsed = Toml.parse(source, file)
  if (Result.isFailure(parsed)) return { issues: [parsed.failure] }
  const { issues, manifest } = read(parsed.success, folder)
  return { ...Read.present({ manifest }), issues: issues.map((issue) => Object.assign({ file }, issue)) }
}
