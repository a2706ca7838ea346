/** One run, and the worker that carries it out killed in the middle, with another started at once: what was done before, and in all. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Histories from "./Histories.ts"
import type { Place } from "./Place.ts"

export type Worker = Effect.Success<ReturnType<Place["worker"]>>

export interface Killed {
  readonly runId: string
  /** The histories when the worker was dead, and no other there. */
  readonly before: ReadonlyArray<Histories.Event>
  readonly askedBefore: ReadonlyArray<string>
  readonly events: ReadonlyArray<Histories.Event>
  readonly asked: ReadonlyArray<string>
  /** The worker that ended the run, for the next one. */
  readonly worker: Worker
}

/** The moment when the histories hold so many events, or when so many requests have come, none of which is answered at once. */
export type Moment = { readonly events: number } | { readonly requests: number }

export const show = (moment: Moment): string =>
  "events" in moment ? `at event ${moment.events}` : `at request ${moment.requests}`

/** Milliseconds until a request is answered: a worker can die while it waits. */
const patience = 100

/** Kills at that moment, or at the end when it never comes. */
export const at = Effect.fnUntraced(function*(place: Place, worker: Worker, runId: string, moment: Moment) {
  const dead = yield* Deferred.make<void>()
  const kill = () => {
    worker.child.kill("SIGKILL")
    Deferred.doneUnsafe(dead, Exit.void)
  }
  yield* place.provider.answer((_, nth) => {
    if ("requests" in moment && nth === moment.requests) kill()
    return { delay_ms: patience }
  })
  let heard = 0
  const following = Histories.follow(place.client, runId, () => {
    heard += 1
    if ("events" in moment && heard === moment.events) kill()
  })
  const scope = yield* Scope.Scope
  const replacing = Effect.gen(function*() {
    yield* Deferred.await(dead)
    yield* worker.ended
    const before = yield* Histories.soFar(place.client, runId)
    const askedBefore = yield* place.asked
    return { before, askedBefore, worker: yield* Scope.provide(place.worker(), scope) }
  })
  const running = Effect.tap(place.run(runId), () => Effect.sync(kill))
  const [, replaced] = yield* Effect.all([Effect.raceFirst(running, following), replacing], { concurrency: 2 })
  const killed: Killed = {
    ...replaced,
    runId,
    events: yield* Histories.soFar(place.client, runId),
    asked: yield* place.asked
  }
  return killed
})

export interface Repeats {
  /** Asked again although the history held their answers. */
  readonly completed: ReadonlyArray<string>
  /** Asked more than twice, or twice without having been asked before the kill. */
  readonly excessive: ReadonlyArray<string>
  /** In flight when the worker died, and asked once more. */
  readonly inFlight: ReadonlyArray<string>
}

/** What was paid for twice. `before` is the history that a worker left. */
export const repeats = (
  { asked, askedBefore, before }: Pick<Killed, "asked" | "askedBefore" | "before">,
  leafIn: (input: string) => string
): Repeats => {
  const completed = new Set(
    Histories.leaves(before).filter(({ isCompleted }) => isCompleted).map(({ input }) => leafIn(input))
  )
  const times = (leaf: string) => asked.filter((each) => each === leaf).length
  const again = Array.from(new Set(asked)).filter((leaf) => times(leaf) > 1)
  const isInFlight = (leaf: string) => !completed.has(leaf) && askedBefore.includes(leaf) && times(leaf) === 2
  return {
    completed: again.filter((leaf) => completed.has(leaf)),
    excessive: again.filter((leaf) => !completed.has(leaf) && !isInFlight(leaf)).map((leaf) =>
      `${leaf} ×${times(leaf)}${askedBefore.includes(leaf) ? "" : ", not before"}`
    ),
    inFlight: again.filter(isInFlight)
  }
}
