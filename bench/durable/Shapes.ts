import type { PeerName } from "./Peers.ts"

/** What is measured: so many items in a shape, and who does it. Ratios are to `than`. */
export interface Shape {
  readonly id: string
  readonly what: string
  readonly items: number
  readonly kind: "one" | "batch"
  /** Runs, or items of a batch, at a time. */
  readonly width: number
  /** Leaves are one request to a provider on this machine, or are answered inside of the worker. */
  readonly leaves: "http" | "instant"
  readonly peers: ReadonlyArray<PeerName>
}

const runs = { kind: "one", items: 150 } as const
const perRun = ["ours", "raw", "raw-defaults"] as const
const perChild = ["ours-item", "raw-child", "raw-child-defaults"] as const
const perShard = ["ours-shard", "ours-shard-500", "raw-activity", "raw-activity-defaults", "raw-child"] as const
const width = 32

const batch = (atOnce: number, items: number): Shape => ({
  id: `c-${atOnce}`,
  what: `a batch of ${items} items, ${atOnce} at a time, in as few workflows as can be`,
  kind: "batch",
  items,
  width: atOnce,
  leaves: "http",
  peers: perShard
})

export const shapes: ReadonlyArray<Shape> = [
  { id: "a-1", what: "runs of one leaf, one after another", ...runs, width: 1, leaves: "http", peers: perRun },
  { id: "a-8", what: "runs of one leaf, 8 at a time", ...runs, width: 8, leaves: "http", peers: perRun },
  { id: "a-8i", what: "the same, instant leaves", ...runs, width: 8, leaves: "instant", peers: ["ours", "raw"] },
  {
    id: "b",
    what: "a workflow for each of 200 items",
    kind: "batch",
    items: 200,
    width,
    leaves: "http",
    peers: perChild
  },
  {
    id: "b-i",
    what: "the same, instant leaves",
    kind: "batch",
    items: 200,
    width,
    leaves: "instant",
    peers: ["ours-item", "raw-child"]
  },
  // As many at a time as by default.
  batch(8, 500),
  batch(32, 2000),
  batch(50, 2000)
]
