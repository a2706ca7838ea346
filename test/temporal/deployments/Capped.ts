/** A queue of a deployment under a cap, with work that waits for workers before the first of them is there. */
import * as Effect from "effect/Effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Deployment from "./Deployment.ts"

export interface Options {
  readonly address: string
  /** Activities in a second, of all workers together. */
  readonly cap: number
  readonly workers: number
  readonly runs: number
  /** Items of each run. */
  readonly items: number
}

const overlay = (cap: number): string =>
  `[temporal.queue_options.openai_q]
max_task_queue_activities_per_second = ${cap}
[pipelex.pipeline_execution_config]
max_concurrency = "unbounded"
[temporal.batch]
granularity = "shard"
`

/** When each item was started: as the server noted it, and as the provider was asked. */
export const drained = Effect.fnUntraced(function*({ address, cap, items, runs, workers }: Options) {
  const deployment = yield* Deployment.open("per-provider", address, overlay(cap))
  const inputs = join(deployment.folder, "topics.json")
  const topics = Array.from({ length: items }, (_, index) => `topic ${index}`)
  writeFileSync(inputs, JSON.stringify({ topics }))
  yield* deployment.start("home")
  const ids = Array.from({ length: runs }, (_, index) => `run-${index}`)
  const started = yield* Effect.forEach(ids, (id) => deployment.run(id, ["--pipe", "write_titles", "--inputs", inputs]))
  yield* deployment.whileRunning(
    started,
    Deployment.until(deployment.backlog("openai_q"), (waiting) => waiting === runs * items, "5 minutes")
  )
  const pool = yield* Effect.forEach(Array.from({ length: workers }), () => deployment.start("openai"), {
    concurrency: workers
  })
  const ended = yield* Effect.forEach(started, (run) => run.ended, { concurrency: runs })
  const placed = yield* Effect.forEach(ids, deployment.placed)
  const requests = yield* deployment.provider.requests
  return {
    pool: pool.map(({ identity }) => identity),
    codes: ended.map(({ code }) => code),
    says: ended.map(({ stderr }) => stderr).join("\n"),
    placed: placed.flat(),
    byServer: placed.flat().flatMap(({ done }) => done?.started ?? []),
    byProvider: requests.map(({ time }) => time)
  }
})
