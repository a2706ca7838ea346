import { duration } from "./Amounts.ts"
import { cut } from "./Columns.ts"
import type { RunningLeaf, RunningPipe, State } from "./Progress.ts"

/** What a terminal shows while a run goes on: a line per running pipe, under the pipe that called it. */
export interface Options {
  readonly now: number
  readonly width: number
  /** Most lines to draw. */
  readonly height: number
}

/** Coarser than a duration in a log: it is drawn again and again. */
const elapsed = (millis: number): string =>
  millis < 60_000 ? `${Math.floor(Math.max(0, millis) / 1000)} s` : duration(millis)

const retry = ({ retry: again }: RunningLeaf, now: number): string => {
  if (again === undefined) return ""
  const wait = again.until - now
  return ` retry ${again.attempt}/${again.of}${wait > 0 ? ` in ${Math.ceil(wait / 1000)} s` : ""} (${again.why})`
}

const line = (pipe: RunningPipe, leaves: ReadonlyArray<RunningLeaf>, { now, width }: Options): string => {
  const items = pipe.items === undefined ? "" : ` ${pipe.items.done}/${pipe.items.of}`
  const working = leaves.map((leaf) => `${leaf.model === undefined ? "" : ` ${leaf.model}`}${retry(leaf, now)}`)
  const about = `${items} ${elapsed(now - pipe.startedAt)}${working.length === 0 ? "" : ` ·${working.join(" ·")}`}`
  // the facts on the right matter more than a long title
  const title = `${pipe.depth <= 1 ? "" : `${"   ".repeat(Math.min(pipe.depth - 1, 8))}↳ `}${pipe.title}`
  return cut(`${cut(title, Math.max(width - about.length, Math.floor(width / 2)))}${about}`, width)
}

const grouped = <A>(all: Iterable<A>, keyOf: (value: A) => string): ReadonlyMap<string, ReadonlyArray<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const value of all) {
    const group = groups.get(keyOf(value))
    if (group === undefined) groups.set(keyOf(value), [value])
    else group.push(value)
  }
  return groups
}

/** Callers before what they called; a pipe whose caller is not known stands at the root. */
const inOrder = (state: State): ReadonlyArray<RunningPipe> => {
  const children = grouped(
    state.pipes.values(),
    ({ parent }) => parent !== undefined && state.pipes.has(parent) ? parent : ""
  )
  const found: Array<RunningPipe> = []
  const waiting = Array.from(children.get("") ?? []).toReversed()
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    found.push(next)
    waiting.push(...(children.get(next.key) ?? []).toReversed())
  }
  return found
}

/** At most `height` lines of at most `width` columns; the last one counts the pipes for which there was no room. */
export const draw = (state: State, options: Options): ReadonlyArray<string> => {
  const pipes = inOrder(state)
  const leaves = grouped(state.leaves.values(), ({ key }) => key.slice(0, key.lastIndexOf("#")))
  const height = Math.max(1, options.height)
  const shown = pipes.length <= height ? pipes : pipes.slice(0, height - 1)
  return shown
    .map((pipe) => line(pipe, leaves.get(pipe.key) ?? [], options))
    .concat(
      shown.length === pipes.length ? [] : [cut(`… and ${pipes.length - shown.length} more running`, options.width)]
    )
}
