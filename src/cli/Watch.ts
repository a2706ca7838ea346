import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import process from "node:process"
import type { RunEvent } from "../program/RunEvents.ts"
import type { Prices } from "../report/LeafUsage.ts"
import * as LiveTree from "../report/LiveTree.ts"
import * as Progress from "../report/Progress.ts"
import type { TimedEvent } from "../report/RunRecord.ts"
import type { Streams } from "./Streams.ts"

/**
 * Keeps the events of a run and tells them as they come: on a terminal as a tree that is drawn again and again below the lines of what is
 * over, else as lines. Events come from within the run, so the telling is synchronous.
 */
export interface Watch {
  /** Tells an event, and when it happened where that is not now. */
  readonly listen: (event: RunEvent, at?: number) => void
  readonly events: ReadonlyArray<TimedEvent>
  /** Draws until interrupted, and takes the tree away then. */
  readonly draw: Effect.Effect<never>
  /** Puts lines on stdout, above the tree. */
  readonly print: (lines: ReadonlyArray<string>) => void
  /** Puts a line of the log on stderr, above the tree. */
  readonly log: (line: string) => void
}

const frame = Duration.millis(100)
const hideCursor = "\u001b[?25l"
const showCursor = "\u001b[?25h"
const up = (lines: number): string => lines === 0 ? "" : `\u001b[${lines}A\r\u001b[J`

export interface Options {
  readonly prices: Prices
  /** Everything, for the graph; else what the costs and the failed items need. */
  readonly keepsAll: boolean
}

const isKept = (event: RunEvent): boolean =>
  event._tag === "LeafFinished" || event._tag === "LeafFailed" ||
  (event._tag === "ItemFinished" && event.failure !== undefined)

export const make = (streams: Streams["Service"], { keepsAll, prices }: Options): Watch => {
  const { stderr, stdout } = process
  const isTold = streams.audience.reader === "people" && !streams.audience.quiet
  const isLive = isTold && streams.isErrTerminal
  const events: Array<TimedEvent> = []
  let state = Progress.empty
  let drawn = 0

  const erase = (): void => {
    if (drawn > 0) stderr.write(up(drawn))
    drawn = 0
  }
  const paint = (): void => {
    const tree = LiveTree.draw(state, {
      now: Date.now(),
      width: streams.err.width - 1,
      height: Math.max(1, streams.height - 2)
    })
    if (tree.length > 0) stderr.write(`${tree.map(streams.err.style.faint).join("\n")}\n`)
    drawn = tree.length
  }
  const above = (put: () => void): void => {
    if (isLive) erase()
    put()
    if (isLive) paint()
  }
  const listen = (event: RunEvent, at: number = Date.now()): void => {
    if (keepsAll || isKept(event)) events.push({ at, event })
    if (!isTold) return
    const { lines, state: next } = Progress.step(state, event, at, prices)
    state = next
    if (lines.length > 0) above(() => stderr.write(`${lines.join("\n")}\n`))
  }
  const draw = isLive
    ? Effect.acquireUseRelease(
      Effect.sync(() => stderr.write(hideCursor)),
      () => Effect.forever(Effect.andThen(Effect.sync(() => above(() => undefined)), Effect.sleep(frame))),
      () =>
        Effect.sync(() => {
          erase()
          stderr.write(showCursor)
        })
    )
    : Effect.never
  return {
    listen,
    events,
    draw,
    print: (lines) => above(() => stdout.write(`${lines.join("\n")}\n`)),
    log: (line) => above(() => stderr.write(`${line}\n`))
  }
}
