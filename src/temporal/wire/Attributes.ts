import type { AttributeName } from "./Names.ts"
import type { PipeInput } from "./Payload.ts"

const values: Readonly<Record<AttributeName, (of: PipeInput) => string | undefined>> = {
  PipeCode: ({ crate, ref }) => crate.pipes[ref]?.code ?? "",
  PipelineRunId: ({ scope }) => scope.runId,
  SessionId: ({ scope }) => scope.sessionId ?? "",
  UserId: ({ scope }) => scope.userId,
  DomainCode: ({ crate, ref }) => crate.pipes[ref]?.domain ?? "",
  MethodRef: ({ path, ref }) => path[0]?.ref ?? ref,
  // Set when the run fails.
  FailureCategory: () => undefined
}

/** The search attributes of a workflow, of those that the namespace has: read from its input alone. */
export const of = (input: PipeInput): ReadonlyArray<readonly [name: AttributeName, value: string]> =>
  input.common.attributes.flatMap((name) => {
    const value = values[name](input)
    return value === undefined ? [] : [[name, value]]
  })
