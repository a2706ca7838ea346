/**
 * This runtime as one of the peers of a client benchmark: the workloads on its public interface, as built, with every answer over the wire of
 * a loopback provider. Give its path to a runner that imports peers by name; `BENCH_BASE` says where the provider is.
 */
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Schema from "effect/Schema"
import process from "node:process"
import { Concept, Direct, Pipe, type PipeRunner } from "pipelex-effect"
import * as Method from "./Method.ts"

const base = process.env["BENCH_BASE"] ?? "http://127.0.0.1:7600"
const expected = "ok: forty-two"
const prompt = (item: number): string => `Summarise item ${item} in five words.`

const runtimes = new Map<string, ManagedRuntime.ManagedRuntime<PipeRunner, unknown>>()

const runtime = (delay: number, concurrency = 8) => {
  const key = `${delay} ${concurrency}`
  const found = runtimes.get(key) ?? ManagedRuntime.make(Direct.layerWith({
    base: Method.write({ base, delay, concurrency }),
    environment: { get: (name) => name === Method.key ? "x" : undefined },
    storage: "memory"
  }))
  runtimes.set(key, found)
  return found
}

const Out = Concept.make(
  "bench.Out",
  Schema.Struct({ name: Schema.String, age: Schema.Finite, tags: Schema.Array(Schema.String) }),
  "What is asked for"
)

const answer = Pipe.llm("bench.answer", { inputs: { text: Concept.Text }, output: Concept.Text, prompt: "$text" })
const fill = Pipe.llm("bench.fill", { inputs: { text: Concept.Text }, output: Out, prompt: "$text" })
const each = Pipe.batch("bench.each", { over: "texts", as: "text", branch: answer })

const steps = Array.from({ length: 10 }, (_, index) => index)
const step = (index: number) =>
  Pipe.llm(`bench.step_${index}`, {
    inputs: { text: Concept.Text },
    output: Concept.Text,
    prompt: `step ${index}: $text`
  })
const chained = steps.slice(1).reduce(
  (chain, index) => chain.step("text", step(index)),
  Pipe.sequence("bench.chain", { text: Concept.Text }).step("text", step(0))
).end()

/** Runs one after the other. */
async function* inTurn<A>(count: number, run: (index: number) => Promise<A>): AsyncGenerator<A> {
  for (let index = 0; index < count; index++) yield run(index)
}

const check = ({ text }: { readonly text: string }): void => {
  if (text !== expected) throw new Error(`bad text: ${JSON.stringify(text)}`)
}

export default {
  async seq(n: number, ms: number) {
    for await (const found of inTurn(n, (i) => runtime(ms).runPromise(answer({ text: { text: prompt(i) } })))) {
      check(found)
    }
  },
  async fan(n: number, c: number, ms: number) {
    const texts = Array.from({ length: n }, (_, index) => ({ text: prompt(index) }))
    const found = await runtime(ms, c).runPromise(each({ texts }))
    if (found.length !== n) throw new Error(`bad list: ${found.length}`)
    found.forEach(check)
  },
  async chain(r: number, ms: number) {
    for await (const found of inTurn(r, (i) => runtime(ms).runPromise(chained({ text: { text: prompt(i) } })))) {
      check(found)
    }
  },
  async obj(n: number, ms: number) {
    for await (const found of inTurn(n, (i) => runtime(ms).runPromise(fill({ text: { text: prompt(i) } })))) {
      const { age, name, tags } = found
      if (name !== "Ada" || age !== 36 || tags.length !== 2) throw new Error(`bad object: ${name}`)
    }
  },
  /** Leaves that do nothing but an asynchronous hop: a host function in a batch. */
  async noop(n: number, c: number) {
    const hop = Pipe.func("bench.hop", { inputs: { text: Concept.Text }, output: Concept.Text, function: "bench.hop" })
    const hops = Pipe.batch("bench.hops", { over: "texts", as: "text", branch: hop })
    const layer = Direct.layerWith({
      base: Method.write({ base, concurrency: c }),
      environment: { get: () => undefined },
      storage: "memory",
      functions: {
        "bench.hop": () => Promise.resolve("hop")
      }
    })
    const texts = Array.from({ length: n }, (_, index) => ({ text: prompt(index) }))
    return (await Effect.runPromise(Effect.provide(hops({ texts }), layer))).length
  }
}
