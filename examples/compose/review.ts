import { Effect, Schema } from "effect"
import { Concept, Direct, Pipe } from "pipelex-effect"

const Risk = Concept.make(
  "legal.Risk",
  Schema.Struct({
    clause: Schema.String.annotate({ description: "The clause, word for word" }),
    level: Schema.Literals(["low", "high"]).annotate({ description: "How much it matters" })
  }),
  "A clause that could cost us money"
)

const summarize = Pipe.llm("legal.summarize", {
  inputs: { contract: Concept.Text },
  output: Concept.Text,
  prompt: "Summarize this contract in ten lines:\n@contract"
})

const assess = Pipe.llm("legal.assess", {
  inputs: { summary: Concept.Text },
  output: Risk,
  prompt: "Name the riskiest clause:\n@summary"
})

const review = Pipe.sequence("legal.review", { contract: Concept.Text })
  .step("summary", summarize)
  .step("risk", assess)
  .end()

const reviewAll = Pipe.batch("legal.review_all", { over: "contracts", as: "contract", branch: review })

export const program = Effect.gen(function*() {
  const risks = yield* reviewAll({ contracts: [{ text: "The supplier may …" }, { text: "Either party …" }] })
  return risks.map((risk) => `${risk.level}: ${risk.clause}`)
})

if (import.meta.main) {
  const lines = await Effect.runPromise(Effect.provide(program, Direct.layer))
  process.stdout.write(`${lines.join("\n")}\n`)
}
