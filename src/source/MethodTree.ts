import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Result from "effect/Result"
import { createHash } from "node:crypto"
import type { Issue } from "../failure/Issue.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import { FileRefused, RequestInvalid } from "../failure/Reason.ts"
import * as Files from "./Files.ts"
import * as Manifest from "./Manifest.ts"
import * as Toml from "./Toml.ts"

/**
 * The files of a method: one bundle, or every bundle of a folder with its manifest. Reads them whole and says what they are; what is
 * in a bundle is for the rings within.
 */
export interface SourceFile {
  /** As the user would write it: the target, and the file's place below it. */
  readonly path: string
  /** Place below the root, with `/`. */
  readonly name: string
  readonly text: string
  readonly size: number
  readonly sha256: string
}

export interface MethodTree {
  /** Absolute. */
  readonly root: string
  readonly isOneFile: boolean
  /** Bundles by name, whose text is UTF-8. */
  readonly bundles: ReadonlyArray<SourceFile>
  readonly manifestFile?: SourceFile
  readonly manifest?: Manifest.Manifest
  /** Absolute folders of the packages that lie within this one. Their bundles are theirs. */
  readonly nested: ReadonlyArray<string>
  /** Faults of the manifest and of bundles that are not text, with their places. */
  readonly issues: ReadonlyArray<Issue>
  readonly digest: string
}

export interface Options {
  /** Older spellings: `.plx` counts as a bundle. */
  readonly compat?: boolean
  readonly excludedDirs?: ReadonlySet<string>
  readonly maxFiles?: number
  readonly maxTotalBytes?: number
  /** A library folder may hold nothing; a target may not. */
  readonly mayBeEmpty?: boolean
}

export const manifestName = "METHODS.toml"
export const defaultExcludedDirs: ReadonlySet<string> = new Set([
  ".venv",
  "venv",
  "env",
  ".env",
  "virtualenv",
  ".virtualenv",
  ".git",
  "__pycache__",
  ".pytest_cache",
  ".mypy_cache",
  ".ruff_cache",
  "node_modules",
  "results"
])
export const defaultMaxFiles = 10_000
export const defaultMaxTotalBytes = 1_073_741_824

const byName = <A extends { readonly name: string }>(a: A, b: A): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

const isBundle = (name: string, compat: boolean): boolean =>
  name.endsWith(".mthds") || (compat && name.endsWith(".plx"))

interface Walked {
  /** Places below the root, with `/`, of bundles and the root's manifest. */
  readonly names: ReadonlyArray<string>
  readonly nested: ReadonlyArray<string>
}

/**
 * The bundles below a folder, without reading any. Dot folders and the excluded ones are left out, and no link is followed: what it
 * points to is in the tree already, or outside it. Below a manifest, a folder with a manifest of its own is another package.
 */
const walk = Effect.fnUntraced(function*(root: string, options: Options) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const excluded = options.excludedDirs ?? defaultExcludedDirs
  const most = options.maxFiles ?? defaultMaxFiles
  const isPackage = yield* fs.exists(path.join(root, manifestName))
  const names: Array<string> = isPackage ? [manifestName] : []
  const nested: Array<string> = []
  const open = [""]
  let seen = 0
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const entries = (yield* fs.readDirectoryEntries(path.join(root, folder))).toSorted(byName)
    seen += entries.length
    if (seen > most) {
      return yield* fail(
        new FileRefused({
          what: `folder "${root}"`,
          why: "too_large",
          explanation: `it holds more than ${most} files (max_files)`
        })
      )
    }
    if (isPackage && folder !== "" && entries.some(({ name }) => name === manifestName)) {
      nested.push(path.join(root, folder))
      continue
    }
    for (const { name, type } of entries) {
      const place = folder === "" ? name : `${folder}/${name}`
      if (type === "Directory" && !name.startsWith(".") && !excluded.has(name)) open.push(place)
      if (type === "File" && isBundle(name, options.compat === true)) names.push(place)
    }
  }
  const walked: Walked = { names, nested: nested.toSorted() }
  return walked
})

/** SHA-256 over the sorted names and bytes: the same for the same method wherever it lies. */
const digestOf = (files: ReadonlyArray<{ readonly name: string; readonly bytes: Uint8Array }>): string => {
  const hash = createHash("sha256")
  for (const { bytes, name } of files.toSorted(byName)) hash.update(`${name}\0${bytes.length}\0`).update(bytes)
  return `sha256:${hash.digest("hex")}`
}

