import type { JsonObject } from "../concept/Json.ts"
import * as PipePath from "../program/PipePath.ts"
import { duration } from "./Amounts.ts"
import { iso, type TimedEvent } from "./RunRecord.ts"

/** The pipes of a run as they were called, with the state of each: what there is to see of one that goes on, or is over. */
export interface Node {
  readonly code: string
  readonly type: string
  readonly path: string
  readonly state: "running" | "done" | "skipped" | "failed"
  readonly startedAt: number
  readonly endedAt?: number
  readonly items?: { readonly done: number; readonly of: number }
  readonly children: ReadonlyArray<Node>
}

type Growing = { -readonly [Key in keyof Node]: Node[Key] } & { children: Array<Growing> }

/** Pipes in the order they were started, each under the one that called it. */
export const of = (events: ReadonlyArray<TimedEvent>): ReadonlyArray<Node> => {
  const roots: Array<Growing> = []
  const known = new Map<string, Growing>()
  for (const { at, event } of events) {
    if (typeof event.path === "string") continue
    const key = PipePath.show(event.path)
    if (event._tag === "PipeStarted") {
      const { code, parent } = event.path
      const node: Growing = { code, type: event.type, path: key, state: "running", startedAt: at, children: [] }
      known.set(key, node)
      const above = parent === undefined ? undefined : known.get(PipePath.show(parent))
      ;(above?.children ?? roots).push(node)
      continue
    }
    const node = known.get(key)
    if (node === undefined) continue
    if (event._tag === "BatchStarted") node.items = { done: 0, of: event.items }
    else if (event._tag === "ItemFinished") node.items = { done: (node.items?.done ?? 0) + 1, of: event.items }
    else {
      node.endedAt = at
      node.state = event._tag === "PipeFailed"
        ? "failed"
        : event._tag === "PipeFinished" && event.skipped
        ? "skipped"
        : "done"
    }
  }
  return roots
}

const line = ({ code, endedAt, items, startedAt, state, type }: Node, depth: number, now: number): string => {
  const count = items === undefined ? "" : ` ${items.done}/${items.of}`
  return `${"   ".repeat(depth)}${depth === 0 ? "" : "↳ "}${type}: ${code}${count} ${state} · ${
    duration((endedAt ?? now) - startedAt)
  }`
}

/** A line per pipe, indented under its caller. */
export const lines = (nodes: ReadonlyArray<Node>, now: number, depth = 0): ReadonlyArray<string> =>
  nodes.flatMap((node) => [line(node, depth, now), ...lines(node.children, now, depth + 1)])

export const toJson = (nodes: ReadonlyArray<Node>): ReadonlyArray<JsonObject> =>
  nodes.map(({ children, code, endedAt, items, path, startedAt, state, type }) => ({
    pipe: code,
    type,
    path,
    state,
    started_at: iso(startedAt),
    ...(endedAt === undefined ? {} : { ended_at: iso(endedAt) }),
    ...(items === undefined ? {} : { items_done: items.done, items: items.of }),
    ...(children.length === 0 ? {} : { pipes: toJson(children) })
  }))
