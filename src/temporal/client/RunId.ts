import type { Locations } from "../../config/Locations.ts"

/** What workflow ids begin with, by run mode: runs of tests and of agents are told from others at a glance. */
const prefixes: Readonly<Record<string, string>> = {
  unit_test: "ut-",
  ci_test: "ci-",
  codex_cloud: "cc-",
  codex_cloud_test: "cct-"
}

/** The id of the workflow that is a run. */
export const workflowId = (runId: string, { runMode }: Pick<Locations, "runMode">): string =>
  `${prefixes[runMode] ?? ""}${runId}`

/** The run that a workflow is. One of another run mode is known by its workflow's id alone. */
export const ofWorkflow = (id: string, { runMode }: Pick<Locations, "runMode">): string => {
  const prefix = prefixes[runMode] ?? ""
  return id.startsWith(prefix) ? id.slice(prefix.length) : id
}
