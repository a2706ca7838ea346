import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import { type Json, own } from "../concept/Json.ts"
import type { Issue } from "../failure/Issue.ts"
import * as Manifest from "./Manifest.ts"
import * as MethodTree from "./MethodTree.ts"
import * as Toml from "./Toml.ts"

/**
 * The packages that a method names, found on this machine: by address in vendored, given and installed folders, or by an alias of its
 * manifest's `[dependencies]`. Nothing is fetched. Packages of packages are found the same way, each name read where it is written.
 */
export interface Options extends MethodTree.Options {
  /** Folders that hold packages, such as those of `-L`. */
  readonly roots?: ReadonlyArray<string>
  /** The user's home, whose `.mthds/methods` holds what is installed. */
  readonly home?: string
}

export interface Located {
  readonly tree: MethodTree.MethodTree
  /** What stands before `->` in this package's bundles → the folder of the package meant. */
  readonly links: Readonly<Record<string, string>>
}

export interface Missing {
  /** What stands before `->`. */
  readonly key: string
  /** The folder of the package that names it. */
  readonly from: string
}

export interface Closure {
  readonly links: Readonly<Record<string, string>>
  /** Folder → package. The method itself is not among them, unless a package names it. */
  readonly packages: ReadonlyMap<string, Located>
  readonly missing: ReadonlyArray<Missing>
  readonly warnings: ReadonlyArray<Issue>
}

const crossPackage = /^([^\s>]+)->[A-Za-z][\w.]*(?:\[\d*\])?[?!]?$/
const deepestListing = 3

/** What stands before `->` anywhere in a bundle, each once. */
export const keysOf = (bundle: Json): ReadonlyArray<string> => {
  const keys = new Set<string>()
  const visit = (value: Json): void => {
    if (typeof value === "string") {
      const [, key] = crossPackage.exec(value) ?? []
      if (key !== undefined) keys.add(key)
    } else if (typeof value === "object" && value !== null) {
      for (const inner of Object.values(value)) visit(inner)
    }
  }
  visit(bundle)
  return Array.from(keys)
}

/** `github.com/owner/repository/name@tag`, taken apart. */
export const address = (key: string): { readonly address: string; readonly tag?: string } => {
  const at = key.lastIndexOf("@")
  return at <= 0 ? { address: key } : { address: key.slice(0, at), tag: key.slice(at + 1) }
}

interface Candidate {
  readonly folder: string
  readonly manifest: Manifest.Manifest | undefined
}

/** The packages at or below a folder, nearest first; nothing when it is not there. */
const candidatesIn = Effect.fnUntraced(function*(root: string, excluded: ReadonlySet<string>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const found: Array<Candidate> = []
  const open: Array<readonly [folder: string, depth: number]> = [[root, 0]]
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const [folder, depth] = next
    const entries = yield* Effect.orElseSucceed(fs.readDirectoryEntries(folder), () => [])
    if (entries.some(({ name, type }) => name === MethodTree.manifestName && type === "File")) {
      const file = path.join(folder, MethodTree.manifestName)
      const text = yield* Effect.orElseSucceed(fs.readFileString(file), () => "")
      found.push({ folder, manifest: Manifest.parse(text, file).manifest })
    }
    if (depth === deepestListing) continue
    const folders = entries.filter(({ name, type }) =>
      type === "Directory" && !name.startsWith(".") && !excluded.has(name)
    )
    open.push(
      ...folders.map(({ name }) => name).toSorted().map((name) => [path.join(folder, name), depth + 1] as const)
    )
  }
  return found
})

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** The package of an address: by address and name, by the address alone when one package has it, or by its folder when its manifest is broken. */
const match = (
  candidates: ReadonlyArray<Candidate>,
  wanted: string,
  basename: (path: string) => string
): Candidate | undefined => {
  const exact = candidates.find(({ manifest }) =>
    manifest !== undefined && same(`${manifest.address}/${manifest.name}`, wanted)
  )
  if (exact !== undefined) return exact
  const byAddress = candidates.filter(({ manifest }) => manifest !== undefined && same(manifest.address, wanted))
  if (byAddress.length === 1) return byAddress[0]
  return candidates.find(({ folder, manifest }) => manifest === undefined && same(basename(folder), basename(wanted)))
}

