/** What things are called on a Temporal server. These names are in histories: they never change. */
export const workflows = {
  /** A run: the entry pipe, and whatever is done once for the whole run. */
  run: "wf_pipe_run",
  /** A pipe that another pipe calls. */
  pipe: "wf_pipe_router"
} as const

/** Queries that every workflow of ours answers. */
export const queries = { status: "status" } as const

/** The attributes that workflows may carry, all of type Keyword. */
export const attributes = ["PipeCode", "PipelineRunId", "SessionId", "UserId", "DomainCode"] as const

export type AttributeName = typeof attributes[number]

/** Version of the form of the payloads. A worker refuses one it does not know. */
export const payloadVersion = 1
