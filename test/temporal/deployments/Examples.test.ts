/** The files of the examples of deployments say the same: Procfile, composition and configuration. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Configuration from "../../../src/config/Configuration.ts"
import * as TemporalOptions from "../../../src/config/TemporalOptions.ts"
import * as Plan from "../../../src/temporal/worker/Plan.ts"
import * as WorkerScope from "../../../src/temporal/worker/WorkerScope.ts"
import * as Folder from "../../source/Folder.ts"
import * as Compose from "./Compose.ts"
import * as Deployment from "./Deployment.ts"
import * as Procfile from "./Procfile.ts"

const options = (pattern: Deployment.Pattern) =>
  Effect.map(
    Configuration.loadFolder(join(Deployment.folderOf(pattern), ".pipelex")),
    ({ values }) => TemporalOptions.options(values)
  )

/** What the flags of a line come to. */
const flagsOf = (line: Procfile.Line) => {
  const args = Procfile.args(line)
  const flag = (name: string): string | undefined => args.includes(name) ? args[args.indexOf(name) + 1] : undefined
  return { taskQueue: flag("--task-queue"), scope: flag("--scope"), profile: flag("--profile") }
}

describe("the examples of deployments", () => {
  it("are all known to the tests", () => {
    const folder = join(Deployment.folderOf("single"), "..")
    const patterns = readdirSync(folder).filter((name) => existsSync(join(folder, name, "Procfile")))
    assert.deepStrictEqual(patterns.toSorted(), Deployment.patterns.toSorted())
  })

  it("compose workers and server in one way", () => {
    const [first, ...others] = Deployment.patterns.map((pattern) => Compose.read(Deployment.folderOf(pattern)).shared)
    assert.include(first, "condition: service_healthy")
    for (const each of others) assert.strictEqual(each, first)
  })
})

describe.each(Deployment.patterns)("the example %s", (pattern) => {
  const folder = Deployment.folderOf(pattern)
  const lines = Procfile.lines(folder)

  it("composes the processes of its Procfile", () => {
    assert.deepStrictEqual(
      Compose.read(folder).workers,
      Object.fromEntries(lines.map((line) => [
        line.name,
        ["node /pipelex/dist/pipelex.js", ...Procfile.args(line), Compose.added].join(" ")
      ]))
    )
  })

  it("holds no value of a secret", () => {
    assert.deepStrictEqual(readFileSync(join(folder, ".env.example"), "utf8").match(/^\w+=.+$/gm), null)
  })

  it.effect("starts workers for every queue that its configuration names, with everything that is sent there", () =>
    Effect.gen(function*() {
      const configured = yield* options(pattern)
      const plans = yield* Effect.forEach(lines, (line) => Plan.make(configured, flagsOf(line)))
      assert.deepStrictEqual(
        Array.from(new Set(plans.map(({ queue }) => queue))).toSorted(),
        Plan.queues(configured)
      )
      assert.deepStrictEqual(plans.filter(({ hasWorkflows }) => hasWorkflows).map(({ queue }) => queue), [
        configured.routing.defaultQueue
      ])
      const { activities } = configured.routing
      for (const leaf of WorkerScope.leafNames) {
        const route = activities[leaf]
        const queues = [route?.default ?? configured.routing.defaultQueue, ...Object.values(route?.byHandle ?? {})]
        for (const queue of queues) {
          const isServed = plans.some((plan) => plan.queue === queue && plan.activities.includes(leaf))
          // A host's functions are run by a program of the host, in front of a router too.
          assert.strictEqual(isServed, pattern !== "router-runners" || leaf !== "act_func", `${leaf} on ${queue}`)
        }
      }
    }).pipe(Effect.provide(Folder.layer)))
})
