import * as Effect from "effect/Effect"
import process from "node:process"

const signals = ["SIGINT", "SIGTERM"] as const

/** Until the process is told to stop. From then on a signal ends it at once, as it would any program. */
export const toldToStop = Effect.callback<void>((resume) => {
  const stop = () => {
    restore()
    resume(Effect.void)
  }
  const restore = () => {
    for (const signal of signals) process.removeListener(signal, stop)
  }
  // The program's own answer would interrupt the fiber, and with it whatever is to be ended in order.
  for (const signal of signals) process.removeAllListeners(signal).on(signal, stop)
  return Effect.sync(restore)
})
