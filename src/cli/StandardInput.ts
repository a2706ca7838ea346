import * as Effect from "effect/Effect"
import { fstatSync, type Stats } from "node:fs"
import process from "node:process"

/**
 * What is piped in. A terminal or a device gives nothing, and so does an end without a byte. A pipe of a shell is waited for: whoever
 * writes to it may take his time. A socket is what other programs hand to those they start, often without ever writing to it or
 * closing it: when nothing has come after a moment, there is nothing.
 */
export interface Reading {
  /** `undefined`: none. The patience begins when the reading begins. */
  readonly text: (patience: "moment" | "while") => Effect.Effect<string | undefined>
}

const patienceMillis = { moment: 200, while: 3000 }
const slowMillis = 3000

const stats = (): Stats | undefined => {
  try {
    return fstatSync(0)
  } catch {
    return undefined
  }
}

export const none: Reading = { text: () => Effect.undefined }

interface Piped {
  readonly chunks: Array<Buffer>
  readonly isOver: () => boolean
  readonly over: Promise<void>
  readonly started: number
}

const listen = (): Piped => {
  const chunks: Array<Buffer> = []
  let isOver = false
  const over = new Promise<void>((resolve) => {
    const end = (): void => {
      isOver = true
      resolve()
    }
    process.stdin.on(
      "data",
      (chunk: Buffer | string) => chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk)
    )
    process.stdin.on("end", end)
    process.stdin.on("close", end)
    process.stdin.on("error", end)
  })
  return { chunks, isOver: () => isOver, over, started: performance.now() }
}

const textOf = (chunks: ReadonlyArray<Buffer>): string | undefined => {
  const text = Buffer.concat(chunks).toString("utf8")
  return text.trim() === "" ? undefined : text
}

/** Starts to listen, so that what is there is known by the time it is asked for. `slow` is told when the wait gets long. */
export const open = (slow: Effect.Effect<void>): Reading => {
  const about = process.stdin.isTTY ? undefined : stats()
  if (about === undefined || !(about.isFIFO() || about.isFile() || about.isSocket())) return none
  const piped = listen()
  const isSocket = about.isSocket()
  const over = Effect.promise(() => piped.over)
  const text = Effect.fnUntraced(function*(patience: "moment" | "while") {
    yield* Effect.yieldNow
    if (isSocket && !piped.isOver()) {
      const left = piped.started + patienceMillis[patience] - performance.now()
      yield* Effect.timeoutOrElse(over, { duration: Math.max(left, 10), orElse: () => Effect.void })
      if (!piped.isOver() && piped.chunks.length === 0) {
        process.stdin.destroy()
        return undefined
      }
    }
    yield* Effect.timeoutOrElse(over, { duration: slowMillis, orElse: () => Effect.andThen(slow, over) })
    return textOf(piped.chunks)
  })
  return { text }
}
