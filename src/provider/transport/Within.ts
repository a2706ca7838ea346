import * as Effect from "effect/Effect"

/** A request behind a promise: how it is made, and what its failures are. */
export interface Request<A, E> {
  /** Ends when the signal aborts, with the signal's reason. */
  readonly run: (signal: AbortSignal) => Promise<A>
  /** The reason when the time is over. */
  readonly late: () => Error
  readonly failed: (cause: unknown) => E
}

/**
 * Runs a request within a time limit. Interrupting it, or the limit, closes it; one signal and one timer serve both, where a race of
 * fibers would cost more than the request itself.
 */
export const within = <A, E>(millis: number, { failed, late, run }: Request<A, E>): Effect.Effect<A, E> =>
  Effect.callback((resume) => {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(late()), millis)
    run(controller.signal).then(
      (value) => {
        clearTimeout(timer)
        resume(Effect.succeed(value))
      },
      (cause) => {
        clearTimeout(timer)
        resume(Effect.failSync(() => failed(cause)))
      }
    )
    return Effect.sync(() => {
      clearTimeout(timer)
      controller.abort()
    })
  })
