/**
 * How a batch is spread over workflows. A list that is too long for one workflow's history is cut into shards, each a workflow of its own
 * for a range of it; a list too long for one workflow of shards, into shards of shards.
 */
export interface Range {
  readonly from: number
  readonly to: number
}

export interface Spread {
  readonly ranges: ReadonlyArray<Range>
  /**
   * In how many rows the ranges are gone through at once, and how many items at once in each of them: together never more than the batch
   * may. The shard of `index` is of row `index % lanes`.
   */
  readonly lanes: number
  readonly share: number
  /** Whether each range is small enough for one workflow. */
  readonly isLast: boolean
}

/** The most that one workflow has pending, below what servers take. */
const mostPending = 500
/** Items at once that one shard is given before a second one begins beside it. */
const fullShare = 50
/** Shards of one workflow: about as many events as it may have before it should begin a new history. */
const mostShards = 500

/** Items at once, where the run says that there is no limit. */
export const bound = (concurrency: number | "unbounded"): number =>
  concurrency === "unbounded" ? mostPending : Math.min(concurrency, mostPending)

export const over = (length: number, concurrency: number, shardSize: number): Spread => {
  let width = shardSize
  while (Math.ceil(length / width) > mostShards) width *= mostShards
  const count = Math.ceil(length / width)
  const lanes = Math.min(count, Math.ceil(concurrency / fullShare))
  return {
    ranges: Array.from({ length: count }, (_, index) => ({
      from: index * width,
      to: Math.min(length, (index + 1) * width)
    })),
    lanes,
    share: Math.floor(concurrency / lanes),
    isLast: width === shardSize
  }
}
