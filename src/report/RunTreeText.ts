import { count, dollars, duration, plural } from "./Amounts.ts"
import { wrap } from "./Columns.ts"
import * as LeafText from "./LeafText.ts"
import { type Call, calls as callsOf, type Node } from "./RunTree.ts"
import * as Style from "./Style.ts"

/** The tree of a run as lines for people. What is too long goes on in the next line, so that nothing of it is lost. */
export interface Options {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly width?: number
  readonly style?: Style.Style
  /** Whether the calls of each pipe are told too. */
  readonly calls?: boolean
  /** Of the pipes below one pipe, how many are told before the others are counted only. Default: all. */
  readonly most?: number
}

const margin = 3
const arrow = "↳ "
/** However deep a tree is, there is room for what it says. */
const deepest = 8

/** A pipe, and which item of a batch it is for. */
const pipeText = (node: Node, isItem: boolean, now: number): string => {
  const { code, endedAt, failure, index = 0, items, startedAt, state, type } = node
  return [
    `${type}: ${code}${isItem ? ` (item ${index + 1})` : ""} ${state}`,
    ...(items === undefined ? [] : [`${count(items.done)} of ${count(items.of)}`]),
    ...(items?.failed === undefined ? [] : [`${count(items.failed)} failed`]),
    duration((endedAt ?? now) - startedAt),
    ...(failure === undefined ? [] : [failure])
  ].join(" · ")
}

const retryText = ({ retry }: Call, now: number): ReadonlyArray<string> => {
  if (retry === undefined) return []
  const wait = retry.until - now
  return [`retry ${retry.attempt} of ${retry.of}${wait > 0 ? ` in ${duration(wait)}` : ""} (${retry.why})`]
}

const callText = (call: Call, now: number): string => {
  const { attempts, cost, endedAt, failure, leaf, model, startedAt, state, usage } = call
  const facts = usage === undefined || (state !== "done" && Object.keys(usage.units).length === 0)
    ? LeafText.name({ leaf, model })
    : LeafText.facts({ leaf, model, usage }, cost)
  return [
    facts,
    ...(state === "done" ? [] : [state]),
    duration((endedAt ?? now) - startedAt),
    ...retryText(call, now),
    ...(attempts === undefined || attempts < 2 ? [] : [plural(attempts, "attempt")]),
    ...(failure === undefined ? [] : [failure])
  ].join(" · ")
}

const hung = (text: string, depth: number, mark: string, width: number): ReadonlyArray<string> => {
  const indent = " ".repeat(margin * Math.min(depth, deepest))
  const room = Math.max(20, width - indent.length - mark.length)
  return wrap(text, room).map((line, at) => `${indent}${at === 0 ? mark : " ".repeat(mark.length)}${line}`)
}

/** What asks for attention is told before what is done. */
const isQuiet = ({ state }: Node): boolean => state === "done" || state === "skipped"

const chosen = (children: ReadonlyArray<Node>, most: number): ReadonlySet<Node> => {
  const loud = children.filter((child) => !isQuiet(child))
  return new Set([...loud, ...children.filter(isQuiet)].slice(0, most))
}

const counted = (nodes: ReadonlyArray<Node>): string => {
  const counts = new Map<string, number>()
  for (const { state } of nodes) counts.set(state, (counts.get(state) ?? 0) + 1)
  return `… and ${count(nodes.length)} more: ${
    Array.from(counts, ([state, amount]) => `${count(amount)} ${state}`).join(", ")
  }`
}

const callLines = (call: Call, depth: number, { now, style, width }: Required<Options>): ReadonlyArray<string> =>
  hung(callText(call, now), depth, "", width).map(call.state === "failed" ? style.bad : style.faint)

const nodeLines = (node: Node, depth: number, isItem: boolean, options: Required<Options>): ReadonlyArray<string> => {
  const { calls, now, style, width } = options
  const styled = node.state === "failed" ? style.bad : node.state === "running" ? style.strong : Style.plain.strong
  const own = hung(pipeText(node, isItem, now), depth, depth === 0 ? "" : arrow, width).map(styled)
  return own.concat(
    calls ? node.calls.flatMap((call) => callLines(call, depth + 1, options)) : [],
    below(node.children, depth + 1, node.items !== undefined, options)
  )
}

const below = (
  nodes: ReadonlyArray<Node>,
  depth: number,
  areItems: boolean,
  options: Required<Options>
): ReadonlyArray<string> => {
  const { most, style, width } = options
  const shown = nodes.length <= most ? new Set(nodes) : chosen(nodes, most)
  const lines = nodes.flatMap((node) => shown.has(node) ? nodeLines(node, depth, areItems, options) : [])
  if (shown.size === nodes.length) return lines
  const rest = hung(counted(nodes.filter((node) => !shown.has(node))), depth, arrow, width)
  return lines.concat(rest.map(style.faint))
}

/** A line per pipe, indented under its caller, and one per call below its pipe. */
export const lines = (nodes: ReadonlyArray<Node>, options: Options): ReadonlyArray<string> =>
  below(nodes, 0, false, { width: 80, style: Style.plain, calls: false, most: Infinity, ...options })

const sum = (amounts: ReadonlyArray<number | undefined>): number =>
  amounts.reduce<number>((all, amount) => all + (amount ?? 0), 0)

/** What the whole run has consumed by now, in a line; nothing when no model was asked. */
export const total = (nodes: ReadonlyArray<Node>): ReadonlyArray<string> => {
  const asked = callsOf(nodes).filter(({ model, usage }) => model !== undefined && usage !== undefined)
  if (asked.length === 0) return []
  const real = asked.filter(({ usage }) => usage?.simulated !== true)
  const known = real.filter(({ cost }) => cost !== undefined)
  const of = (category: string): number => sum(asked.map(({ usage }) => usage?.units[category]))
  const cost = known.length === 0 ? "cost unknown" : dollars(sum(known.map((each) => each.cost)))
  return [
    [
      `${plural(asked.length, "call")} of models`,
      plural(sum(asked.map(({ usage }) => usage?.requests)), "request"),
      ...(of("input") + of("output") === 0 ? [] : [`${count(of("input"))} → ${count(of("output"))} tokens`]),
      real.length === 0 ? "simulated" : known.length === real.length || known.length === 0 ? cost : `at least ${cost}`
    ].join(" · ")
  ]
}
