import { CancellationScope, condition, log, sleep as timer } from "@temporalio/workflow"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import type * as LogLevel from "effect/LogLevel"
import * as References from "effect/References"
import * as Scheduler from "effect/Scheduler"

/**
 * How an Effect runs inside the workflow isolate. Nothing of Effect's own may reach the history: yields are microtasks, time and sleep
 * are the workflow's, nothing is traced, and what is logged goes through the SDK's logger, which is silent during replay.
 */
const microtask = (run: () => void): () => void => {
  let isLive = true
  void Promise.resolve().then(() => {
    if (isLive) run()
  })
  return () => {
    isLive = false
  }
}

/**
 * An operation of Temporal as an Effect, in a cancellation scope of its own: interrupting the fiber cancels the operation and waits until
 * it has settled. This is the only way that operations are cancelled.
 */
export const operation = <A>(start: () => Promise<A>): Effect.Effect<A, unknown> =>
  Effect.callback<A, unknown>((resume) => {
    const scope = new CancellationScope({ cancellable: true })
    const settled = scope.run(start)
    settled.then((value) => resume(Effect.succeed(value)), (error: unknown) => resume(Effect.fail(error)))
    return Effect.callback<void>((done) => {
      const end = () => done(Effect.void)
      settled.then(end, end)
      scope.cancel()
    })
  })

/** Waits until it is so, as something else in the workflow makes it. */
export const until = (isSo: () => boolean): Effect.Effect<void> => Effect.orDie(operation(() => condition(isSo)))

const nanos = (millis: number): bigint => BigInt(millis) * 1_000_000n

/** The workflow's time: it stands still within a task and is the same at every replay. */
// oxlint-disable-next-line eslint/no-restricted-globals -- the isolate's Date is the workflow's clock
export const now = (): number => Date.now()

const clock: Clock.Clock = {
  currentTimeMillisUnsafe: now,
  currentTimeMillis: Effect.sync(now),
  currentTimeNanosUnsafe: () => nanos(now()),
  currentTimeNanos: Effect.sync(() => nanos(now())),
  monotonicTimeNanosUnsafe: () => nanos(now()),
  monotonicTimeNanos: Effect.sync(() => nanos(now())),
  sleep: (duration) => {
    const millis = Duration.toMillis(duration)
    if (millis <= 0) return Effect.yieldNow
    return millis === Infinity ? Effect.never : Effect.orDie(operation(() => timer(millis)))
  }
}

type Said = "trace" | "debug" | "info" | "warn" | "error"

const levels: Readonly<Record<LogLevel.LogLevel, Said>> = {
  All: "trace",
  Trace: "trace",
  Debug: "debug",
  Info: "info",
  Warn: "warn",
  Error: "error",
  Fatal: "error",
  None: "trace"
}

const logger = Logger.make<unknown, void>(({ fiber, logLevel, message }) => {
  const text = Array.isArray(message) ? message.map(String).join(" ") : String(message)
  log[levels[logLevel]](text, { ...fiber.getRef(References.CurrentLogAnnotations) })
})

const services = Context.make(Clock.Clock, clock).pipe(
  Context.add(Logger.CurrentLoggers, new Set([logger])),
  Context.add(References.TracerEnabled, false)
)

/**
 * Runs the workflow's one program. A cancellation of the workflow interrupts the fiber, and nothing else: operations that finalizers
 * start afterwards still run.
 */
export const run = <A, E>(program: Effect.Effect<A, E>): Promise<Exit.Exit<A, E>> => {
  const outer = CancellationScope.current()
  return CancellationScope.nonCancellable(() =>
    new Promise((resolve) => {
      const scheduler = new Scheduler.MixedScheduler("async", microtask)
      const fiber = Effect.runForkWith(services)(program, { scheduler })
      fiber.addObserver(resolve)
      outer.cancelRequested.catch(() => fiber.interruptUnsafe())
    })
  )
}
