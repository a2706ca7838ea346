/**
 * One batch while workers and the server are killed and the provider errs now and then. What it made, what was asked for it and what the
 * server holds of it are compared with what nothing of that should change.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { execFile } from "node:child_process"
import process from "node:process"
import { promisify } from "node:util"
import type { JsonObject } from "../../../src/concept/Json.ts"
import type { Reply } from "../../fake/FakeProvider.ts"
import { promptText, type Request } from "../../fake/Request.ts"
import { llm, pipe } from "../../library/Fixture.ts"
import * as Folder from "../../source/Folder.ts"
import type { Worker } from "./Kill.ts"
import * as MortalServer from "./MortalServer.ts"
import * as Place from "./Place.ts"
import * as SoakHistories from "./SoakHistories.ts"

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

/** Resident memory of one worker, after it has collected its garbage, when so many items had been asked for. */
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
  /** When the server first had the answer of each item. */
  readonly completed: ReadonlyMap<number, number>
  readonly run: SoakHistories.History
  readonly shards: ReadonlyArray<SoakHistories.History>
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

const collecting = new URL("Collecting.ts", import.meta.url)

/** Until all threads have, and what is free has been given back. */
const collected = "3 seconds"

const execute = promisify(execFile)

/** Resident memory of a process, in bytes. */
const residentOf = async (pid: number): Promise<number> => {
  const { stdout } = await execute("ps", ["-o", "rss=", "-p", String(pid)])
  return Number(stdout) * 1024
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
  const first = isOneSpared ? yield* Scope.provide(place.workerAfter(collecting), scope) : undefined
  const others = yield* Effect.replicateEffect(start, first === undefined ? workers : workers - 1, {
    concurrency: workers
  })
  const pool: Array<Worker> = first === undefined ? others : [first, ...others]
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
  const measure = Effect.gen(function*() {
    const pid = first?.child.pid
    if (first === undefined || pid === undefined) return
    yield* first.said("worker ready: ")
    process.kill(pid, "SIGUSR2")
    yield* Effect.sleep(collected)
    memory.push({ begun: begun(), bytes: yield* Effect.promise(() => residentOf(pid)) })
  })
  const telling = Effect.forEach(
    Array.from({ length: Math.ceil(items / 1000) - 1 }, (_, thousand) => (thousand + 1) * 1000),
    (count) =>
      until(count).pipe(Effect.andThen(Effect.sync(() => tell(`${count} items begun`))), Effect.andThen(measure)),
    { discard: true }
  )
  const runId = `${place.queue}-run`
  const began = performance.now()
  const [made] = yield* Effect.all(
    [Effect.raceFirst(place.run(runId, ref, inputs), Effect.andThen(telling, Effect.never)), disasters],
    { concurrency: 2 }
  )
  const seconds = (performance.now() - began) / 1000
  yield* measure

  const { completed, run, shards } = yield* SoakHistories.of(place.client, runId, itemIn)
  const found: Soaked = {
    options,
    made,
    undisturbed,
    asked,
    killed,
    completed,
    run,
    shards,
    memory,
    seconds
  }
  return found
})
