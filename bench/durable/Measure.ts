import { Client, type Connection } from "@temporalio/client"
import { type PeerName, peers, type Running, type Setting } from "./Peers.ts"
import type { Shape } from "./Shapes.ts"
import * as WorkerProcess from "./WorkerProcess.ts"

/** One shape by one peer, once. */
export interface Measured {
  readonly shape: string
  readonly peer: PeerName
  readonly repetition: number
  readonly items: number
  readonly perSecond: number
  /** Milliseconds of the worker's user and system time for each item. */
  readonly cpu: number
  /** Peak memory of the worker, MB. */
  readonly rss: number
  /** Of the batch's own workflow. */
  readonly history?: History | undefined
}

export interface History {
  readonly tasks: number
  readonly events: number
  readonly kilobytes: number
}

const texts = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `Summarise item ${index} in five words.`)

const inTurn = async (items: ReadonlyArray<string>, width: number, run: (item: string) => Promise<void>) => {
  const left = items.values()
  await Promise.all(Array.from({ length: width }, async () => {
    // oxlint-disable-next-line eslint/no-await-in-loop -- as many loops as there may be items at a time
    for (const item of left) await run(item)
  }))
}

const run = async ({ items, kind, width }: Shape, running: Running, id: string, count = items): Promise<void> => {
  if (kind === "one") return inTurn(texts(count), width, running.one)
  const found = await running.batch(id, texts(count))
  if (found !== count) throw new Error(`${found} results of ${count} items`)
}

const historyOf = async (connection: Connection, id: string): Promise<History> => {
  const handle = new Client({ connection }).workflow.getHandle(id)
  const { historyLength, historySize } = await handle.describe()
  const { events } = await handle.fetchHistory()
  return {
    tasks:
      events?.filter(({ workflowTaskCompletedEventAttributes: task }) => (task ?? undefined) !== undefined).length ?? 0,
    events: historyLength,
    kilobytes: (historySize ?? 0) / 1000
  }
}

/** Enough for the engine to have compiled what runs often, also where there is much of it: workers run for days. */
const warmUp = 1000

export interface Options extends Setting {
  readonly connection: Connection
  readonly repetition: number
  /** Node's flags for the workers. */
  readonly flags: ReadonlyArray<string>
}

/** In a fresh worker on a queue of its own, after a smaller run of the same shape. */
export const measure = async (shape: Shape, peer: PeerName, options: Options): Promise<Measured> => {
  const { connection, flags, repetition } = options
  const queue = `bench-${globalThis.crypto.randomUUID()}`
  const { connect, worker } = peers[peer](options, shape, queue)
  const process = await WorkerProcess.start(worker, flags)
  const running = await connect()
  try {
    await run(shape, running, `${queue}-warm`, Math.min(warmUp, shape.items))
    const before = await process.used()
    const start = performance.now()
    await run(shape, running, queue)
    const seconds = (performance.now() - start) / 1000
    const after = await process.used()
    return {
      shape: shape.id,
      peer,
      repetition,
      items: shape.items,
      perSecond: shape.items / seconds,
      cpu: (after.cpu - before.cpu) / shape.items,
      rss: after.rss / 1e6,
      history: shape.kind === "batch" ? await historyOf(connection, queue) : undefined
    }
  } finally {
    await running.close()
    await process.stop()
  }
}
