/** The SDK alone: a worker of `RawWorkflows`, and their starts from here. */
import { Client, Connection } from "@temporalio/client"
import { bundleWorkflowCode, DefaultLogger } from "@temporalio/worker"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"
import type { Running } from "./Peers.ts"
import type { Started } from "./WorkerProcess.ts"

export interface Asked {
  readonly address: string
  readonly queue: string
  /** Of the provider; without one, the leaf answers at once. */
  readonly base: string | undefined
  readonly width: number
  /** The workflow of a batch. */
  readonly batch: "activityPerItem" | "childPerItem"
  /** File of the workflows' code. */
  readonly code: string
  readonly options: "ours" | "defaults"
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** The workflows' code: minified, as whoever measures what it costs would have it, or as the SDK's bundler makes it by itself. */
export const bundle = async (isMinified: boolean): Promise<string> => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path("RawWorkflows.ts"),
    logger: new DefaultLogger("WARN"),
    ...(isMinified
      ? { webpackConfigHook: (config) => ({ ...config, mode: "production", devtool: "inline-nosources-source-map" }) }
      : {})
  })
  return code
}

export const worker = ({ address, base, code, options, queue }: Asked): Started => ({
  args: [path("RawWorker.ts"), address, queue, code, options, ...(base === undefined ? [] : [base])],
  cwd: tmpdir(),
  env: {}
})

export const connect = async ({ address, batch, queue: taskQueue, width }: Asked): Promise<Running> => {
  const connection = await Connection.connect({ address })
  const { workflow } = new Client({ connection })
  return {
    one: async (item) => {
      await workflow.execute("one", { taskQueue, workflowId: globalThis.crypto.randomUUID(), args: [item] })
    },
    batch: async (workflowId, items) => {
      const results: unknown = await workflow.execute(batch, { taskQueue, workflowId, args: [items, width] })
      return Array.isArray(results) ? results.length : 0
    },
    close: () => connection.close()
  }
}
