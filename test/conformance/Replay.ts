/** Answers the requests of one run from its recording, and remembers which was which. */
import type { Answer, Request } from "../fake/FakeProvider.ts"
import { match, type Recorded, type Recording } from "./Recording.ts"

export interface Exchange {
  readonly ours: Request
  /** Undefined: nothing was recorded any more, and the standard answer was given. */
  readonly recorded: Recorded | undefined
}

export interface Replay {
  readonly answer: Answer
  readonly exchanges: () => ReadonlyArray<Exchange>
}

/** Long enough for requests that are sent at once to meet. */
const overlap = 25

export const make = ({ maxInFlight, requests }: Recording): Replay => {
  let unused = requests
  const exchanges: Array<Exchange> = []
  return {
    answer: (ours, nth) => {
      if (nth === 0) return {}
      const recorded = match(unused, ours)
      unused = unused.filter((each) => each !== recorded)
      exchanges.push({ ours, recorded })
      return { ...recorded?.reply, ...(maxInFlight === undefined ? {} : { delay_ms: overlap }) }
    },
    exchanges: () => exchanges
  }
}
