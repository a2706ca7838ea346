import * as Schema from "effect/Schema"
import { Usage } from "../failure/Usage.ts"
import { declarations, type LeafName } from "../program/Leaves.ts"
import { type Call, inOrder, type Node } from "./RunTree.ts"

/** The tree of a run as the graph that it has left behind (`graphspec.json`) tells it. */
const isLeaf = (name: string): name is LeafName => Object.hasOwn(declarations, name)

const nullable = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

const RecordedCall = Schema.Struct({
  inference_model_name: nullable(Schema.String),
  inference_model_id: nullable(Schema.String),
  backend: nullable(Schema.String),
  job_category: Schema.String.pipe(Schema.refine(isLeaf)),
  unit_job_id: Schema.String,
  nb_tokens_by_category: Usage.fields.units,
  requests: Schema.Int,
  reasks: Schema.optionalKey(Schema.Int),
  failed: Schema.optionalKey(Schema.Boolean),
  cost: nullable(Schema.Finite),
  simulated: Schema.optionalKey(Schema.Boolean),
  started_at: Schema.String,
  completed_at: Schema.String
})

const RecordedNode = Schema.Struct({
  id: Schema.String,
  pipe_code: Schema.String,
  pipe_type: Schema.String,
  status: Schema.Literals(["succeeded", "failed", "skipped", "canceled"]),
  timing: Schema.Struct({ started_at: Schema.String, ended_at: Schema.optionalKey(Schema.String) }),
  items: Schema.optionalKey(Schema.Struct({
    done: Schema.Int,
    of: Schema.Int,
    failed: Schema.optionalKey(Schema.Int)
  })),
  error: Schema.optionalKey(Schema.Struct({ code: Schema.optionalKey(Schema.String) })),
  usage: Schema.optionalKey(Schema.Array(RecordedCall))
})

const Recorded = Schema.fromJsonString(Schema.Struct({
  graph_id: Schema.String,
  pipeline_ref: Schema.String,
  nodes: Schema.Array(RecordedNode),
  edges: Schema.Array(Schema.Struct({ source: Schema.String, target: Schema.String, kind: Schema.String }))
}))

/** A run that is over. */
export interface RecordedRun {
  readonly runId: string
  readonly pipe: string
  readonly tree: ReadonlyArray<Node>
}

const states = { succeeded: "done", failed: "failed", skipped: "skipped", canceled: "stopped" } as const

const toCall = (record: typeof RecordedCall.Type): Call => {
  const { backend, completed_at, cost, failed, inference_model_id, inference_model_name: model } = record
  const { job_category: leaf, reasks = 0, requests, simulated, started_at, unit_job_id: path } = record
  const [startedAt, endedAt] = [Date.parse(started_at), Date.parse(completed_at)]
  return {
    path,
    leaf,
    model: model ?? undefined,
    state: failed === true ? "failed" : "done",
    startedAt,
    endedAt,
    usage: {
      ...(typeof model === "string" ? { model } : {}),
      ...(typeof backend === "string" ? { backend } : {}),
      ...(typeof inference_model_id === "string" ? { modelId: inference_model_id } : {}),
      requests,
      reasks,
      units: record.nb_tokens_by_category,
      seconds: (endedAt - startedAt) / 1000,
      ...(simulated === undefined ? {} : { simulated })
    },
    ...(typeof cost === "number" ? { cost } : {})
  }
}

/** `review_all/3-review` is the fourth of its caller. */
const indexOf = (path: string): number | undefined => {
  const [, index] = /(?:^|\/)(\d+)-[^/]*$/.exec(path) ?? []
  return index === undefined ? undefined : Number(index)
}

const read = Schema.decodeUnknownOption(Recorded)

/** Of the text of a `graphspec.json`; undefined for another text. */
export const of = (text: string): RecordedRun | undefined => {
  const found = read(text)
  if (found._tag === "None") return undefined
  const { edges, graph_id: runId, nodes, pipeline_ref: pipe } = found.value
  const callers = new Map(edges.flatMap(({ kind, source, target }) => kind === "contains" ? [[target, source]] : []))
  const below = new Map<string | undefined, Array<typeof RecordedNode.Type>>()
  for (const node of nodes) {
    const caller = callers.get(node.id)
    const known = below.get(caller)
    if (known === undefined) below.set(caller, [node])
    else known.push(node)
  }
  const toNode = (node: typeof RecordedNode.Type): Node => ({
    code: node.pipe_code,
    type: node.pipe_type,
    path: node.id,
    index: indexOf(node.id),
    state: states[node.status],
    startedAt: Date.parse(node.timing.started_at),
    ...(node.timing.ended_at === undefined ? {} : { endedAt: Date.parse(node.timing.ended_at) }),
    ...(node.items === undefined ? {} : { items: node.items }),
    ...(node.error?.code === undefined ? {} : { failure: node.error.code }),
    calls: (node.usage ?? []).map(toCall),
    children: inOrder((below.get(node.id) ?? []).map(toNode))
  })
  return { runId, pipe, tree: (below.get(undefined) ?? []).map(toNode) }
}
