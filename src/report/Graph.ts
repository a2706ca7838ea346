import * as ErrorReport from "../failure/ErrorReport.ts"
import { isController } from "../program/Controllers.ts"
import * as PipePath from "../program/PipePath.ts"
import type { StuffMark } from "../program/RunEvents.ts"
import * as CostTable from "./CostTable.ts"
import * as LeafUsage from "./LeafUsage.ts"
import { iso, type TimedEvent } from "./RunRecord.ts"
import * as RunTree from "./RunTree.ts"
import * as UsageRecords from "./UsageRecords.ts"

/** A run as a graph, for `graphspec.json`: what ran under what, and which value went from where to where. Holds no content. */
export interface Io {
  readonly name: string
  readonly concept: string
  readonly plural: boolean
  /** Code of the stuff: the same value has the same code wherever it goes. */
  readonly stuff_code: string
}

export interface Node {
  readonly id: string
  readonly path: string
  readonly kind: "controller" | "operator"
  readonly pipe_code: string
  readonly pipe_type: string
  readonly description: string
  readonly domain_code: string
  readonly status: "succeeded" | "failed" | "skipped" | "canceled"
  readonly skip_reason?: string
  /** Times are ISO 8601; the duration is in seconds. */
  readonly timing: { readonly started_at: string; readonly ended_at?: string; readonly duration?: number }
  /** Of a batch. */
  readonly items?: { readonly done: number; readonly of: number; readonly failed?: number }
  readonly io: { readonly inputs: ReadonlyArray<Io>; readonly outputs: ReadonlyArray<Io> }
  readonly error?: ErrorReport.ErrorReport
  readonly usage?: ReturnType<typeof UsageRecords.make>
}

export interface Edge {
  readonly id: string
  readonly source: string
  readonly target: string
  readonly kind: "contains" | "data" | "selected_outcome"
  readonly optional: boolean
  readonly label?: string
}

export interface PipeEntry {
  readonly type: string
  readonly description: string
  readonly domain_code: string
  readonly output: string
}

export interface GraphSpec {
  readonly graph_id: string
  readonly created_at: string
  readonly pipeline_ref: string
  readonly nodes: ReadonlyArray<Node>
  readonly edges: ReadonlyArray<Edge>
  readonly usage: ReturnType<typeof CostTable.toJson>
  readonly meta: Readonly<Record<string, unknown>>
  readonly pipe_registry: Readonly<Record<string, unknown>>
  readonly concept_registry: Readonly<Record<string, unknown>>
}

/** A node while its events are read. */
interface Draft {
  readonly id: string
  readonly parent: string | undefined
  readonly started: {
    readonly at: number
    readonly event: Extract<TimedEvent["event"], { readonly _tag: "PipeStarted" }>
  }
  end?: {
    readonly at: number
    readonly event: Extract<TimedEvent["event"], { readonly _tag: "PipeFinished" | "PipeFailed" }>
  }
  items?: NonNullable<Node["items"]>
}

const toIo = ({ code, concept, name, plural }: StuffMark): Io => ({ name, concept, plural, stuff_code: code })

const status = ({ end }: Draft): Node["status"] =>
  end === undefined
    ? "canceled"
    : end.event._tag === "PipeFailed"
    ? end.event.failure.reason._tag === "RunCancelled" ? "canceled" : "failed"
    : end.event.skipped
    ? "skipped"
    : "succeeded"

const toNode = (draft: Draft, records: ReturnType<typeof UsageRecords.make>): Node => {
  const { end, id, items, started: { at, event } } = draft
  const output = end?.event._tag === "PipeFinished" ? end.event.output : undefined
  return {
    id,
    path: id,
    kind: isController(event.type) ? "controller" : "operator",
    pipe_code: event.pipe,
    pipe_type: event.type,
    description: event.description,
    domain_code: event.domain,
    status: status(draft),
    ...(status(draft) === "skipped" ? { skip_reason: "an input that it needs is absent" } : {}),
    timing: {
      started_at: iso(at),
      ...(end === undefined ? {} : { ended_at: iso(end.at), duration: Math.max(0, end.at - at) / 1000 })
    },
    ...(items === undefined ? {} : { items }),
    io: { inputs: event.inputs.map(toIo), outputs: output === undefined ? [] : [toIo(output)] },
    ...(end?.event._tag === "PipeFailed" ? { error: ErrorReport.fromFailure(end.event.failure) } : {}),
    ...(records.length === 0 ? {} : { usage: records })
  }
}

interface Link extends Omit<Edge, "id" | "optional"> {}

const contains = (drafts: Iterable<Draft>, byId: ReadonlyMap<string, Draft>): ReadonlyArray<Link> =>
  Array.from(drafts).flatMap(({ id, parent }) => {
    const caller = parent === undefined ? undefined : byId.get(parent)
    if (caller === undefined) return []
    const inside: Link = { source: caller.id, target: id, kind: "contains" }
    return caller.started.event.type === "PipeCondition"
      ? [inside, {
        source: caller.id,
        target: id,
        kind: "selected_outcome",
        label: byId.get(id)?.started.event.pipe ?? id
      }]
      : [inside]
  })

const isUnder = (id: string, ancestor: string): boolean => id.startsWith(`${ancestor}/`)

