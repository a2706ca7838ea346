/** The shapes as an engineer writes them who knows the SDK: async functions, nothing else. */
import { executeChild, proxyActivities } from "@temporalio/workflow"

interface Leaves {
  readonly leaf: (item: string) => Promise<string>
}

const { leaf } = proxyActivities<Leaves>({
  startToCloseTimeout: "30 minutes",
  heartbeatTimeout: "5 seconds",
  retry: { initialInterval: "3s", maximumInterval: "5m", maximumAttempts: 3 }
})

/** In order, so many at a time. */
const pooled = async (
  items: ReadonlyArray<string>,
  width: number,
  run: (item: string) => Promise<string>
): Promise<ReadonlyArray<string>> => {
  const results: Array<string> = []
  const left = items.entries()
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, async () => {
    // oxlint-disable-next-line eslint/no-await-in-loop -- as many loops as there may be items at a time
    for (const [index, item] of left) results[index] = await run(item)
  }))
  return results
}

// Workflow types are the names of these exports.

/** A run of one leaf. */
export const one = (item: string): Promise<string> => leaf(item)

/** An activity for each item, in one workflow. */
export const activityPerItem = (items: ReadonlyArray<string>, width: number): Promise<ReadonlyArray<string>> =>
  pooled(items, width, leaf)

/** A workflow for each item, with one activity in it. */
export const childPerItem = (items: ReadonlyArray<string>, width: number): Promise<ReadonlyArray<string>> =>
  pooled(items, width, (item) => executeChild<(item: string) => Promise<string>>("one", { args: [item] }))
