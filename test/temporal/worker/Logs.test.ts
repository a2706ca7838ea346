/** The lines of a worker's log, as `temporal_log_config` wants them. */
import { assert, describe, it } from "@effect/vitest"
import type { JsonObject } from "../../../src/concept/Json.ts"
import * as TemporalOptions from "../../../src/config/TemporalOptions.ts"
import * as Logs from "../../../src/temporal/worker/Logs.ts"

const workflow = {
  level: "WARN",
  message: "slow",
  meta: {
    sdkComponent: "workflow",
    workflowType: "wf_pipe_router",
    workflowId: "w1",
    runId: "r1",
    taskQueue: "q",
    namespace: "default"
  }
} as const
const activity = {
  level: "INFO",
  message: "done",
  meta: {
    sdkComponent: "activity",
    workflowType: "wf_pipe_router",
    activityType: "act_func",
    activityId: "7",
    attempt: 2,
    workflowId: "w1",
    task: "a job",
    namespace: "default"
  }
} as const
const sdk = { level: "WARN", message: "polls", meta: { sdkComponent: "worker", taskQueue: "q" } } as const

const line = (entry: Parameters<typeof Logs.line>[0], own: JsonObject = {}): string =>
  Logs.line(entry, TemporalOptions.options({ temporal: { temporal_config: { temporal_log_config: own } } }).log)

describe("a line of a worker's log", () => {
  it("says who says it, and of which run", () => {
    assert.strictEqual(line(workflow), "WARN [wf_pipe_router] slow (workflowId: w1, runId: r1, taskQueue: q)")
    assert.strictEqual(
      line(activity),
      "INFO [wf_pipe_router][act_func] done (activityId: 7, attempt: 2, workflowId: w1)"
    )
    assert.strictEqual(line(sdk), "WARN polls")
  })

  it("has no prefix where none is wanted", () => {
    assert.notInclude(line(workflow, { is_prefix_enabled: false }), "[")
  })

  it("tells of the workflow in the message, beside it, in full, or not at all", () => {
    assert.include(line(workflow, { is_workflow_info_on_message: true }), "slow w1 (")
    assert.strictEqual(line(workflow, { is_workflow_info_on_extra: false }), "WARN [wf_pipe_router] slow")
    assert.include(line(workflow, { is_full_workflow_info_on_extra: true }), "namespace: default")
    assert.notInclude(line(activity, { is_full_workflow_info_on_extra: true }), "namespace")
  })

  it("tells of the activity in the message, beside it, in full but for its job, or not at all", () => {
    assert.include(line(activity, { is_activity_info_on_message: true }), "done 7 (")
    assert.strictEqual(line(activity, { is_activity_info_on_extra: false }), "INFO [wf_pipe_router][act_func] done")
    const full = line(activity, { is_full_activity_info_on_extra: true })
    assert.include(full, "namespace: default")
    assert.notInclude(full, "a job")
    assert.notInclude(line(workflow, { is_full_activity_info_on_extra: true }), "namespace")
  })

  it("is the bare message where lines are not formatted, with the error when there is one", () => {
    assert.strictEqual(line(workflow, { is_formatter_enabled: false }), "WARN slow")
    const failed = { ...workflow, meta: { ...workflow.meta, error: new Error("no") } }
    assert.strictEqual(line(failed, { is_formatter_enabled: false }), "WARN slow (error: no)")
  })

  it("is formatted for the loggers that are managed, and bare for others", () => {
    const managed = { managed_loggers: ["temporalio.workflow"] }
    assert.include(line(workflow, managed), "[wf_pipe_router]")
    assert.strictEqual(line(activity, managed), "INFO done")
    assert.include(line(activity, { managed_loggers: ["temporalio"] }), "[act_func]")
    assert.include(line(activity, { managed_loggers: ["workflow", "activity"] }), "[act_func]")
  })
})
