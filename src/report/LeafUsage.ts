import type { Usage } from "../failure/Usage.ts"
import type { LeafName } from "../program/Leaves.ts"
import type { Model } from "../program/Models.ts"
import type { TimedEvent } from "./RunRecord.ts"

/** One leaf of a run with what it consumed. */
export interface LeafUsage {
  readonly path: string
  readonly pipe: string
  readonly leaf: LeafName
  /** Handle. */
  readonly model: string | undefined
  readonly failed?: true
  readonly usage: Usage
  /** Milliseconds since the epoch. */
  readonly endedAt: number
}

/** USD per million units by category. `undefined`: nobody knows; an empty table: the model costs nothing. */
export type Prices = (model: string, backend: string | undefined) => Readonly<Record<string, number>> | undefined

export const prices = (models: ReadonlyArray<Model>): Prices => {
  const table = new Map(models.map(({ backend, costs, handle }) => [`${backend}/${handle}`, costs]))
  const first = new Map(models.toReversed().map(({ costs, handle }) => [handle, costs]))
  return (model, backend) =>
    table.get(`${backend ?? ""}/${model}`) ?? (backend === undefined ? first.get(model) : undefined)
}

const usageOf = ({ event }: TimedEvent): Usage | undefined =>
  event._tag === "LeafFinished" ? event.usage : event._tag === "LeafFailed" ? event.failure.usage : undefined

/** Every leaf that consumed something, the failed ones too: they have been paid for. */
export const ofEvents = (events: Iterable<TimedEvent>): ReadonlyArray<LeafUsage> =>
  Array.from(events).flatMap((timed) => {
    const { at, event } = timed
    const usage = usageOf(timed)
    return usage !== undefined && (event._tag === "LeafFinished" || event._tag === "LeafFailed")
      ? [{
        path: event.path,
        pipe: event.pipe,
        leaf: event.leaf,
        model: usage.model ?? event.model,
        ...(event._tag === "LeafFailed" ? { failed: true as const } : {}),
        usage,
        endedAt: at
      }]
      : []
  })

/** Parts of `input` or `output` that are counted beside them, and never added. */
const isPart = (category: string): boolean => /^(input|output)_/.test(category)

/** What is priced by the piece: pages, images, searches. */
export const pieces = (units: Usage["units"]): ReadonlyArray<readonly [category: string, amount: number]> =>
  Object.entries(units).filter(([category, amount]) =>
    amount !== 0 && category !== "input" && category !== "output" && !isPart(category)
  )

/** In millionths of a dollar, like a token's. A piece counts as a million units, so that its price reads "per piece". */
const pieceCost = (costs: Readonly<Record<string, number>>, category: string, amount: number): number | undefined => {
  const price = costs[category] ?? costs[category === "images" ? "output" : "input"]
  return price === undefined ? undefined : price * amount * 1e6
}

const tokenCost = (price: number | undefined, amount: number): number | undefined =>
  amount === 0 ? 0 : price === undefined ? undefined : price * amount

/** USD, or undefined when a price that is needed is not known. Never zero for want of a price. */
export const cost = (usage: Usage, priceOf: Prices, handle: string | undefined = usage.model): number | undefined => {
  if (usage.simulated === true) return 0
  if (handle === undefined) return undefined
  const costs = priceOf(handle, usage.backend)
  if (costs === undefined) return undefined
  if (Object.keys(costs).length === 0) return 0
  const { input = 0, input_cache_write: written = 0, input_cached: cached = 0, output = 0 } = usage.units
  const cachedPrice = costs["input_cached"] ?? (costs["input"] === undefined ? undefined : costs["input"] / 2)
  const parts = [
    tokenCost(costs["input"], Math.max(0, input - cached - written)),
    tokenCost(cachedPrice, cached),
    tokenCost(costs["input_cache_write"] ?? costs["input"], written),
    tokenCost(costs["output"], output),
    ...pieces(usage.units).map(([category, amount]) => pieceCost(costs, category, amount))
  ]
  const millionths = parts.reduce(
    (sum: number | undefined, part) => sum === undefined || part === undefined ? undefined : sum + part,
    0
  )
  return millionths === undefined ? undefined : millionths / 1e6
}

/** A server that counts nothing leaves the cost of its answers unknown, unless they are free. Nothing came of what was refused. */
export const costOf = (
  { failed, model, usage }: Pick<LeafUsage, "failed" | "model" | "usage">,
  priceOf: Prices
): number | undefined => {
  const isUncounted = failed !== true && usage.requests > 0 && Object.keys(usage.units).length === 0
  if (!isUncounted) return cost(usage, priceOf, model)
  return cost({ ...usage, units: { input: 1, output: 1 } }, priceOf, model) === 0 ? 0 : undefined
}

/** Which family of models answers a leaf; undefined for leaves that ask none. */
export const family = (leaf: LeafName): string | undefined => {
  if (leaf.startsWith("act_llm")) return "llm"
  if (leaf.startsWith("act_img")) return "img_gen"
  if (leaf.startsWith("act_extract")) return "text_extractor"
  return leaf.startsWith("act_search") ? "search" : undefined
}

/** Whether the leaf asked a model, so that it has a price, known or not. */
export const asked = ({ leaf, model }: LeafUsage): boolean => model !== undefined && family(leaf) !== undefined
