import type { JsonObject } from "../concept/Json.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import type { Usage } from "../failure/Usage.ts"
import type { LeafName } from "../program/Leaves.ts"
import * as PipePath from "../program/PipePath.ts"
import type { RunEvent } from "../program/RunEvents.ts"
import * as LeafUsage from "./LeafUsage.ts"
import { iso, type TimedEvent } from "./RunRecord.ts"

/**
 * The pipes of a run as they were called, each with what it asked of models, and how each stands: what there is to see of a run that goes
 * on, or is over, wherever it ran.
 */
export interface Node {
  readonly code: string
  readonly type: string
  readonly path: string
  /** Which step, branch or item of its caller it is; undefined for the entry. */
  readonly index: number | undefined
  /** `stopped`: what was going on when the run was cancelled or ended from outside. */
  readonly state: "running" | "done" | "skipped" | "failed" | "stopped"
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly endedAt?: number
  /** Of a batch: how many items are over, and how many of them failed and were left out. */
  readonly items?: { readonly done: number; readonly of: number; readonly failed?: number }
  /** Its code. */
  readonly failure?: string
  readonly calls: ReadonlyArray<Call>
  readonly children: ReadonlyArray<Node>
}

/** A leaf of a pipe: a call of a model, an extraction, a function. */
export interface Call {
  readonly path: string
  readonly leaf: LeafName
  /** Handle. */
  readonly model: string | undefined
  readonly state: "running" | "done" | "failed" | "stopped"
  readonly startedAt: number
  readonly endedAt?: number
  readonly usage?: Usage
  /** USD; undefined when nobody knows. */
  readonly cost?: number
  /** Its code. */
  readonly failure?: string
  /** Attempts that a server counted, of a call that failed. */
  readonly attempts?: number
  /** The latest repetition of its request. */
  readonly retry?: { readonly attempt: number; readonly of: number; readonly why: string; readonly until: number }
}

type Writable<A> = { -readonly [Key in keyof A]: A[Key] }
type Growing = Writable<Omit<Node, "calls" | "children">> & {
  readonly calls: Array<Writable<Call>>
  children: Array<Growing>
}

export interface Options {
  readonly prices?: LeafUsage.Prices
  /** When the run ended, if it has: what had not ended by then has been stopped. */
  readonly endedAt?: number
}

type Of<Tag extends RunEvent["_tag"]> = Extract<RunEvent, { readonly _tag: Tag }>

const isStopped = ({ reason }: PipeFailure): boolean => reason._tag === "RunCancelled"

/** A leaf's path is that of its pipe with `#` and its ordinal. */
const owner = (path: string): string => path.slice(0, path.lastIndexOf("#"))

const callEnd = (
  call: Writable<Call>,
  event: Of<"LeafFinished" | "LeafFailed">,
  at: number,
  prices: LeafUsage.Prices
): void => {
  const failure = event._tag === "LeafFailed" ? event.failure : undefined
  const usage = event._tag === "LeafFinished" ? event.usage : event.failure.usage
  call.endedAt = at
  call.state = failure === undefined ? "done" : isStopped(failure) ? "stopped" : "failed"
  delete call.retry
  // In a run that was resumed, it may have failed before.
  delete call.failure
  delete call.attempts
  if (failure !== undefined) call.failure = failure.code
  if (failure?.attempts?.activity !== undefined) call.attempts = failure.attempts.activity
  if (usage === undefined) return
  call.usage = usage
  call.model = usage.model ?? call.model
  const { model } = call
  const isFailed = failure === undefined ? {} : { failed: true as const }
  const cost = model === undefined ? undefined : LeafUsage.costOf({ model, usage, ...isFailed }, prices)
  if (cost !== undefined) call.cost = cost
}

const pipeEnd = (node: Growing, event: Of<"PipeFinished" | "PipeFailed">, at: number): void => {
  node.endedAt = at
  if (event._tag === "PipeFinished") {
    node.state = event.skipped ? "skipped" : "done"
    delete node.failure
    return
  }
  node.state = isStopped(event.failure) ? "stopped" : "failed"
  node.failure = event.failure.code
}

/** What has not ended ends with the run. */
const stop = (node: Growing, endedAt: number): void => {
  for (const each of [node, ...node.calls]) {
    if (each.state !== "running") continue
    each.state = "stopped"
    each.endedAt = endedAt
  }
  for (const child of node.children) stop(child, endedAt)
}

/** The nearest caller that is known: what is heard of a run may begin in its middle. */
const above = (known: ReadonlyMap<string, Growing>, path: PipePath.PipePath): Growing | undefined => {
  for (let at = path.parent; at !== undefined; at = at.parent) {
    const node = known.get(PipePath.show(at))
    if (node !== undefined) return node
  }
  return undefined
}

