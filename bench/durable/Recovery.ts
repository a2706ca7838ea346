/**
 * How long a run stands still when a worker is killed and another is started at once: `node bench/durable/Recovery.ts`. Workers are
 * processes of the sources, the server is found or built as the tests do it. Takes some ten minutes; `--kills` and `--only` make it less.
 */
import type { Client } from "@temporalio/client"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { writeFileSync } from "node:fs"
import { availableParallelism, loadavg } from "node:os"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { promptText, type Request } from "../../test/fake/Request.ts"
import { llm, sequence } from "../../test/library/Fixture.ts"
import * as Folder from "../../test/source/Folder.ts"
import * as Histories from "../../test/temporal/crash/Histories.ts"
import * as Place from "../../test/temporal/crash/Place.ts"
import * as DevServer from "../../test/temporal/DevServer.ts"
import { median } from "../Measure.ts"

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    only: { type: "string" },
    out: { type: "string", default: fileURLToPath(new URL("../results/recovery.md", import.meta.url)) }
  }
})

const kills = Number(values.kills)

const topic = { topic: "Text" }

/** What the leaf of a step asks for. */
const mark = (step: number): string => `step-${step}.`

/** One leaf after another, each in a workflow of its own, as steps are. */
const method = (steps: number): string => {
  const numbers = Array.from({ length: steps }, (_, step) => step)
  return [
    ...numbers.map((step) =>
      llm(`ask_${step}`, topic, "Text", { prompt: `${mark(step)} $topic`, model: "gpt-4o-mini" })
    ),
    sequence("go", topic, "Text", numbers.map((step) => ({ pipe: `ask_${step}`, result: `said_${step}` })))
  ].join("\n")
}

const isOf = (step: number) => ({ request }: { readonly request: Request }) => promptText(request).includes(mark(step))

/** The requests of a place: those of a step are held until it is let go. */
const gate = Effect.fnUntraced(function*(place: Place.Place) {
  const steps = Array.from({ length: kills + 1 }, () => Promise.withResolvers<void>())
  yield* place.provider.answer((request) => {
    const step = steps.findIndex((_, at) => isOf(at)({ request }))
    return { until: steps[step]?.promise ?? Promise.resolve() }
  })
  return {
    /** When its leaf was asked for the nth time, from 1. */
    asked: (step: number, nth = 1) =>
      place.provider.requests.pipe(
        Effect.map((requests) => requests.filter(isOf(step))),
        Effect.repeat({ until: ({ length }) => length >= nth, schedule: Schedule.spaced("10 millis") }),
        Effect.map((requests) => requests[nth - 1]?.time ?? Number.NaN)
      ),
    letGo: (step: number) => Effect.sync(() => steps[step]?.resolve())
  }
})

const now = Effect.sync(() => performance.now())

/** One number for each kill, in milliseconds. */
type Measuring = (place: Place.Place, times: number) => Effect.Effect<ReadonlyArray<number>, unknown, Scope>
type Scope = Effect.Services<ReturnType<Place.Place["worker"]>>

interface Measurement {
  readonly id: string
  readonly what: string
  readonly settings: Place.Settings
  /** Seconds that it may take, each time or in the median. */
  readonly bound: number
  readonly isMedian: boolean
  /** How many runs share the kills. */
  readonly lanes: number
  readonly measure: Measuring
}

const ready = (worker: Effect.Success<ReturnType<Place.Place["worker"]>>) => worker.said("worker ready: ")

const submit = (place: Place.Place, runId: string) => Effect.forkChild(place.run(runId, "d.go", { topic: "cats" }))

/** A worker dies with a leaf in hand: from its death until that leaf is asked again. */
const lostLeaf: Measuring = Effect.fnUntraced(function*(place, times) {
  const { asked, letGo } = yield* gate(place)
  const found: Array<number> = []
  let worker = yield* place.worker()
  const run = yield* submit(place, `${place.queue}-lost`)
  for (let kill = 0; kill < times; kill++) {
    yield* asked(kill)
    // Anywhere between two beats.
    yield* Effect.sleep(2000 + (1500 * kill) / times)
    const dead = yield* now
    yield* worker.kill("SIGKILL")
    worker = yield* place.worker()
    found.push((yield* asked(kill, 2)) - dead)
    yield* letGo(kill)
  }
  yield* Fiber.interrupt(run)
  return found
})

/** The worker of the workflows dies, the leaf is another's and ends at once: from the start of the next worker until the next leaf is asked. */
const nextLeaf: Measuring = Effect.fnUntraced(function*(place, times) {
  const { asked, letGo } = yield* gate(place)
  const found: Array<number> = []
  yield* ready(yield* place.worker("--scope", "runner"))
  let router = yield* place.worker("--scope", "router")
  const run = yield* submit(place, `${place.queue}-next`)
  for (let kill = 0; kill < times; kill++) {
    yield* asked(kill)
    yield* ready(router)
    yield* router.kill("SIGKILL")
    yield* router.ended
    const started = yield* now
    router = yield* place.worker("--scope", "router")
    yield* letGo(kill)
    found.push((yield* asked(kill + 1)) - started)
  }
  yield* Fiber.interrupt(run)
  return found
})

const isStarted = (events: ReadonlyArray<Histories.Event>): boolean => events.at(-1)?.type === "workflowTaskStarted"

