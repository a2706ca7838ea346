import * as SearchAttributes from "../../program/SearchAttributes.ts"

/** What things are called on a Temporal server. These names are in histories: they never change. */
export const workflows = {
  /** A run: the entry pipe, and whatever is done once for the whole run. */
  run: "wf_pipe_run",
  /** A pipe that another pipe calls. */
  pipe: "wf_pipe_router",
  /** Some of the items of a batch. */
  shard: "wf_pipe_shard"
} as const

/** Queries that every workflow of ours answers. */
export const queries = { status: "status" } as const

export const signals = {
  /** An item of the batch has failed: its shards begin no more items. Told to their parent, which tells the others. */
  stop: "stop",
  /** A shard may have so many more items at once, which another one has no items for any more. */
  slots: "slots"
} as const

/** What workflows ask of their own worker: how the workflow of that id ended, in an earlier attempt of the same run. */
export const earlierResult = "act_earlier_result"

/** The attributes that workflows may carry. */
export const attributes = SearchAttributes.names

export type AttributeName = SearchAttributes.Name

/** Version of the form of the payloads. A worker refuses one it does not know. */
export const payloadVersion = 1