/** How far a batch is, after an event of it. */
export const counted = (
  before: Node["items"],
  event: Of<"BatchStarted" | "ItemFinished">
): NonNullable<Node["items"]> => {
  if (event._tag === "BatchStarted") return { done: 0, of: event.items }
  const failed = (before?.failed ?? 0) + (event.failure === undefined ? 0 : 1)
  return { done: (before?.done ?? 0) + 1, of: event.items, ...(failed === 0 ? {} : { failed }) }
}

/** As the method has them: which of those that run at once is heard of first is chance. */
export const inOrder = <A extends Pick<Node, "index">>(nodes: ReadonlyArray<A>): Array<A> =>
  nodes.toSorted((one, other) => (one.index ?? 0) - (other.index ?? 0))

/** The pipes of a run, each under the one that called it. */
export const of = (
  events: ReadonlyArray<TimedEvent>,
  { endedAt, prices = () => undefined }: Options = {}
): ReadonlyArray<Node> => {
  const roots: Array<Growing> = []
  const known = new Map<string, Growing>()
  const calls = new Map<string, Writable<Call>>()
  const begun = ({ leaf, model, path }: Of<"LeafStarted" | "LeafFinished" | "LeafFailed">, startedAt: number) => {
    const call: Writable<Call> = { path, leaf, model, state: "running", startedAt }
    calls.set(path, call)
    known.get(owner(path))?.calls.push(call)
    return call
  }
  for (const { at, event } of events) {
    switch (event._tag) {
      case "PipeStarted": {
        const path = PipePath.show(event.path)
        const { pipe: code, type } = event
        const { index } = event.path
        const node: Growing = { code, type, path, index, state: "running", startedAt: at, calls: [], children: [] }
        ;(above(known, event.path)?.children ?? roots).push(node)
        known.set(path, node)
        break
      }
      case "LeafStarted":
        begun(event, at)
        break
      case "LeafFinished":
      case "LeafFailed":
        callEnd(calls.get(event.path) ?? begun(event, at), event, at, prices)
        break
      case "Retry": {
        const { attempt, delaySeconds, of: most, path, why } = event
        const call = calls.get(path)
        if (call?.state === "running") call.retry = { attempt, of: most, why, until: at + delaySeconds * 1000 }
        break
      }
      default: {
        const node = known.get(PipePath.show(event.path))
        if (node === undefined) break
        if (event._tag === "BatchStarted" || event._tag === "ItemFinished") node.items = counted(node.items, event)
        else pipeEnd(node, event, at)
      }
    }
  }
  for (const node of known.values()) node.children = inOrder(node.children)
  if (endedAt !== undefined) { for (const root of roots) stop(root, endedAt) }
  return roots
}

/** Every call of the run, in the order of its pipes. */
export const calls = (nodes: ReadonlyArray<Node>): ReadonlyArray<Call> =>
  nodes.flatMap(({ calls: own, children }) => [...own, ...calls(children)])

const callJson = (call: Call): JsonObject => ({
  call: call.leaf,
  path: call.path,
  model: call.model ?? null,
  state: call.state,
  started_at: iso(call.startedAt),
  ...(call.endedAt === undefined ? {} : { ended_at: iso(call.endedAt) }),
  ...(call.usage === undefined ? {} : {
    backend: call.usage.backend ?? null,
    requests: call.usage.requests,
    ...(call.usage.reasks === 0 ? {} : { reasks: call.usage.reasks }),
    units: call.usage.units,
    ...(call.usage.simulated === true ? { simulated: true } : {}),
    ...(call.model === undefined ? {} : { cost: call.cost ?? null })
  }),
  ...(call.attempts === undefined ? {} : { activity_attempts: call.attempts }),
  ...(call.failure === undefined ? {} : { error: call.failure })
})

export const toJson = (nodes: ReadonlyArray<Node>): ReadonlyArray<JsonObject> =>
  nodes.map((node) => ({
    pipe: node.code,
    type: node.type,
    path: node.path,
    ...(node.index === undefined ? {} : { index: node.index }),
    state: node.state,
    started_at: iso(node.startedAt),
    ...(node.endedAt === undefined ? {} : { ended_at: iso(node.endedAt) }),
    ...(node.items === undefined ? {} : { items_done: node.items.done, items: node.items.of }),
    ...(node.items?.failed === undefined ? {} : { items_failed: node.items.failed }),
    ...(node.failure === undefined ? {} : { error: node.failure }),
    ...(node.calls.length === 0 ? {} : { calls: node.calls.map(callJson) }),
    ...(node.children.length === 0 ? {} : { pipes: toJson(node.children) })
  }))