const historyOf = (client: Client, workflowId: string) => Histories.soFar(client, workflowId)

/**
 * A worker dies with a workflow task in hand: it is stopped, so that it is given the task and cannot answer, and then killed. From its
 * death until another has done the task.
 */
const lostTask: Measuring = Effect.fnUntraced(function*(place, times) {
  const { asked, letGo } = yield* gate(place)
  const found: Array<number> = []
  yield* ready(yield* place.worker("--scope", "runner"))
  let router = yield* place.worker("--scope", "router")
  const runId = `${place.queue}-task`
  const run = yield* submit(place, runId)
  for (let kill = 0; kill < times; kill++) {
    yield* asked(kill)
    yield* ready(router)
    const child = `${runId}_ask_${kill}-${String(kill).padStart(4, "0")}`
    const history = historyOf(place.client, child)
    yield* router.kill("SIGSTOP")
    yield* letGo(kill)
    yield* Effect.repeat(history, { until: isStarted, schedule: Schedule.spaced("10 millis") })
    const dead = yield* now
    yield* router.kill("SIGKILL")
    yield* router.ended
    router = yield* place.worker("--scope", "router")
    yield* Effect.repeat(history, {
      until: (events) => events.some(({ type }) => type === "workflowExecutionCompleted"),
      schedule: Schedule.spaced("10 millis")
    })
    found.push((yield* now) - dead)
  }
  yield* Fiber.interrupt(run)
  return found
})

const measurements: ReadonlyArray<Measurement> = [
  {
    id: "leaf",
    what: "lost leaf asked again, after the kill",
    settings: {},
    bound: 6,
    isMedian: false,
    lanes: 2,
    measure: lostLeaf
  },
  {
    id: "next-1s",
    what: "next leaf asked, after the restart, sticky 1 s",
    settings: { sticky: "1s" },
    bound: 2,
    isMedian: true,
    lanes: 1,
    measure: nextLeaf
  },
  {
    id: "next",
    what: "the same, defaults",
    settings: {},
    bound: 6,
    isMedian: false,
    lanes: 2,
    measure: nextLeaf
  },
  {
    id: "task",
    what: "lost workflow task done, after the kill",
    settings: {},
    // `task_timeout`, and a second for the worker that does it.
    bound: 11,
    isMedian: false,
    lanes: 2,
    measure: lostTask
  }
]

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(2)

const row = ({ bound, isMedian, what }: Measurement, found: ReadonlyArray<number>): string => {
  const most = isMedian ? median(found) : Math.max(...found)
  const cells = [
    what,
    String(found.length),
    ...[Math.min(...found), median(found), Math.max(...found)].map(seconds),
    `${isMedian ? "median" : "each"} ${bound}`,
    most <= bound * 1000 ? "yes" : "no"
  ]
  return `| ${cells.join(" | ")} |`
}

const table = (rows: ReadonlyArray<string>): string =>
  ["| | kills | least | median | most | bound | kept |", "|---|---|---|---|---|---|---|", ...rows].join("\n")

const line = (text: string): void => void process.stdout.write(`${text}\n`)

/** Milliseconds between the beginnings of runs that share the kills. */
const apart = 4000

const measured = (address: string) =>
  Effect.fnUntraced(function*(measurement: Measurement) {
    const { id, lanes, measure, settings } = measurement
    const each = Math.ceil(kills / lanes)
    const lane = Effect.fnUntraced(function*(nth: number) {
      // Workers that start at once would wait for each other.
      yield* Effect.sleep(nth * apart)
      const place = yield* Place.make({ address, name: id, method: method(each + 1), ...settings })
      return yield* measure(place, each)
    })
    const all = Array.from({ length: lanes }, (_, nth) => nth)
    const found = (yield* Effect.scoped(Effect.forEach(all, lane, { concurrency: lanes }))).flat()
    const written = row(measurement, found)
    line(written)
    return written
  })

const names = values.only?.split(",")
const chosen = measurements.filter(({ id }) => names?.includes(id) ?? true)

const page = (rows: ReadonlyArray<string>, load: string): string =>
  `# Recovery after SIGKILL

\`node bench/durable/Recovery.ts\`: seconds, Node ${process.version}, ${availableParallelism()} cores, load ${load}. Workers run from the
sources, and a new one is started at once. A restart is timed from the start of its process.

${table(rows)}

- "Lost leaf": one worker, killed between two beats of a leaf that is never answered; heartbeat timeout 5 s.
- "Next leaf": the worker of the workflows is killed, its leaf is another worker's and ends at once; the next step of the sequence.
- "Lost workflow task": given to a worker that is stopped, and then killed; \`task_timeout\` 10 s.
`

await Effect.runPromise(
  Effect.scoped(Effect.gen(function*() {
    const { address } = yield* Effect.acquireRelease(
      Effect.promise(DevServer.start),
      ({ stop }) => Effect.promise(stop)
    )
    line("| | kills | least | median | most | bound | kept |")
    const before = loadavg()[0] ?? Number.NaN
    const rows = yield* Effect.forEach(chosen, measured(address))
    writeFileSync(values.out, page(rows, `${before.toFixed(1)} to ${(loadavg()[0] ?? Number.NaN).toFixed(1)}`))
  })).pipe(Effect.provide(Folder.layer))
)
