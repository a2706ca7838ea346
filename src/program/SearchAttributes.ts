/** What a run and everything below it can be found by on a server, all of type Keyword. */
export const names = [
  "PipeCode",
  "PipelineRunId",
  "SessionId",
  "UserId",
  "DomainCode",
  "FailureCategory",
  "MethodRef"
] as const

export type Name = typeof names[number]