/**
 * From the pipe that made a value to the innermost pipes that read it. What a controller merely hands in or out is its inner pipes'
 * doing: the first to finish with a value made it, and a controller reads what none of its inner pipes does.
 */
const data = (drafts: ReadonlyArray<Draft>): ReadonlyArray<Link> => {
  const makers = new Map<string, string>()
  const finished = drafts.flatMap((draft) => draft.end === undefined ? [] : [{ draft, end: draft.end }])
  for (
    const { draft, end } of finished.toSorted((a, b) => a.end.at - b.end.at || b.draft.id.length - a.draft.id.length)
  ) {
    if (end.event._tag !== "PipeFinished" || end.event.output === undefined) continue
    const isGiven = draft.started.event.inputs.some(({ code }) =>
      code === (end.event._tag === "PipeFinished" ? end.event.output?.code : "")
    )
    if (!isGiven && !makers.has(end.event.output.code)) makers.set(end.event.output.code, draft.id)
  }
  const reads = drafts.flatMap(({ id, started }) => started.event.inputs.map(({ code, name }) => ({ id, code, name })))
  const readers = new Map<string, Array<string>>()
  for (const { code, id } of reads) {
    const known = readers.get(code)
    if (known === undefined) readers.set(code, [id])
    else known.push(id)
  }
  return reads.flatMap(({ code, id, name }): ReadonlyArray<Link> => {
    const source = makers.get(code)
    if (source === undefined || source === id || isUnder(id, source) || isUnder(source, id)) return []
    const isHandedOn = (readers.get(code) ?? []).some((other) => isUnder(other, id))
    return isHandedOn ? [] : [{ source, target: id, kind: "data", label: name }]
  })
}

export interface Options {
  readonly runId: string
  /** `domain.code` of the entry pipe. */
  readonly ref: string
  readonly prices?: LeafUsage.Prices
  readonly meta?: Readonly<Record<string, unknown>>
  /** What the library knows of the pipes and concepts; else what the events tell. */
  readonly pipes?: Readonly<Record<string, unknown>>
  readonly concepts?: Readonly<Record<string, unknown>>
}

const registry = (drafts: ReadonlyArray<Draft>): Readonly<Record<string, PipeEntry>> =>
  Object.fromEntries(
    drafts.map(({ started: { event } }) => [`${event.domain}.${event.pipe}`, {
      type: event.type,
      description: event.description,
      domain_code: event.domain,
      output: event.output
    }])
  )

const conceptsOf = (drafts: ReadonlyArray<Draft>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Array.from(
      new Set(
        drafts.flatMap(({ end, started }) =>
          [
            ...started.event.inputs,
            ...(end?.event._tag === "PipeFinished" && end.event.output !== undefined ? [end.event.output] : [])
          ]
            .map(({ concept }) => concept)
        )
      )
    ).toSorted().map((ref) => [ref, { concept_ref: ref }])
  )

const draftsOf = (events: ReadonlyArray<TimedEvent>): ReadonlyMap<string, Draft> => {
  const drafts = new Map<string, Draft>()
  for (const { at, event } of events) {
    if (event._tag === "PipeStarted") {
      // the nearest caller that is known: a trace may begin in the middle
      let caller = event.path.parent
      while (caller !== undefined && !drafts.has(PipePath.show(caller))) caller = caller.parent
      const id = PipePath.show(event.path)
      drafts.set(id, { id, parent: caller === undefined ? undefined : PipePath.show(caller), started: { at, event } })
    } else if (event._tag === "PipeFinished" || event._tag === "PipeFailed") {
      const draft = drafts.get(PipePath.show(event.path))
      if (draft !== undefined) draft.end = { at, event }
    } else if (event._tag === "BatchStarted" || event._tag === "ItemFinished") {
      const draft = drafts.get(PipePath.show(event.path))
      if (draft !== undefined) draft.items = RunTree.counted(draft.items, event)
    }
  }
  return drafts
}

export const make = (events: ReadonlyArray<TimedEvent>, options: Options): GraphSpec => {
  const byId = draftsOf(events)
  const drafts = Array.from(byId.values())
  const priceOf = options.prices ?? (() => undefined)
  const leaves = LeafUsage.ofEvents(events)
  const records = new Map<string, Array<LeafUsage.LeafUsage>>()
  for (const leaf of leaves) {
    const owner = leaf.path.slice(0, leaf.path.lastIndexOf("#"))
    const known = records.get(owner)
    if (known === undefined) records.set(owner, [leaf])
    else known.push(leaf)
  }
  const simulated = leaves.some(({ usage }) => usage.simulated === true)
  return {
    graph_id: options.runId,
    created_at: iso(events[0]?.at ?? 0),
    pipeline_ref: options.ref,
    nodes: drafts.map((draft) => toNode(draft, UsageRecords.make(records.get(draft.id) ?? [], priceOf))),
    edges: [...contains(drafts, byId), ...data(drafts)].map((link, index) =>
      Object.assign({ id: `edge_${index}`, optional: false }, link)
    ),
    usage: CostTable.toJson(CostTable.rows(leaves, priceOf)),
    meta: { ...options.meta, ...(simulated ? { simulated } : {}) },
    pipe_registry: options.pipes ?? registry(drafts),
    concept_registry: options.concepts ?? conceptsOf(drafts)
  }
}
