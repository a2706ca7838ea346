import * as Result from "effect/Result"
import type { Named, ScopeRules } from "../../config/TemporalOptions.ts"
import { idleActivities } from "../../config/TemporalToml.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import { closest, didYouMean } from "../../failure/Suggest.ts"
import { declarations, type LeafName } from "../../program/Leaves.ts"
import * as Names from "../wire/Names.ts"

/** What one worker registers of all that there is, by the rules of its scope. */
export interface Registered {
  readonly hasWorkflows: boolean
  readonly activities: ReadonlyArray<LeafName>
}

const isLeafName = (name: string): name is LeafName => Object.hasOwn(declarations, name)

/** In the order of their declaration. */
export const leafNames: ReadonlyArray<LeafName> = Object.keys(declarations).filter(isLeafName)

/** Of the reference; what it does is no workflow of its own here. */
const idleWorkflows = ["wf_dry_validate"]

const ownWorkflows: ReadonlyArray<string> = Object.values(Names.workflows)

const packs: Readonly<
  Record<string, { readonly workflows: ReadonlyArray<string>; readonly activities: ReadonlyArray<string> }>
> = {
  pipe: { workflows: ownWorkflows, activities: [] },
  crafting: { workflows: [], activities: leafNames }
}

const invalid = (scope: string, problem: string) =>
  Result.fail(
    fail(
      new Reason.ConfigInvalid({
        problem: `WorkerScopeConfigError: [temporal.worker_scopes.scopes.${scope}]: ${problem}`
      })
    )
  )

const known: Readonly<Record<"pack" | "workflow" | "activity", ReadonlyArray<string>>> = {
  pack: Object.keys(packs),
  workflow: [...ownWorkflows, ...idleWorkflows],
  activity: [...leafNames, ...idleActivities]
}

const unknown = (kind: keyof typeof known, written: ReadonlyArray<string>): string | undefined => {
  const wrong = written.find((name) => !known[kind].includes(name))
  return wrong === undefined
    ? undefined
    : `no ${kind} is called "${wrong}"${
      didYouMean(closest(wrong, known[kind])) || `; there is ${known[kind].join(", ")}`
    }`
}

const without = (all: ReadonlyArray<string>, excluded: ReadonlyArray<string>, isOff: boolean): Set<string> =>
  new Set(isOff ? [] : all.filter((name) => !excluded.includes(name)))

/** Packs, and what is required, less what is excluded, less what is turned off. */
export const resolve = (name: string, rules: ScopeRules): Result.Result<Registered, PipeFailure> => {
  const wrong = unknown("pack", rules.requiredTasksPacks) ??
    unknown("workflow", [...rules.requiredWorkflows, ...rules.excludedWorkflows]) ??
    unknown("activity", [...rules.requiredActivities, ...rules.excludedActivities])
  if (wrong !== undefined) return invalid(name, wrong)
  const packed = rules.requiredTasksPacks.flatMap((pack) => packs[pack] ?? [])
  const workflows = without(
    [...packed.flatMap((pack) => pack.workflows), ...rules.requiredWorkflows],
    rules.excludedWorkflows,
    rules.disableAllWorkflows
  )
  const wanted = without(
    [...packed.flatMap((pack) => pack.activities), ...rules.requiredActivities],
    rules.excludedActivities,
    rules.disableAllActivities
  )
  const activities = leafNames.filter((leaf) => wanted.has(leaf))
  // Scopes written for the reference know no shards: they go with the pipes that they are parts of.
  if (workflows.has(Names.workflows.pipe) && !rules.excludedWorkflows.includes(Names.workflows.shard)) {
    workflows.add(Names.workflows.shard)
  }
  if (!workflows.has(Names.workflows.pipe) && !rules.requiredWorkflows.includes(Names.workflows.shard)) {
    workflows.delete(Names.workflows.shard)
  }
  const running = ownWorkflows.filter((workflow) => workflows.has(workflow))
  if (running.length > 0 && running.length < ownWorkflows.length) {
    return invalid(name, `a worker runs all workflows or none; this one would run ${running.join(", ")} alone`)
  }
  if (running.length === 0 && activities.length === 0) return invalid(name, "there is nothing left to run")
  return Result.succeed({ hasWorkflows: running.length > 0, activities })
}

/** The table of a name, or what there is. */
export const named = <A>({ named: all, selected }: Named<A>, asked: string | undefined, what: string) => {
  const name = asked ?? selected
  const found = Object.hasOwn(all, name) ? all[name] : undefined
  if (found !== undefined) return Result.succeed({ name, value: found })
  const near = didYouMean(closest(name, Object.keys(all))) || `; there is ${Object.keys(all).toSorted().join(", ")}`
  return Result.fail(fail(new Reason.ConfigInvalid({ problem: `no ${what} is called "${name}"${near}` })))
}
