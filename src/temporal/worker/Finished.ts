import type { LogEntry } from "@temporalio/worker"
import * as Names from "../wire/Names.ts"

/** What the SDK says, and says to nobody else than its log, when a workflow has come to its end on this worker. */
const ends: ReadonlySet<string> = new Set(["Workflow completed", "Workflow completed as cancelled", "Workflow failed"])

/** Whether the line is about the end of a run: not of a pipe that another pipe called, and not of one that is replayed. */
export const isRun = ({ message, meta = {} }: Pick<LogEntry, "message" | "meta">): boolean =>
  meta["sdkComponent"] === "worker" && meta["workflowType"] === Names.workflows.run && ends.has(message)

/** Calls back once, when so many runs have ended. */
export const after = (
  most: number,
  reached: () => void
): (entry: Pick<LogEntry, "message" | "meta">) => void => {
  let count = 0
  return (entry) => {
    if (!isRun(entry)) return
    count += 1
    if (count === most) reached()
  }
}
