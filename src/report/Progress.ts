import type { LeafName } from "../program/Leaves.ts"
import * as PipePath from "../program/PipePath.ts"
import type { RunEvent } from "../program/RunEvents.ts"
import { duration } from "./Amounts.ts"
import { clean } from "./Columns.ts"
import * as LeafText from "./LeafText.ts"
import type { Prices } from "./LeafUsage.ts"

/**
 * What is going on in a run, folded from its events, and the lines that tell it. Pure: the clock's reading comes with each event, and
 * what is finished is forgotten, so that a run of any length holds only what is running.
 */
export interface RunningPipe {
  readonly key: string
  readonly parent: string | undefined
  readonly depth: number
  /** `PipeLLM: write_pitch → Pitch`. */
  readonly title: string
  readonly startedAt: number
  readonly items?: { readonly done: number; readonly of: number }
}

export interface RunningLeaf {
  readonly key: string
  readonly pipe: string
  readonly leaf: LeafName
  readonly model: string | undefined
  readonly startedAt: number
  readonly retry?: { readonly attempt: number; readonly of: number; readonly until: number; readonly why: string }
}

export interface State {
  readonly pipes: ReadonlyMap<string, RunningPipe>
  readonly leaves: ReadonlyMap<string, RunningLeaf>
}

export const empty: State = { pipes: new Map(), leaves: new Map() }

export interface Step {
  readonly state: State
  readonly lines: ReadonlyArray<string>
}

/** `lab.Review[]` → `Review[]`. */
const short = (concept: string): string => concept.slice(concept.lastIndexOf(".") + 1)

const margin = "   "
const indentation = (depth: number): string => depth <= 1 ? "" : `${margin.repeat(depth - 1)}↳ `

/** A leaf's path is that of its pipe with `#` and its ordinal. */
const owner = (leaf: string): string => leaf.slice(0, leaf.lastIndexOf("#"))
const leafMargin = (leaf: string): string => margin.repeat(owner(leaf).split("/").length)

const including = <A>(map: ReadonlyMap<string, A>, key: string, value: A): ReadonlyMap<string, A> =>
  new Map(map).set(key, value)
const without = <A>(map: ReadonlyMap<string, A>, key: string): ReadonlyMap<string, A> => {
  const copy = new Map(map)
  copy.delete(key)
  return copy
}

const since = (start: { readonly startedAt: number } | undefined, now: number, word: string): string =>
  start === undefined ? word : `${word} ${word === "failed" ? "after" : "in"} ${duration(now - start.startedAt)}`

type Of<Tag extends RunEvent["_tag"]> = Extract<RunEvent, { readonly _tag: Tag }>
type Handlers = {
  readonly [Tag in RunEvent["_tag"]]: (state: State, event: Of<Tag>, now: number, priceOf: Prices) => Step
}

const pipeEnd = (
  state: State,
  event: Of<"PipeFinished" | "PipeFailed">,
  told: (start: RunningPipe | undefined) => string
): Step => {
  const key = PipePath.show(event.path)
  return {
    state: { ...state, pipes: without(state.pipes, key) },
    lines: [`${indentation(event.path.depth)}${event.type}: ${event.pipe} ${told(state.pipes.get(key))}`]
  }
}

/** What had been answered when the leaf gave up has been paid for. */
const failedLeaf = ({ failure: { usage }, leaf, model }: Of<"LeafFailed">, priceOf: Prices): string =>
  usage === undefined || Object.keys(usage.units).length === 0
    ? model ?? leaf
    : `${LeafText.line({ leaf, model: usage.model ?? model, usage, failed: true }, priceOf)} ·`

const handlers: Handlers = {
  PipeStarted: (state, event, now) => {
    const key = PipePath.show(event.path)
    const title = `${event.type}: ${event.pipe} → ${short(event.output)}`
    const pipe: RunningPipe = {
      key,
      parent: event.path.parent === undefined ? undefined : PipePath.show(event.path.parent),
      depth: event.path.depth,
      title,
      startedAt: now
    }
    return { state: { ...state, pipes: including(state.pipes, key, pipe) }, lines: [indentation(pipe.depth) + title] }
  },
  PipeFinished: (state, event, now) =>
    pipeEnd(state, event, (start) => event.skipped ? "skipped" : since(start, now, "done")),
  PipeFailed: (state, event, now) =>
    pipeEnd(state, event, (start) => `${since(start, now, "failed")} error.type=${event.failure.reason._tag}`),
  LeafStarted: (state, { leaf, model, path, pipe }, now) => ({
    state: { ...state, leaves: including(state.leaves, path, { key: path, pipe, leaf, model, startedAt: now }) },
    lines: []
  }),
  LeafFinished: (state, event, now, priceOf) => ({
    state: { ...state, leaves: without(state.leaves, event.path) },
    lines: [
      leafMargin(event.path) +
      `${LeafText.line({ ...event, model: event.usage.model ?? event.model }, priceOf)} · ` +
      since(state.leaves.get(event.path) ?? { startedAt: now - event.usage.seconds * 1000 }, now, "done")
    ]
  }),
  LeafFailed: (state, event, now, priceOf) => ({
    state: { ...state, leaves: without(state.leaves, event.path) },
    lines: [
      `${leafMargin(event.path)}${failedLeaf(event, priceOf)} ${
        since(state.leaves.get(event.path), now, "failed")
      } error.type=${event.failure.reason._tag}`
    ]
  }),
  Retry: (state, { attempt, delaySeconds, of, path, why }, now) => {
    const leaf = state.leaves.get(path)
    const retry = { attempt, of, until: now + delaySeconds * 1000, why }
    return {
      state: leaf === undefined ? state : { ...state, leaves: including(state.leaves, path, { ...leaf, retry }) },
      lines: [
        `${leafMargin(path)}${leaf?.model ?? leaf?.pipe ?? path}: retry ${attempt}/${of} in ${
          duration(delaySeconds * 1000)
        } (${clean(why)})`
      ]
    }
  },
  BatchStarted: (state, { items, path }) => {
    const key = PipePath.show(path)
    const pipe = state.pipes.get(key)
    const begun = { done: 0, of: items }
    return {
      state: pipe === undefined ? state : { ...state, pipes: including(state.pipes, key, { ...pipe, items: begun }) },
      lines: [`${margin.repeat(path.depth)}${path.code}: ${items} ${items === 1 ? "item" : "items"}`]
    }
  },
  ItemFinished: (state, { items, path }) => {
    const key = PipePath.show(path)
    const pipe = state.pipes.get(key)
    if (pipe === undefined) return { state, lines: [] }
    const done = (pipe.items?.done ?? 0) + 1
    return {
      state: { ...state, pipes: including(state.pipes, key, { ...pipe, items: { done, of: items } }) },
      lines: [`${margin.repeat(path.depth)}${path.code}: item ${done}/${items}`]
    }
  }
}

const apply = <Tag extends RunEvent["_tag"]>(
  tag: Tag,
  state: State,
  event: Of<Tag>,
  now: number,
  priceOf: Prices
): Step => handlers[tag](state, event, now, priceOf)

/** The state after an event that happened at `now` (milliseconds), and what there is to say about it. */
export const step = (state: State, event: RunEvent, now: number, priceOf: Prices = () => undefined): Step =>
  apply(event._tag, state, event, now, priceOf)
