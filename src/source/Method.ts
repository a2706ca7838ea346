import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Bundle from "../bundle/Bundle.ts"
import type { Issue } from "../failure/Issue.ts"
import * as Library from "../library/Library.ts"
import type { Unit } from "../library/Sources.ts"
import type { ModelTable } from "../program/Models.ts"
import * as Entry from "./Entry.ts"
import * as MethodTree from "./MethodTree.ts"
import * as Packages from "./Packages.ts"
import * as Toml from "./Toml.ts"

/** A method read from files: a bundle or a folder of them, with the packages it names, checked into a library. */
export interface Options {
  readonly models: ModelTable
  /** Accept older spellings, with a warning each. */
  readonly compat: boolean
  readonly functions?: ReadonlySet<string>
  /** More folders of bundles and packages, such as those of `-L`. */
  readonly libraryDirs?: ReadonlyArray<string>
  readonly home?: string
  readonly excludedDirs?: ReadonlySet<string>
  /** The pipe to start at; else the file's, the manifest's or the only main pipe. */
  readonly pipe?: string
}

export interface Method {
  readonly tree: MethodTree.MethodTree
  /** Absent when there are issues. */
  readonly library: Library.Library | undefined
  /** Every fault found, with file, line and column, in the order of the files. */
  readonly issues: ReadonlyArray<Issue>
  readonly warnings: ReadonlyArray<Issue>
  /** The ref of the entry pipe, or why there is none. */
  readonly entry: Result.Result<string, Entry.EntryFault>
  readonly bundles: ReadonlyArray<Bundle.Bundle>
}

interface Read {
  readonly bundles: ReadonlyArray<Bundle.Bundle>
  readonly issues: ReadonlyArray<Issue>
}

const readBundles = (files: ReadonlyArray<MethodTree.SourceFile>, compat: boolean): Read => {
  const issues: Array<Issue> = []
  const bundles: Array<Bundle.Bundle> = []
  for (const { path, text } of files) {
    const parsed = Toml.parse(text, path)
    if (Result.isFailure(parsed)) {
      issues.push(parsed.failure)
      continue
    }
    const decoded = Bundle.decode(parsed.success, { file: path, compat })
    issues.push(...decoded.issues.map((issue) => ({ file: path, ...issue })))
    if (decoded.bundle !== undefined) bundles.push(decoded.bundle)
  }
  return { bundles, issues }
}

const exportsOf = ({ manifest }: MethodTree.MethodTree): Pick<Unit, "exports"> =>
  manifest === undefined
    ? {}
    : { exports: new Map(Object.entries(manifest.exports).map(([domain, pipes]) => [domain, new Set(pipes)])) }

/** What the refs of a package start with. */
const packageName = ({ manifest, root }: MethodTree.MethodTree): string =>
  manifest === undefined ? root : `${manifest.address}/${manifest.name}`

const linksOf = (
  links: Readonly<Record<string, string>>,
  packages: ReadonlyMap<string, Packages.Located>
): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(links).flatMap(([key, folder]) => {
      const located = packages.get(folder)
      return located === undefined ? [] : [[key, packageName(located.tree)] as const]
    })
  )

const head = ({ broken, domain, file, mainPipe, pipes }: Bundle.Bundle): Entry.BundleHead => ({
  file,
  domain,
  pipes: [...pipes.keys(), ...Array.from(broken).filter((code) => /^[a-z]/.test(code))],
  ...(mainPipe === undefined ? {} : { mainPipe })
})

const asWarning = (issue: Issue): Issue => ({ warning: issue.warning ?? "package", ...issue })

/** Reads a bundle file or a folder. Only what cannot be read at all is a failure; whatever is wrong inside is in `issues`. */
export const load = Effect.fn("Method.load")(function*(target: string, options: Options) {
  const { compat, functions, libraryDirs = [], models } = options
  const reading: MethodTree.Options = {
    compat,
    ...(options.excludedDirs === undefined ? {} : { excludedDirs: options.excludedDirs })
  }
  const tree = yield* MethodTree.read(target, reading)
  const extra = yield* Effect.forEach(
    libraryDirs,
    (folder) => MethodTree.read(folder, { ...reading, mayBeEmpty: true })
  )
  const closure = yield* Packages.find(tree, {
    ...reading,
    roots: libraryDirs,
    ...(options.home === undefined ? {} : { home: options.home })
  })
  const own = readBundles([
    ...tree.bundles,
    ...extra.filter(({ manifest }) => manifest === undefined).flatMap(({ bundles }) => bundles)
  ], compat)
  const found: Array<Issue> = [...tree.issues, ...own.issues, ...closure.warnings.map(asWarning)]
  const packages = new Map<string, Unit>()
  for (const { links, tree: each } of closure.packages.values()) {
    const read = readBundles(each.bundles, true)
    found.push(...read.issues)
    packages.set(packageName(each), {
      package: packageName(each),
      bundles: read.bundles,
      links: linksOf(links, closure.packages),
      ...exportsOf(each)
    })
  }
  const made = Library.make(
    { own: { bundles: own.bundles, links: linksOf(closure.links, closure.packages), ...exportsOf(tree) }, packages },
    { models, compat, ...(functions === undefined ? {} : { functions }) },
    found
  )
  const sources = new Map(
    [tree, ...extra, ...Array.from(closure.packages.values(), (each) => each.tree)].flatMap((each) =>
      Array.from(MethodTree.sources(each))
    )
  )
  const method: Method = {
    tree,
    library: made.library,
    issues: made.issues.length === 0 ? [] : yield* Toml.place(made.issues, sources),
    warnings: made.warnings.length === 0 ? [] : yield* Toml.place(made.warnings, sources),
    entry: Entry.choose(tree, own.bundles.map(head), {
      compat,
      ...(options.pipe === undefined ? {} : { pipe: options.pipe })
    }),
    bundles: own.bundles
  }
  return method
})
