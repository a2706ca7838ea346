import { Effect } from "effect"
import { Direct } from "pipelex-effect"
import { Recorded } from "pipelex-effect/testing"
import { program } from "./review.ts"

const simulated = Direct.layerWith({ backend: "simulated", storage: "memory" })

const scripted = Recorded.layer({
  answer: ({ leaf }) =>
    Effect.succeed(leaf === "act_llm_gen_text" ? "Ten lines." : { clause: "Either party …", level: "high" })
})

const lines = await Effect.runPromise(
  Effect.all([Effect.provide(program, simulated), Effect.provide(program, scripted)])
)
process.stdout.write(`${lines.flat().join("\n")}\n`)
