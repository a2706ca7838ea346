/** What a run that was disturbed has to keep to, and what it came to. */
import { isDeepStrictEqual } from "node:util"
import type { History } from "./SoakHistories.ts"
import type { Asked, Soaked } from "./Soaking.ts"

export interface Check {
  readonly what: string
  readonly found: string
  readonly wanted: string
  readonly isKept: boolean
}

const mostBytes = 1_000_000
const mostEvents = 5000
const mostGrowth = 0.2

type Pair = readonly [before: Asked, next: Asked]

/** What was paid for more than once. */
interface Again {
  /** Items that were asked for although the server had their answer. */
  readonly completed: ReadonlyArray<number>
  /** Although nothing had been killed since they were asked for before. */
  readonly unexplained: ReadonlyArray<Pair>
  /** In flight when something was killed. */
  readonly inFlight: ReadonlyArray<Pair>
}

type Paid = Pick<Soaked, "asked" | "completed" | "killed">

/** Requests that an answer was given to before, other than a fault. */
export const again = ({ asked, completed, killed }: Paid): Again => {
  const paid = Map.groupBy(asked.filter(({ isFault }) => !isFault), ({ item }) => item)
  const pairs = Array.from(paid.values()).flatMap((times) =>
    times.flatMap((before, nth): ReadonlyArray<Pair> => {
      const next = times[nth + 1]
      return next === undefined ? [] : [[before, next]]
    })
  )
  const isExplained = ([before, next]: Pair) => killed.some(({ at, until }) => before.at <= until && at <= next.at)
  return {
    completed: asked.filter(({ at, item }) => at > (completed.get(item) ?? Number.POSITIVE_INFINITY))
      .map(({ item }) => item),
    unexplained: pairs.filter((pair) => !isExplained(pair)),
    inFlight: pairs.filter(isExplained)
  }
}

const textsOf = (made: unknown): ReadonlyArray<unknown> => {
  const items: unknown = typeof made === "object" && made !== null && "items" in made ? made.items : made
  return Array.isArray(items)
    ? items.map((item: unknown) => typeof item === "object" && item !== null && "text" in item ? item.text : item)
    : []
}

const listed = (all: ReadonlyArray<string | number>): string =>
  all.length === 0 ? "none" : `${all.length}: ${Array.from(new Set(all)).slice(0, 8).join(", ")}`

/** The item, and what its cause may be found by. */
const described = (killed: Soaked["killed"]) => ([before, next]: Pair): string => {
  const kills = killed.filter(({ at }) => at <= before.at)
  const since = before.at - Math.max(...kills.map(({ at }) => at))
  return `${before.item} (${since} ms after a kill, and ${next.at - before.at} ms later)`
}

const sized = ({ bytes, events }: Omit<History, "id">): string => `${events} events, ${(bytes / 1000).toFixed(0)} kB`

const histories = (what: string, { bytes, events }: Omit<History, "id">): Check => ({
  what,
  found: sized({ bytes, events }),
  wanted: `< ${sized({ bytes: mostBytes, events: mostEvents })}`,
  isKept: bytes < mostBytes && events < mostEvents
})

const largest = (shards: ReadonlyArray<History>): Omit<History, "id"> => ({
  events: Math.max(...shards.map(({ events }) => events)),
  bytes: Math.max(...shards.map(({ bytes }) => bytes))
})

/** Of the worker that lived through, after the first thousand items, and after the last. */
const growth = ({ memory }: Soaked): Check => {
  const early = memory[0]?.bytes ?? Number.NaN
  const late = memory.at(-1)?.bytes ?? Number.NaN
  const most = Math.max(...memory.map(({ bytes }) => bytes))
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
  return {
    what: `Memory of a worker after the first ${memory[0]?.begun ?? 0} items, and at the end`,
    found: `${megabytes(early)}, ${megabytes(late)} (${((late / early - 1) * 100).toFixed(0)} %); peak ${
      megabytes(most)
    }`,
    wanted: `≤ ${mostGrowth * 100} % more`,
    isKept: late <= early * (1 + mostGrowth)
  }
}

/** In the order of a reader's questions. */
export const checks = (soaked: Soaked): ReadonlyArray<Check> => {
  const { asked, completed, killed, made, memory, options: { items, kills, restarts }, run, shards, undisturbed } =
    soaked
  const found = again(soaked)
  const inOrder = textsOf(made).filter((text, index) => text === `answer ${index}`).length
  const done = (what: string) => killed.filter((each) => each.what === what && each.begun < items).length
  return [
    {
      what: "Results in the order of their items",
      found: `${inOrder}`,
      wanted: `${items}`,
      isKept: inOrder === items && textsOf(made).length === items
    },
    {
      what: "The whole result as of an undisturbed run",
      found: isDeepStrictEqual(made, undisturbed) ? "equal" : "other",
      wanted: "equal",
      isKept: isDeepStrictEqual(made, undisturbed)
    },
    {
      what: "Workers and servers killed before the last item was begun",
      found: `${done("worker")} and ${done("server")}`,
      wanted: `${kills} and ${restarts}`,
      isKept: done("worker") === kills && done("server") === restarts
    },
    {
      what: "Items whose completion the histories hold",
      found: `${completed.size}`,
      wanted: `${items}`,
      isKept: completed.size === items
    },
    {
      what: "Asked again although completed",
      found: listed(found.completed),
      wanted: "none",
      isKept: found.completed.length === 0
    },
    {
      what: `Asked again without a fault or a kill (${
        asked.filter(({ isFault }) => isFault).length
      } faults, ${found.inFlight.length} in flight at a kill)`,
      found: listed(found.unexplained.map(described(killed))),
      wanted: "none",
      isKept: found.unexplained.length === 0
    },
    histories("History of the run", run),
    histories(`Largest history of ${shards.length} shards`, largest(shards)),
    ...(memory.length === 0 ? [] : [growth(soaked)])
  ]
}