const readAll = Effect.fnUntraced(
  function*(target: string, root: string, names: ReadonlyArray<string>, options: Options) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const most = options.maxTotalBytes ?? defaultMaxTotalBytes
    const sizes = yield* Effect.forEach(
      names,
      (name) => Effect.map(fs.stat(path.join(root, name)), ({ size }) => Number(size)),
      { concurrency: 8 }
    )
    if (
      sizes.reduce((sum, size) => sum + size, 0) > most
    ) return yield* Files.tooLarge(`"${target}"`, most)
    return yield* Effect.forEach(
      names,
      (name) => Effect.map(fs.readFile(path.join(root, name)), (bytes) => ({ name, bytes })),
      { concurrency: 8 }
    )
  }
)

const build = Effect.fnUntraced(
  function*(target: string, root: string, { names, nested }: Walked, isOneFile: boolean, options: Options) {
    const path = yield* Path.Path
    const read = yield* readAll(target, root, names, options)
    const issues: Array<Issue> = []
    const files = read.flatMap(({ bytes, name }): ReadonlyArray<SourceFile> => {
      const shown = isOneFile ? target : path.join(target, name)
      const text = Toml.decode(bytes, shown)
      if (Result.isFailure(text)) issues.push(text.failure)
      return Result.isFailure(text)
        ? []
        : [{
          path: shown,
          name,
          text: text.success,
          size: bytes.length,
          sha256: createHash("sha256").update(bytes).digest("hex")
        }]
    }).toSorted(byName)
    const manifestFile = files.find(({ name }) => name === manifestName)
    const parsed = manifestFile === undefined
      ? undefined
      : { file: manifestFile, ...Manifest.parse(manifestFile.text, manifestFile.path) }
    const tree: MethodTree = {
      root,
      isOneFile,
      bundles: files.filter((file) => file !== manifestFile),
      ...(manifestFile === undefined ? {} : { manifestFile }),
      ...(parsed?.manifest === undefined ? {} : { manifest: parsed.manifest }),
      nested,
      issues: [
        ...issues,
        ...(parsed === undefined || parsed.issues.length === 0
          ? []
          : yield* Toml.place(parsed.issues, new Map([[parsed.file.path, parsed.file.text]])))
      ],
      digest: digestOf(read)
    }
    return tree
  }
)

const notATarget = (target: string, options: Options): RequestInvalid =>
  new RequestInvalid({
    problem: target.endsWith(".plx") && options.compat !== true
      ? `"${target}" has the old extension .plx: rename it to .mthds, or ask for --compat`
      : `"${target}" is neither a .mthds file nor a folder that holds some`
  })

/** A file that cannot be read is a failure of the target. */
const named = (what: string) => <A, R>(effect: Effect.Effect<A, PipeFailure | PlatformError, R>) =>
  Effect.mapError(effect, (error) => error._tag === "PlatformError" ? Files.refused(what)(error) : error)

/** Reads a target: a bundle, or a folder with all its bundles. */
export const read = Effect.fn("MethodTree.read")(function*(target: string, options: Options = {}) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const absolute = path.resolve(target)
  const wrap = named(`"${target}"`)
  const { type } = yield* wrap(fs.stat(absolute))
  if (type === "File" && isBundle(absolute, options.compat === true)) {
    const walked = { names: [path.basename(absolute)], nested: [] }
    return yield* wrap(build(target, path.dirname(absolute), walked, true, options))
  }
  if (type !== "Directory") return yield* fail(notATarget(target, options))
  const walked = yield* wrap(walk(absolute, options))
  if (options.mayBeEmpty !== true && walked.names.every((name) => name === manifestName)) {
    return yield* fail(notATarget(target, options))
  }
  return yield* wrap(build(target, absolute, walked, false, options))
})

/** The document `method_tree.json`. */
export const toJson = (tree: MethodTree, entry: string | null) => ({
  digest: tree.digest,
  root: tree.root,
  is_one_file: tree.isOneFile,
  entry,
  files: [...tree.bundles, ...(tree.manifestFile === undefined ? [] : [tree.manifestFile])].toSorted(byName)
    .map(({ name, sha256, size }) => ({ path: name, sha256, size }))
})

/** The text of every file by the name issues call it, for `Toml.place`. */
export const sources = (tree: MethodTree): ReadonlyMap<string, string> =>
  new Map(
    [...tree.bundles, ...(tree.manifestFile === undefined ? [] : [tree.manifestFile])].map((
      { path, text }
    ) => [path, text])
  )
