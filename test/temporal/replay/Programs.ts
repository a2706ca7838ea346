/** Random programs of sequences, parallels, batches and conditions over language models, as methods that pass every check. */
import type { JsonObject } from "../../../src/concept/Json.ts"
import type { Library } from "../../../src/library/Library.ts"
import { library, llm, pipe, sequence } from "../../library/Fixture.ts"

export interface Program {
  readonly library: Library
  readonly ref: string
  readonly inputs: JsonObject
  readonly maxConcurrency: number
}

/** A small generator of numbers, so that a seed says everything about a program. */
const random = (seed: number) => {
  let state = seed | 0
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

interface Made {
  readonly code: string
  /** Names it needs in memory. */
  readonly reads: ReadonlySet<string>
}

const union = (made: ReadonlyArray<Made>, ...more: ReadonlyArray<string>): ReadonlySet<string> =>
  new Set([...made.flatMap(({ reads }) => Array.from(reads)), ...more])

const without = (reads: ReadonlySet<string>, name: string): ReadonlySet<string> =>
  new Set(Array.from(reads).filter((each) => each !== name))

const list = "topics"

const inputsOf = (reads: ReadonlySet<string>) =>
  Object.fromEntries(Array.from(reads, (name) => [name, name === list ? "Text[]" : "Text"]))

/** Pipes whose code ends in `failing` are to be refused by whoever answers the leaves. */
export const isFailing = (code: string): boolean => code.endsWith("failing")

/** A program that works on the text called `subject`, or on an item of the list. */
export const make = (seed: number, depth = 3): Program => {
  const next = random(seed)
  const toml: Array<string> = []
  let count = 0
  let failures = next(3) === 0 ? 1 : 0
  const add = (made: Made, text: string): Made => {
    toml.push(text)
    return made
  }
  const itemOf = (subject: string): string => `${subject}_item`

  const leaf = (subject: string): Made => {
    const fails = failures > 0 && next(3) === 0
    if (fails) failures--
    const code = `leaf_${count++}${fails ? "_failing" : ""}`
    return add({ code, reads: new Set([subject]) }, llm(code, { [subject]: "Text" }))
  }
  const batch = (subject: string, below: number): Made => {
    const code = `batch_${count++}`
    const item = itemOf(subject)
    const branch = text(item, below)
    const reads = union([{ code, reads: without(branch.reads, item) }], list)
    return add(
      { code, reads },
      pipe(code, "PipeBatch", {
        inputs: inputsOf(reads),
        output: "Text[]",
        branch_pipe_code: branch.code,
        input_list_name: list,
        input_item_name: item
      })
    )
  }
  const parallel = (subject: string, below: number): Made => {
    const code = `parallel_${count++}`
    const branches = Array.from({ length: 2 + next(2) }, () => any(subject, below))
    const reads = union(branches)
    return add(
      { code, reads },
      pipe(code, "PipeParallel", {
        inputs: inputsOf(reads),
        output: "Composite",
        branches: branches.map((branch, index) => ({ pipe: branch.code, result: `${code}_${index}` })),
        ...(next(2) === 0 ? { add_each_output: true } : {})
      })
    )
  }
  const condition = (subject: string, below: number): Made => {
    const code = `condition_${count++}`
    const [one, other] = [text(subject, below), text(subject, below)]
    const reads = union([one, other], subject)
    return add(
      { code, reads },
      pipe(code, "PipeCondition", {
        inputs: inputsOf(reads),
        output: "Text",
        expression: `${subject}.text`,
        outcomes: { x: one.code },
        default_outcome: other.code
      })
    )
  }
  const steps = (subject: string, below: number): Made => {
    const code = `sequence_${count++}`
    const made = Array.from({ length: 1 + next(2) }, (_, index) => {
      const result = `${code}_${index}`
      if (next(3) > 0) {
        const called = any(subject, below)
        return { called, step: { pipe: called.code, result } }
      }
      const item = itemOf(subject)
      const called = leaf(item)
      return {
        called: { code, reads: new Set([list]) },
        step: { pipe: called.code, batch_over: list, batch_as: item, result }
      }
    })
    const last = text(subject, below)
    const reads = union([...made.map(({ called }) => called), last])
    return add(
      { code, reads },
      sequence(code, inputsOf(reads), "Text", [
        ...made.map(({ step }) => step),
        { pipe: last.code, result: `${code}_end` }
      ])
    )
  }
  const text = (subject: string, below: number): Made =>
    below <= 0 ? leaf(subject) : [leaf, condition, steps, steps][next(4)]?.(subject, below - 1) ?? leaf(subject)
  const any = (subject: string, below: number): Made =>
    below <= 0 ? leaf(subject) : [text, batch, parallel][next(3)]?.(subject, below - 1) ?? leaf(subject)

  const root = [steps, parallel, batch, condition][seed % 4]?.("topic", depth - 1) ?? leaf("topic")
  const given: JsonObject = { topic: ["x", "y"][next(2)] ?? "x", [list]: ["x", "y", "z"].slice(0, 1 + next(3)) }
  return {
    library: library(toml.join("\n")),
    ref: `d.${root.code}`,
    inputs: Object.fromEntries(Object.entries(given).filter(([name]) => root.reads.has(name))),
    maxConcurrency: 1 + next(3)
  }
}
