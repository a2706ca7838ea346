/**
 * One batch while workers and the server are killed and the provider errs now and then. What it made, what was asked for it and what the
 * server holds of it are compared with what nothing of that should change.
 */
import type { Client } from "@temporalio/client"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { Buffer } from "node:buffer"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import type { JsonObject } from "../../../src/concept/Json.ts"
import type { Reply } from "../../fake/FakeProvider.ts"
import { promptText, type Request } from "../../fake/Request.ts"
import { llm, pipe } from "../../library/Fixture.ts"
import * as Folder from "../../source/Folder.ts"
import type { Worker } from "./Kill.ts"
import * as MortalServer from "./MortalServer.ts"
import * as Place from "./Place.ts"

export interface Options extends Place.Settings {
  readonly items: number
  readonly workers: number
  /** Workers that are killed in the course of the run, and how often the server is. */
  readonly kills: number
  readonly restarts: number
  /** The share of requests that a fault answers. */
  readonly faults: number
  readonly concurrency: number
  readonly shardSize?: number
  /** The first worker is never killed, so that its memory is that of the whole run. */
  readonly isOneSpared?: boolean
  /** Hears how far it is. */
  readonly tell?: (text: string) => void
}

/** One request, by the item that it is for. */
export interface Asked {
  readonly item: number
  readonly at: number
  readonly isFault: boolean
}

export interface Killed {
  readonly what: "worker" | "server"
  readonly at: number
  /** When a worker's last requests had come, which it had sent before; when a server was there again. */
  readonly until: number
  /** Items that had been asked for. */
  readonly begun: number
}

export interface History {
  readonly id: string
  readonly events: number
  readonly bytes: number
}

/** Resident memory of one worker when so many items had been asked for. */
export interface Sample {
  readonly begun: number
  readonly bytes: number
}

export interface Soaked {
  readonly options: Options
  readonly made: unknown
  /** What the same run makes in one process that nothing happens to. */
  readonly undisturbed: unknown
  readonly asked: ReadonlyArray<Asked>
  readonly killed: ReadonlyArray<Killed>
  /** When the server had the answer of each item. */
  readonly completed: ReadonlyMap<number, number>
  readonly run: History
  readonly shards: ReadonlyArray<History>
  /** Of the first worker, where it was spared. */
  readonly memory: ReadonlyArray<Sample>
  readonly seconds: number
}

const ref = "d.all"

const method = [
  llm("one", { item: "Text" }, "Text", { prompt: "Say $item", model: "gpt-4o-mini" }),
  pipe("all", "PipeBatch", {
    inputs: { items: "Text[]" },
    output: "Text[]",
    branch_pipe_code: "one",
    input_list_name: "items",
    input_item_name: "item"
  })
].join("\n")

const inputsOf = (items: number): JsonObject => ({
  items: Array.from({ length: items }, (_, index) => `item-${index}.`)
})

const itemIn = (text: string): number => Number(/item-(\d+)\./.exec(text)?.[1] ?? Number.NaN)

/** Milliseconds that an answer takes: nothing could be in flight when it took none. */
const latency = 100

/** Until what a process sent before it died has been read here, on a busy machine. */
const onItsWay = "250 millis"

/** Those that pass. */
const faults: ReadonlyArray<Reply> = [
  { status: 429 },
  { status: 429, headers: { "retry-after": "1" } },
  { status: 500 },
  { reset: true },
  { reset: "fin" },
  { cut: 20 }
]

/** Between 0 and 1, the same for the same numbers. */
const chance = (item: number, nth: number): number =>
  (Math.imul(Math.imul(item + 1, 0x9E3779B1) ^ Math.imul(nth + 1, 0x85EBCA6B), 0xC2B2AE35) >>> 0) / 2 ** 32

const more = ({ concurrency, shardSize }: Options, folder: string): string =>
  `[pipelex.pipeline_execution_config]
max_concurrency = ${concurrency}
${shardSize === undefined ? "" : `[temporal.batch]\nshard_size = ${shardSize}`}
[temporal.payload_codec_config.storage_provider_config.local]
local_storage_path = "${folder}/payloads"
`

/** Answers by item, errs now and then, and keeps who asked when. */
const answering = (share: number) => {
  const asked: Array<Asked> = []
  const times = new Map<number, number>()
  const answer = (request: Request): Reply => {
    const item = itemIn(promptText(request))
    const nth = times.get(item) ?? 0
    times.set(item, nth + 1)
    const drawn = chance(item, nth)
    const isFault = drawn < share
    asked.push({ item, at: Date.now(), isFault })
    const fault = isFault ? faults[Math.floor((drawn / share) * faults.length)] : undefined
    return { text: `answer ${item}`, delay_ms: latency, ...fault }
  }
  return { asked, answer, begun: () => times.size }
}

const run = promisify(execFile)

/** Resident memory of a process, in bytes. */
const residentOf = async (pid: number): Promise<number> => {
  const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)])
  return Number(stdout) * 1024
}

const millis = (time: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined): number =>
  Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6

type Payloads = { readonly payloads?: ReadonlyArray<{ readonly data?: Uint8Array | null }> | null } | null | undefined

const textOf = (payloads: Payloads): string =>
  (payloads?.payloads ?? []).map(({ data }) => Buffer.from(data ?? []).toString()).join("\n")

