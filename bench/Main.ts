import * as Effect from "effect/Effect"
import { batch } from "./Batch.ts"
import type { Figures } from "./Measure.ts"
import { commands, startup } from "./Startup.ts"

const line = (text: string): void => void process.stdout.write(`${text}\n`)

const show = (figures: ReadonlyArray<Figures | undefined>, ratio: number | undefined): void => {
  for (const each of figures) {
    if (each !== undefined) {
      line(
        `  ${each.name.padEnd(28)} median ${each.median.toFixed(0)} ms (${each.min.toFixed(0)} to ${
          each.max.toFixed(0)
        })`
      )
    }
  }
  line(
    ratio === undefined
      ? "  ratio: set PIPELEX_REFERENCE to the reference's command to have one"
      : `  ratio ${ratio.toFixed(3)}`
  )
}

line("start-up, whole processes in turn")
const version = startup(15)
show(version.figures, version.ratio)

line("commands on a bundle of three pipes")
for (const { figures, ratio } of commands(5)) show(figures, ratio)

line("direct overhead: a batch of 100,000 trivial items, leaves answered from a script")
const runs = await Effect.runPromise(Effect.replicateEffect(batch(100_000), 3))
for (const figures of runs) {
  line(
    `  ${figures.leavesPerSecond} leaves/s, ${figures.microsecondsPerLeaf.toFixed(1)} µs each, ` +
      `${figures.bytesKeptPerItem} B kept and at most ${figures.bytesAtPeakPerItem} B at the peak per item`
  )
}
