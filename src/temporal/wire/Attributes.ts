import type { AttributeName } from "./Names.ts"
import type { PipeInput } from "./Payload.ts"

const values: Readonly<Record<AttributeName, (of: PipeInput) => string>> = {
  PipeCode: ({ path }) => path.at(-1)?.code ?? "",
  PipelineRunId: ({ scope }) => scope.runId,
  SessionId: ({ scope }) => scope.sessionId ?? "",
  UserId: ({ scope }) => scope.userId,
  DomainCode: ({ crate, ref }) => crate.pipes[ref]?.domain ?? ""
}

/** The search attributes of a workflow, of those that the namespace has: read from its input alone. */
export const of = (input: PipeInput): ReadonlyArray<readonly [name: AttributeName, value: string]> =>
  input.common.attributes.map((name) => [name, values[name](input)])

/** What adds search attributes to a namespace, to be typed by whoever may. */
export const command = (namespace: string, missing: ReadonlyArray<string>): string =>
  `temporal operator search-attribute create --namespace ${namespace} ${
    missing.map((name) => `--name ${name} --type Keyword`).join(" ")
  }`
