import * as Result from "effect/Result"
import { split } from "../concept/Reference.ts"
import { PipeAmbiguous, PipeNotFound, RequestInvalid } from "../failure/Reason.ts"
import { closest } from "../failure/Suggest.ts"
import type { MethodTree } from "./MethodTree.ts"

/** What entry selection has to know of a bundle. */
export interface BundleHead {
  /** `SourceFile.path`. */
  readonly file: string
  readonly domain: string
  readonly mainPipe?: string
  readonly pipes: ReadonlyArray<string>
}

export type EntryFault = RequestInvalid | PipeNotFound | PipeAmbiguous
type Entry = Result.Result<string, EntryFault>

const invalid = (problem: string): Entry => Result.fail(new RequestInvalid({ problem }))
const distinct = (refs: ReadonlyArray<string>): ReadonlyArray<string> => Array.from(new Set(refs)).toSorted()
const listed = (refs: ReadonlyArray<string>): string => refs.map((ref) => `"${ref}"`).join(", ")

/** Looks an entry reference up: qualified as it stands, bare in every domain. */
export const find = (heads: ReadonlyArray<BundleHead>, ref: string): Entry => {
  const all = distinct(heads.flatMap(({ domain, pipes }) => pipes.map((code) => `${domain}.${code}`)))
  const { code, domain } = split(ref)
  const [match, ...others] = domain === undefined
    ? all.filter((each) => split(each).code === code)
    : all.filter((each) => each === ref)
  if (match === undefined) {
    const near = closest(ref, domain === undefined ? all.map((each) => split(each).code) : all)
    const sameCode = domain === undefined ? [] : all.filter((each) => split(each).code === code)
    return Result.fail(new PipeNotFound({ ref, suggestions: distinct([...sameCode, ...near]) }))
  }
  return others.length === 0
    ? Result.succeed(match)
    : Result.fail(new PipeAmbiguous({ ref, candidates: [match, ...others] }))
}

const ofManifest = (tree: MethodTree, heads: ReadonlyArray<BundleHead>, compat: boolean): Entry => {
  const main = tree.manifest?.mainPipe
  if (main === undefined) return invalid(`METHODS.toml names no main_pipe; add one, or say which pipe with --pipe`)
  const defining = heads.filter(({ pipes }) => pipes.includes(main))
  const isExported = ({ domain, mainPipe }: BundleHead) =>
    mainPipe === main ||
    (Object.hasOwn(tree.manifest?.exports ?? {}, domain) && tree.manifest?.exports[domain]?.includes(main) === true)
  const exporting = defining.filter(isExported)
  const refs = distinct(
    (exporting.length === 0 && compat ? defining : exporting).map(({ domain }) => `${domain}.${main}`)
  )
  const [ref, ...others] = refs
  if (ref !== undefined) {
    return others.length === 0
      ? Result.succeed(ref)
      : Result.fail(new PipeAmbiguous({ ref: main, candidates: refs }))
  }
  return defining.length === 0
    ? Result.fail(new PipeNotFound({ ref: main, suggestions: closest(main, heads.flatMap(({ pipes }) => pipes)) }))
    : invalid(
      `METHODS.toml names main_pipe "${main}", which no domain exports; add it under [exports.${
        defining[0]?.domain ?? "<domain>"
      }]`
    )
}

/** Where a run of the target starts, as `domain.code`: the pipe asked for, else the file's, the manifest's or the only main pipe. */
export const choose = (
  tree: MethodTree,
  heads: ReadonlyArray<BundleHead>,
  options: { readonly pipe?: string; readonly compat?: boolean } = {}
): Entry => {
  if (options.pipe !== undefined) return find(heads, options.pipe)
  if (tree.manifestFile !== undefined) return ofManifest(tree, heads, options.compat === true)
  const mains = distinct(
    heads.flatMap(({ domain, mainPipe }) => mainPipe === undefined ? [] : [`${domain}.${mainPipe}`])
  )
  const [main, ...others] = mains
  if (main !== undefined && others.length === 0) return Result.succeed(main)
  if (main !== undefined) return invalid(`several bundles name a main_pipe: ${listed(mains)}; say which with --pipe`)
  const pipes = distinct(heads.flatMap(({ domain, pipes: codes }) => codes.map((code) => `${domain}.${code}`)))
  const some = pipes.length === 0 ? "" : `, one of ${listed(pipes.slice(0, 10))}`
  return invalid(
    `${
      tree.isOneFile ? "the bundle names no" : "no bundle of the folder names a"
    } main_pipe; add one, or say which pipe with --pipe${some}`
  )
}
