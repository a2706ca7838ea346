/** Answers the leaves of one run from its recording, and remembers what was asked. */
import * as Effect from "effect/Effect"
import type { Answer, Sent } from "../../src/direct/Recorded.ts"
import { type Asked, asked, match, type Recorded, type Recording } from "./Recording.ts"
import * as Replies from "./Replies.ts"

export interface Exchange {
  readonly ours: Asked
  /** Undefined: nothing was recorded any more, and the standard answer was given. */
  readonly recorded: Recorded | undefined
}

export interface Replay {
  readonly answer: Answer
  readonly exchanges: () => ReadonlyArray<Exchange>
  readonly maxInFlight: () => number
}

export const make = ({ maxInFlight: bound, requests }: Recording): Replay => {
  let unused = requests
  const exchanges: Array<Exchange> = []
  let inFlight = 0
  let most = 0

  const take = (sent: Sent): Exchange => {
    const ours = asked(sent)
    const recorded = match(unused, ours)
    unused = unused.filter((each) => each !== recorded)
    const exchange = { ours, recorded }
    exchanges.push(exchange)
    return exchange
  }

  const held = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      most = Math.max(most, ++inFlight)
      return Effect.ensuring(
        Effect.andThen(Effect.sleep(bound === undefined ? 0 : 2), effect),
        Effect.sync(() => inFlight--)
      )
    })

  return {
    answer: (sent) =>
      held(Effect.suspend(() => {
        const { recorded } = take(sent)
        return Replies.answer(sent, recorded?.reply ?? {})
      })),
    exchanges: () => exchanges,
    maxInFlight: () => most
  }
}
