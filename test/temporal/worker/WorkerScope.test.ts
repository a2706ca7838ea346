/** What a worker registers, by the rules of its scope. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import type { JsonObject } from "../../../src/concept/Json.ts"
import * as TemporalOptions from "../../../src/config/TemporalOptions.ts"
import * as TemporalToml from "../../../src/config/TemporalToml.ts"
import * as Names from "../../../src/temporal/wire/Names.ts"
import * as WorkerScope from "../../../src/temporal/worker/WorkerScope.ts"

const resolved = (name: string, own?: JsonObject) => {
  const { scopes } = TemporalOptions.options({
    temporal: own === undefined ? {} : { worker_scopes: { scopes: { [name]: own } } }
  })
  return Result.flatMap(WorkerScope.named(scopes, name, "scope"), ({ value }) => WorkerScope.resolve(name, value))
}

const registered = (name: string, own?: JsonObject) => Result.getOrThrow(resolved(name, own))

const refusal = (name: string, own?: JsonObject): string => {
  const result = resolved(name, own)
  return Result.isFailure(result) ? result.failure.message : ""
}

const all = WorkerScope.leafNames
const workflows = Object.values(Names.workflows)

const builtIn: Readonly<Record<string, readonly [hasWorkflows: boolean, activities: ReadonlyArray<string>]>> = {
  full: [true, all],
  router: [true, []],
  runner: [false, all],
  "runner-llm": [false, ["act_llm_gen_text", "act_llm_gen_object", "act_llm_gen_object_list"]],
  "runner-img-gen": [false, ["act_img_gen_images", "act_render_page_views"]],
  "runner-extract": [false, ["act_extract_gen_extract_pages", "act_render_page_views"]],
  "runner-search": [false, ["act_search_gen_sourced_answer", "act_search_gen_structured"]]
}

describe("a worker's scope", () => {
  for (const [name, [hasWorkflows, activities]] of Object.entries(builtIn)) {
    it(`${name} is built in`, () => {
      assert.deepStrictEqual(registered(name), { hasWorkflows, activities: Array.from(activities) as never })
    })
  }

  it("runner-jinja2 is built in, and has nothing to run: templates are rendered where they stand", () => {
    assert.include(refusal("runner-jinja2"), "there is nothing left to run")
  })

  it("is its packs", () => {
    assert.deepStrictEqual(registered("mine", { required_tasks_packs: ["pipe"] }), {
      hasWorkflows: true,
      activities: []
    })
    assert.deepStrictEqual(registered("mine", { required_tasks_packs: ["crafting"] }), {
      hasWorkflows: false,
      activities: all
    })
  })

  it("is what it requires beside its packs", () => {
    assert.deepStrictEqual(
      registered("mine", {
        required_workflows: workflows,
        required_activities: ["act_func"]
      }),
      { hasWorkflows: true, activities: ["act_func"] }
    )
  })

  it("is less what it excludes", () => {
    const packs = { required_tasks_packs: ["pipe", "crafting"] }
    assert.isFalse(
      registered("mine", { ...packs, excluded_workflows: workflows }).hasWorkflows
    )
    assert.notInclude(registered("mine", { ...packs, excluded_activities: ["act_func"] }).activities, "act_func")
  })

  it("is less what is turned off, whatever it requires", () => {
    const full = { required_tasks_packs: ["pipe", "crafting"], required_activities: ["act_func"] }
    assert.isFalse(registered("mine", { ...full, disable_all_workflows: true }).hasWorkflows)
    assert.deepStrictEqual(registered("mine", { ...full, disable_all_activities: true }).activities, [])
  })

  it("takes shards along with the pipes that they are parts of", () => {
    const older = ["wf_pipe_run", "wf_pipe_router"]
    assert.isTrue(registered("mine", { required_workflows: older }).hasWorkflows)
    const packs = { required_tasks_packs: ["pipe", "crafting"] }
    assert.isFalse(registered("mine", { ...packs, excluded_workflows: older }).hasWorkflows)
    assert.include(refusal("mine", { ...packs, excluded_workflows: ["wf_pipe_shard"] }), "all workflows or none")
  })

  it("is refused when nothing is left, and when it would run one workflow alone", () => {
    assert.include(
      refusal("mine", {}),
      "WorkerScopeConfigError: [temporal.worker_scopes.scopes.mine]: there is nothing"
    )
    assert.include(
      refusal("mine", { required_workflows: ["wf_pipe_run"] }),
      "a worker runs all workflows or none; this one would run wf_pipe_run alone"
    )
  })

  it("is refused for a name that is none, with the one that was meant", () => {
    assert.include(
      refusal("mine", { required_tasks_packs: ["craftin"] }),
      "no pack is called \"craftin\"; did you mean"
    )
    assert.include(refusal("mine", { required_workflows: ["wf_pipe_rn"] }), "no workflow is called \"wf_pipe_rn\"")
    assert.include(refusal("mine", { excluded_activities: ["act_fun"] }), "did you mean \"act_func\"?")
  })

  it("knows the workflows and activities that there are", () => {
    assert.sameMembers([...TemporalToml.workflowNames], [...workflows, "wf_dry_validate"])
    assert.sameMembers([...TemporalToml.leafNames], [...all])
  })
})
