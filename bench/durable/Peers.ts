import * as Ours from "./Ours.ts"
import * as Raw from "./Raw.ts"
import type { Shape } from "./Shapes.ts"
import type { Started } from "./WorkerProcess.ts"

/** Who does a shape: this runtime, and the SDK alone, made in the same way or left at its own defaults. */
export type PeerName =
  | "ours"
  | "ours-item"
  | "ours-shard"
  | "ours-shard-500"
  | "raw"
  | "raw-child"
  | "raw-activity"
  | "raw-defaults"
  | "raw-child-defaults"
  | "raw-activity-defaults"

/** A client of a worker that runs. */
export interface Running {
  readonly one: (item: string) => Promise<void>
  /** The number of results. */
  readonly batch: (id: string, items: ReadonlyArray<string>) => Promise<number>
  readonly close: () => Promise<void>
}

export interface Setting {
  readonly address: string
  readonly base: string
  /** Files with the raw workflows: built as ours are, and as the SDK does by itself. */
  readonly bundles: Readonly<Record<"ours" | "defaults", string>>
}

interface Peer {
  readonly worker: Started
  readonly connect: () => Promise<Running>
}

const ours =
  (batch: Pick<Ours.Asked, "granularity" | "shardSize">) =>
  ({ address, base }: Setting, shape: Shape, queue: string): Peer => {
    const asked: Ours.Asked = {
      ...batch,
      address,
      queue,
      base: shape.leaves === "http" ? base : undefined,
      width: shape.width
    }
    const folder = Ours.write(asked)
    return { worker: Ours.worker(folder), connect: () => Promise.resolve(Ours.connect(folder, asked)) }
  }

const raw =
  (batch: Raw.Asked["batch"], options: Raw.Asked["options"]) =>
  ({ address, base, bundles }: Setting, shape: Shape, queue: string): Peer => {
    const asked: Raw.Asked = {
      address,
      queue,
      base: shape.leaves === "http" ? base : undefined,
      width: shape.width,
      batch,
      code: bundles[options],
      options
    }
    return { worker: Raw.worker(asked), connect: () => Raw.connect(asked) }
  }

/** By name, how to start one. */
export const peers: Readonly<Record<PeerName, (setting: Setting, shape: Shape, queue: string) => Peer>> = {
  ours: ours({ granularity: "item" }),
  "ours-item": ours({ granularity: "item" }),
  "ours-shard": ours({ granularity: "shard" }),
  "ours-shard-500": ours({ granularity: "shard", shardSize: 500 }),
  raw: raw("childPerItem", "ours"),
  "raw-child": raw("childPerItem", "ours"),
  "raw-activity": raw("activityPerItem", "ours"),
  "raw-defaults": raw("childPerItem", "defaults"),
  "raw-child-defaults": raw("childPerItem", "defaults"),
  "raw-activity-defaults": raw("activityPerItem", "defaults")
}
