/** How fast a queue under a cap was emptied. */
export interface Pace {
  readonly count: number
  readonly seconds: number
  /** In the first second, when the server's bucket is full. */
  readonly first: number
  /** The most in any one second, later than two seconds after the first. */
  readonly most: number
  /** In a second, from two seconds after the first to the last. */
  readonly average: number
}

/** The server gives what has gathered in its bucket at once, and takes a moment to hear of the cap from all workers. */
const settled = 2000

/** The most that were started in so many seconds, at any time. */
export const busiest = (starts: ReadonlyArray<number>, seconds: number): number =>
  Math.max(0, ...starts.map((time) => within(starts, time, time + seconds * 1000)))

const within = (times: ReadonlyArray<number>, from: number, to: number): number =>
  times.filter((time) => time >= from && time < to).length

/** Of starts, in milliseconds. */
export const of = (starts: ReadonlyArray<number>): Pace => {
  const times = starts.toSorted((a, b) => a - b)
  const [first = 0] = times
  const last = times.at(-1) ?? 0
  const later = times.filter((time) => time >= first + settled)
  return {
    count: times.length,
    seconds: (last - first) / 1000,
    first: within(times, first, first + 1000),
    most: busiest(later, 1),
    average: later.length * 1000 / Math.max(1, last - first - settled)
  }
}