const ancestors = (path: Path.Path, folder: string): ReadonlyArray<string> => {
  const parent = path.dirname(folder)
  return parent === folder ? [folder] : [folder, ...ancestors(path, parent)]
}

const keysOfTree = (tree: MethodTree.MethodTree): ReadonlyArray<string> =>
  Array.from(
    new Set(tree.bundles.flatMap(({ path, text }) => {
      const parsed = Toml.parse(text, path)
      return Result.isSuccess(parsed) ? keysOf(parsed.success) : []
    }))
  )

const tagWarning = (key: string, manifest: Manifest.Manifest | undefined): ReadonlyArray<Issue> => {
  const { tag } = address(key)
  if (tag === undefined || manifest === undefined || tag.replace(/^v/, "") === manifest.version) return []
  return [{
    code: "method.dependency_missing",
    warning: "package_version",
    path: [],
    message: `"${key}" asks for ${tag}; the copy found is version ${manifest.version}`,
    names: [key]
  }]
}

/** Finds every package that a method names, and those that these name in turn. */
export const find = Effect.fn("Packages.find")(function*(method: MethodTree.MethodTree, options: Options = {}) {
  const path = yield* Path.Path
  const excluded = options.excludedDirs ?? MethodTree.defaultExcludedDirs
  const listings = new Map<string, ReadonlyArray<Candidate>>()
  const list = Effect.fnUntraced(function*(folder: string) {
    const known = listings.get(folder) ?? (yield* candidatesIn(folder, excluded))
    listings.set(folder, known)
    return known
  })
  const shared = [
    ...method.nested,
    ...(options.roots ?? []).map((root) => path.resolve(root)),
    ...(options.home === undefined ? [] : [path.join(options.home, ".mthds", "methods")])
  ]

  const byAddress = Effect.fnUntraced(function*(from: string, wanted: string) {
    const vendored = ancestors(path, from).map((folder) => path.join(folder, ".mthds", "methods"))
    for (const folder of [...vendored, ...shared]) {
      const found = match(yield* list(folder), wanted, path.basename)
      if (found !== undefined) return found.folder
    }
    return undefined
  })

  const folderOf = Effect.fnUntraced(function*({ manifest, root }: MethodTree.MethodTree, key: string) {
    if (key.includes("/")) return yield* byAddress(root, address(key).address)
    const dependency = own(manifest?.dependencies ?? {}, key)
    if (dependency === undefined) return undefined
    if (dependency.path === undefined) return yield* byAddress(root, dependency.address)
    const folder = path.resolve(root, dependency.path)
    return (yield* list(folder))[0]?.folder === folder ? folder : undefined
  })

  const packages = new Map<string, Located>()
  const missing: Array<Missing> = []
  const warnings: Array<Issue> = []
  const open: Array<MethodTree.MethodTree> = []

  const link = Effect.fnUntraced(function*(tree: MethodTree.MethodTree) {
    const links: Array<readonly [string, string]> = []
    for (const key of keysOfTree(tree)) {
      const folder = yield* folderOf(tree, key)
      if (folder === undefined) {
        missing.push({ key, from: tree.root })
        continue
      }
      links.push([key, folder])
      if (!packages.has(folder)) {
        const found = yield* MethodTree.read(folder, { ...options, mayBeEmpty: true })
        packages.set(folder, { tree: found, links: {} })
        open.push(found)
      }
      warnings.push(...tagWarning(key, packages.get(folder)?.tree.manifest))
    }
    return Object.fromEntries(links)
  })

  const links = yield* link(method)
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    packages.set(next.root, { tree: next, links: yield* link(next) })
  }
  const closure: Closure = { links, packages, missing, warnings }
  return closure
})

/** What to tell the author of a name that leads to no package. */
export const hint = (key: string): string =>
  key.includes("/")
    ? `put the package into .mthds/methods/<name>/ beside the bundle or in your home, or name its folder with -L`
    : `add "${key}" with a path to [dependencies] of METHODS.toml`
