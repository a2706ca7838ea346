import { Client } from "@temporalio/client"
import type { DataConverter } from "@temporalio/common"
import type { NativeConnection } from "@temporalio/worker"
import { earlierResult } from "../wire/Names.ts"

/** Where a worker's workflows are. */
export interface Place {
  readonly connection: NativeConnection
  readonly namespace: string
  readonly dataConverter: DataConverter
}

const isUnknown = (error: unknown): boolean => error instanceof Error && error.name === "WorkflowNotFoundError"

/**
 * What a run that is resumed asks of its worker: what the workflow of that id answered in an earlier attempt, or null when it has not come
 * to a good end there. Local to the worker, so that workers without leaves answer it too.
 */
export const make = ({ connection, dataConverter, namespace }: Place) => {
  const { workflow } = new Client({ connection, namespace, dataConverter })
  return {
    [earlierResult]: async (workflowId: string): Promise<unknown> => {
      const handle = workflow.getHandle(workflowId)
      try {
        const { runId, status } = await handle.describe()
        return status.name === "COMPLETED" ? await workflow.getHandle(workflowId, runId).result() : null
      } catch (error) {
        if (isUnknown(error)) return null
        throw error
      }
    }
  }
}
