import type { JsonObject } from "../concept/Json.ts"
import * as ErrorReport from "../failure/ErrorReport.ts"
import { locate, type PipeFailure } from "../failure/PipeFailure.ts"
import * as PipePath from "../program/PipePath.ts"
import { count, plural } from "./Amounts.ts"
import { clip, wrap } from "./Columns.ts"
import * as FailureText from "./FailureText.ts"
import type { TimedEvent } from "./RunRecord.ts"
import * as Style from "./Style.ts"

/** An item of a batch that failed, in a run that went on without it. */
export interface FailedItem {
  /** Of the pipe that batches. */
  readonly path: PipePath.PipePath
  readonly index: number
  /** How many items that batch has. */
  readonly items: number
  readonly failure: PipeFailure
}

/** Positions from the entry to the item. */
const positions = ({ index, path }: FailedItem): ReadonlyArray<number> => {
  const found = [index]
  for (let at: PipePath.PipePath | undefined = path; at !== undefined; at = at.parent) found.unshift(at.index ?? 0)
  return found
}

const byPlace = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): number => {
  const at = one.findIndex((position, depth) => position !== other[depth])
  return at < 0 ? one.length - other.length : (one[at] ?? -1) - (other[at] ?? -1)
}

/** In the order of the method and of its lists: which of those that run at once fails first is chance. */
export const of = (events: Iterable<TimedEvent>): ReadonlyArray<FailedItem> =>
  Array.from(events)
    .flatMap(({ event }): ReadonlyArray<FailedItem> => {
      if (event._tag !== "ItemFinished" || event.failure === undefined) return []
      const { failure, index, items, path } = event
      return [{ path, index, items, failure: locate(failure, { item: index }) }]
    })
    .map((item) => ({ item, at: positions(item) }))
    .toSorted((one, other) => byPlace(one.at, other.at))
    .map(({ item }) => item)

/** For programs: `path` is that of the pipe that batches, and `index` counts from 0. */
export const toJson = (failed: ReadonlyArray<FailedItem>, runId: string): ReadonlyArray<JsonObject> =>
  failed.map(({ failure, index, items, path }) => ({
    path: PipePath.show(path),
    index,
    items,
    failure: ErrorReport.fromFailure(failure, { runId })
  }))

/** `2 of 6 items`; of several batches, `3 items of 2 batches`. */
export const amount = (failed: ReadonlyArray<FailedItem>): string => {
  const batches = new Map(failed.map(({ items, path }) => [PipePath.show(path), items]))
  const [items = 0] = batches.values()
  return batches.size === 1
    ? `${count(failed.length)} of ${plural(items, "item")}`
    : `${plural(failed.length, "item")} of ${plural(batches.size, "batch", "batches")}`
}

/** `2 of 6 items failed and were left out`. */
export const sentence = (failed: ReadonlyArray<FailedItem>): string =>
  `${amount(failed)} failed and ${failed.length === 1 ? "was" : "were"} left out`

/** Items of one batch that failed alike. */
interface Group {
  readonly path: PipePath.PipePath
  readonly failure: PipeFailure
  readonly headline: string
  readonly indexes: Array<number>
}

const grouped = (failed: ReadonlyArray<FailedItem>): ReadonlyArray<Group> => {
  const groups = new Map<string, Group>()
  for (const { failure, index, path } of failed) {
    const headline = FailureText.headline(failure)
    const key = JSON.stringify([PipePath.show(path), failure.code, headline])
    const group = groups.get(key) ?? { path, failure, headline, indexes: [] }
    group.indexes.push(index)
    groups.set(key, group)
  }
  return Array.from(groups.values())
}

/** Of the items of a group, so many runs of neighbours are told. */
const mostRanges = 12

/** `2, 5-7`, counted from 1. */
const ranges = (indexes: ReadonlyArray<number>): string => {
  const found: Array<[first: number, last: number]> = []
  for (const index of indexes) {
    const last = found.at(-1)
    if (last !== undefined && last[1] === index) last[1] = index + 1
    else found.push([index + 1, index + 1])
  }
  const told = found.slice(0, mostRanges).map(([first, last]) => first === last ? String(first) : `${first}-${last}`)
  const more = found.slice(mostRanges).reduce((sum, [first, last]) => sum + last - first + 1, 0)
  return `${told.join(", ")}${more === 0 ? "" : ` and ${count(more)} more`}`
}

const codesOf = (path: PipePath.PipePath): string => PipePath.codes(path).join(" > ")

const numbered = ({ code, index, parent }: PipePath.PipePath): string =>
  parent === undefined ? code : `${numbered(parent)} > ${code} (${(index ?? 0) + 1})`

/** The codes from the entry to the batch, with positions where several batches have the same codes. */
const placesOf = (groups: ReadonlyArray<Group>) => {
  const batches = new Map(groups.map(({ path }) => [PipePath.show(path), path]))
  return new Set(Array.from(batches.values(), codesOf)).size === batches.size ? codesOf : numbered
}

export interface Options {
  readonly width?: number
  readonly style?: Style.Style
  /** Where all of them are written down. */
  readonly rest?: string | undefined
}

/** Of so many groups of items that failed alike, each is told. */
const most = 20

/** How many items failed, and each with its place and why; those that failed alike are told together. Nothing when none failed. */
export const lines = (failed: ReadonlyArray<FailedItem>, options: Options = {}): ReadonlyArray<string> => {
  if (failed.length === 0) return []
  const columns = options.width ?? 80
  const style = options.style ?? Style.plain
  const groups = grouped(failed)
  const place = placesOf(groups)
  const indented = (text: string, margin: number, atMost: number): ReadonlyArray<string> => {
    const room = Math.max(20, columns - margin)
    return clip(wrap(text, room), atMost, room).map((line) => " ".repeat(margin) + line)
  }
  const about = ({ failure, headline, indexes, path }: Group): ReadonlyArray<string> => {
    const which = `${indexes.length === 1 ? "item" : "items"} ${ranges(indexes)}`
    return indented(`${place(path)}, ${which}: ${failure.code}`, 2, 4).concat(indented(headline, 4, 2).map(style.faint))
  }
  const told = groups.slice(0, most).flatMap(about)
  const more = groups.slice(most).reduce((sum, { indexes }) => sum + indexes.length, 0)
  const rest = options.rest === undefined ? "" : `: see ${options.rest}`
  return [
    ...wrap(`${sentence(failed)}:`, columns).map(style.bad),
    ...told,
    ...(more === 0 ? [] : indented(`and ${count(more)} more${rest}`, 2, 4))
  ]
}