/** What the server holds of one workflow; of one that went on anew, of each of its histories. */
const historiesOf = async (client: Client, id: string) => {
  const found: Array<History> = []
  const completed: Array<readonly [item: number, at: number]> = []
  const children: Array<string> = []
  let runId: string | undefined
  do {
    const handle = client.workflow.getHandle(id, runId)
    // oxlint-disable-next-line eslint/no-await-in-loop -- the one names the one before it
    const [{ historyLength, historySize = 0 }, { events }] = await Promise.all([
      handle.describe(),
      handle.fetchHistory()
    ])
    found.push({ id, events: historyLength, bytes: historySize })
    const items = new Map<string, number>()
    runId = undefined
    for (const event of events ?? []) {
      const scheduled = event.activityTaskScheduledEventAttributes
      const ended = event.activityTaskCompletedEventAttributes
      const child = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId
      if (scheduled != null) items.set(String(event.eventId), itemIn(textOf(scheduled.input)))
      if (ended != null) {
        completed.push([items.get(String(ended.scheduledEventId)) ?? Number.NaN, millis(event.eventTime)])
      }
      if (child != null) children.push(child)
      runId = event.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || runId
    }
  } while (runId !== undefined)
  return { found, completed, children }
}

/** Runs it, on a server and with workers of its own. */
export const soaked = Effect.fnUntraced(function*(options: Options) {
  const { isOneSpared = false, items, kills, restarts, tell = () => undefined, workers, ...settings } = options
  const folder = yield* Folder.make({})
  const server = yield* MortalServer.start(`${folder}/runs.db`)
  const place = yield* Place.make({
    ...settings,
    address: server.address,
    name: "soak",
    method,
    more: more(options, folder)
  })
  const inputs = inputsOf(items)
  yield* place.provider.answer(answering(0).answer)
  const undisturbed = yield* place.directly(ref, inputs)
  tell("undisturbed run done")

  const { answer, asked, begun } = answering(options.faults)
  yield* place.provider.answer(answer)
  const scope = yield* Scope.Scope
  const start = Scope.provide(place.worker(), scope)
  const pool: Array<Worker> = yield* Effect.replicateEffect(start, workers, { concurrency: workers })
  const first = isOneSpared ? pool[0] : undefined
  const spared = first === undefined ? 0 : 1
  const killed: Array<Killed> = []
  const memory: Array<Sample> = []

  const until = (count: number) =>
    Effect.repeat(Effect.sync(begun), { until: (sofar) => sofar >= count, schedule: Schedule.spaced("5 millis") })
  /** Kills, and sees to it that what follows from that has happened. */
  const disaster = Effect.fnUntraced(
    function*(what: Killed["what"], kill: Effect.Effect<void>, then: Effect.Effect<unknown>) {
      yield* kill
      const at = Date.now()
      const sofar = begun()
      tell(`${what} killed at item ${sofar}`)
      yield* then
      killed.push({ what, at, until: Date.now(), begun: sofar })
    }
  )

  const killWorker = Effect.fnUntraced(function*(nth: number) {
    const slot = spared + (nth % (workers - spared))
    const victim = pool[slot]
    if (victim === undefined) return
    // One that has not begun yet would die for nothing.
    yield* victim.said("worker ready: ")
    const replace = Effect.tap(start, (worker) => Effect.sync(() => void pool.splice(slot, 1, worker)))
    const gone = Effect.andThen(victim.ended, Effect.sleep(onItsWay))
    yield* disaster("worker", victim.kill("SIGKILL"), Effect.andThen(replace, gone))
  })
  const killServer = disaster("server", Effect.sync(server.kill), server.restart)
  // The server's turns are in the middle.
  const turns = Array.from({ length: kills }, (_, nth) => killWorker(nth))
    .toSpliced(Math.ceil(kills / 2), 0, ...Array.from({ length: restarts }, () => killServer))
  const disasters = Effect.forEach(
    turns,
    (turn, nth) => Effect.andThen(until(Math.floor((items * (nth + 1)) / (turns.length + 1))), turn),
    { discard: true }
  )
  const watching = Effect.repeat(
    Effect.promise(async () => {
      const pid = first?.child.pid
      if (pid !== undefined) memory.push({ begun: begun(), bytes: await residentOf(pid) })
    }),
    Schedule.spaced("500 millis")
  )
  const telling = Effect.forEach(
    Array.from({ length: Math.floor(items / 1000) }, (_, thousand) => (thousand + 1) * 1000),
    (count) => Effect.andThen(until(count), Effect.sync(() => tell(`${count} items begun`))),
    { discard: true }
  )
  const runId = `${place.queue}-run`
  const began = performance.now()
  const [made] = yield* Effect.all(
    [
      Effect.raceFirst(
        place.run(runId, ref, inputs),
        Effect.andThen(Effect.all([watching, telling], { concurrency: 2 }), Effect.never)
      ),
      disasters
    ],
    { concurrency: 2 }
  )
  const seconds = (performance.now() - began) / 1000

  const top = yield* Effect.promise(() => historiesOf(place.client, runId))
  const below = yield* Effect.forEach(
    top.children,
    (id) => Effect.promise(() => historiesOf(place.client, id)),
    { concurrency: 4 }
  )
  const found: Soaked = {
    options,
    made,
    undisturbed,
    asked,
    killed,
    completed: new Map([top, ...below].flatMap(({ completed }) => completed)),
    run: top.found[0] ?? { id: runId, events: Number.NaN, bytes: Number.NaN },
    shards: below.flatMap((each) => each.found),
    memory,
    seconds
  }
  return found
})
