import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { type Authored, list, Page, withoutAbsent } from "../concept/Authoring.ts"
import { fromEntries, isObject, type Json, type JsonObject, JsonValue, own, textOf } from "../concept/Json.ts"
import * as Reference from "../concept/Reference.ts"
import type { Slot } from "../concept/Slot.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { type Crate, type CratePipe, PipeRunner } from "../program/PipeRunner.ts"

/**
 * Pipes written in TypeScript. A pipe is a value: calling it gives an Effect that asks `PipeRunner` to run it, so any Effect program can
 * compose it, and a Layer decides where it runs. The blueprints are those a `.mthds` file has.
 */
export type Slots = Readonly<Record<string, Authored<unknown>>>
export type Inputs<I extends Slots> = { readonly [Name in keyof I]: I[Name]["Type"] }

export interface Pipe<I extends Slots, O extends Authored<unknown>> {
  (inputs: Inputs<I>): Effect.Effect<O["Type"], PipeFailure, PipeRunner>
  /** `domain.code`. */
  readonly ref: string
  readonly inputs: I
  readonly output: O
  readonly blueprint: JsonObject
  /** The pipe with everything it calls and every concept it names, as plain data. */
  readonly crate: Crate
}

/** Any pipe, whatever it takes and gives. */
export interface AnyPipe {
  readonly ref: string
  readonly inputs: Slots
  readonly output: Authored<unknown>
  readonly crate: Crate
}

const slotText = ({ concept, isPlural }: Authored<unknown>): string => `${concept}${isPlural ? "[]" : ""}`

const slotOf = ({ concept, isPlural }: Authored<unknown>): Slot => ({
  concept,
  multiplicity: isPlural ? "list" : "single",
  presence: "plain"
})

const pipeOf = (
  ref: string,
  inputs: Slots,
  output: Authored<unknown>,
  blueprint: JsonObject,
  called: ReadonlyArray<AnyPipe>
): CratePipe => {
  const { code, domain = "" } = Reference.split(ref)
  return {
    code,
    domain,
    blueprint,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, slot]) => [name, slotOf(slot)])),
    output: slotOf(output),
    links: Object.fromEntries(called.map((pipe) => [pipe.ref, pipe.ref]))
  }
}

/** One name has one meaning: a second, different one is an author's mistake, found when the pipe is written. */
const merged = <A>(kind: string, entries: Iterable<readonly [ref: string, value: A]>): ReadonlyMap<string, A> => {
  const all = new Map<string, A>()
  for (const [ref, value] of entries) {
    const known = all.get(ref)
    if (known !== undefined && known !== value && JSON.stringify(known) !== JSON.stringify(value)) {
      throw new TypeError(`two different ${kind}s are called "${ref}"`)
    }
    all.set(ref, value)
  }
  return all
}

const crateOf = (
  ref: string,
  inputs: Slots,
  output: Authored<unknown>,
  blueprint: JsonObject,
  called: ReadonlyArray<AnyPipe>
): Crate => {
  const named = [...Object.values(inputs), output].flatMap(({ declarations }) => declarations)
  const concepts = [...named, ...called.flatMap(({ crate }) => crate.concepts)]
  const pipes = called.flatMap(({ crate }) => Object.entries(crate.pipes))
  return {
    concepts: Array.from(merged("concept", concepts.map((concept) => [concept.ref, concept] as const)).values()),
    pipes: Object.fromEntries(
      merged("pipe", [...pipes, [ref, pipeOf(ref, inputs, output, blueprint, called)] as const])
    ),
    compat: false
  }
}

const misfit = (input: string, concept: string) => (): PipeFailure =>
  fail(new Reason.InputInvalid({ input, concept, misfits: [{ pointer: "", reason: "does not fit its schema" }] }), {
    input
  })

const asJson = Schema.decodeUnknownEffect(JsonValue)

/** How the values of a pipe's inputs are written. */
const encoding = (inputs: Slots) => {
  const slots = Object.entries(inputs).map(([name, slot]) => ({
    name,
    concept: slot.concept,
    encode: Schema.encodeUnknownEffect(slot)
  }))
  return Effect.fnUntraced(function*(values: Readonly<Record<string, unknown>>) {
    const given: Array<readonly [string, Json]> = []
    for (const { concept, encode, name } of slots) {
      const content = yield* Effect.mapErrorEager(
        Effect.flatMapEager(encode(values[name]), asJson),
        misfit(name, concept)
      )
      given.push([name, { concept, content }])
    }
    return fromEntries(given)
  })
}

const unfit = (concept: string) => (): PipeFailure =>
  fail(new Reason.OutputInvalid({ concept, misfits: [{ pointer: "", reason: "does not fit its schema" }] }))

/** How the content of a pipe's output is read. */
const decoding = (output: Authored<unknown>) => {
  const decode = Schema.decodeUnknownEffect(output)
  const written = SchemaAST.toEncoded(output.ast)
  return (content: Json): Effect.Effect<unknown, PipeFailure> => {
    const items = output.isPlural && isObject(content) ? own(content, "items") : undefined
    return Effect.mapErrorEager(decode(withoutAbsent(written, items ?? content)), unfit(output.concept))
  }
}

const make = <I extends Slots, O extends Authored<unknown>>(
  ref: string,
  inputs: I,
  output: O,
  body: JsonObject,
  called: ReadonlyArray<AnyPipe> = []
): Pipe<I, O> => {
  const { description, type, ...keys } = body
  const blueprint: JsonObject = {
    type: type ?? "",
    description: description ?? `${textOf(body, "type")} ${ref}`,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, slot]) => [name, slotText(slot)])),
    output: slotText(output),
    ...keys
  }
  const crate = crateOf(ref, inputs, output, blueprint, called)
  let coding: { readonly encode: ReturnType<typeof encoding>; readonly decode: ReturnType<typeof decoding> } | undefined
  const run = (values: Inputs<I>) =>
    Effect.gen(function*() {
      const runner = yield* PipeRunner
      const { decode, encode } = coding ??= { encode: encoding(inputs), decode: decoding(output) }
      return yield* decode(yield* runner.run({ crate, ref, inputs: yield* encode(values) }))
    }) as Effect.Effect<O["Type"], PipeFailure, PipeRunner>
  return Object.assign(run, { ref, inputs, output, blueprint, crate })
}

/** Drops keys that were not given. */
const present = (keys: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(keys).filter((entry): entry is [string, Json] => entry[1] !== undefined))

/** A model as a reference (`$preset`, `@alias`, a handle) or as settings. */
export type Model = string | ({ readonly model: string; readonly temperature: number } & JsonObject)

interface Described {
  readonly description?: string
}

/** Asks a language model for a text, an object or a list. The prompt is an MTHDS template: `$name`, `@name`, `{{ … }}`. */
export const llm = <const I extends Slots, O extends Authored<unknown>>(
  ref: string,
  options: Described & {
    readonly inputs: I
    readonly output: O
    readonly prompt: string
    readonly systemPrompt?: string
    readonly model?: Model
    readonly modelToStructure?: Model
  }
): Pipe<I, O> =>
  make(
    ref,
    options.inputs,
    options.output,
    present({
      type: "PipeLLM",
      description: options.description,
      prompt: options.prompt,
      system_prompt: options.systemPrompt,
      model: options.model,
      model_to_structure: options.modelToStructure
    })
  )

/** Turns one text into an object or a list. */
export const structure = <const I extends Slots, O extends Authored<unknown>>(
  ref: string,
  options: Described & { readonly inputs: I; readonly output: O; readonly model?: Model }
): Pipe<I, O> =>
  make(
    ref,
    options.inputs,
    options.output,
    present({ type: "PipeStructure", description: options.description, model: options.model })
  )

const pages = list(Page)

/** Reads the pages of a document or image. */
export const extract = <const I extends Slots>(
  ref: string,
  options: Described & {
    readonly inputs: I
    readonly model?: string
    readonly pageViews?: boolean
    readonly maxPageImages?: number
  }
): Pipe<I, typeof pages> =>
  make(
    ref,
    options.inputs,
    pages,
    present({
      type: "PipeExtract",
      description: options.description,
      model: options.model,
      page_views: options.pageViews,
      max_page_images: options.maxPageImages
    })
  )

/** Renders a template to a text, without any model. */
export const compose = <const I extends Slots, O extends Authored<unknown>>(
  ref: string,
  options: Described & { readonly inputs: I; readonly output: O; readonly template: string }
): Pipe<I, O> =>
  make(
    ref,
    options.inputs,
    options.output,
    present({ type: "PipeCompose", description: options.description, template: options.template })
  )

/** Calls a function registered with the layer, by its dotted name. */
export const func = <const I extends Slots, O extends Authored<unknown>>(
  ref: string,
  options: Described & { readonly inputs: I; readonly output: O; readonly function: string }
): Pipe<I, O> =>
  make(
    ref,
    options.inputs,
    options.output,
    present({ type: "PipeFunc", description: options.description, function_name: options.function })
  )

const together = (tables: ReadonlyArray<Slots>): Slots => Object.assign({}, ...tables)

/** Runs a pipe for each item of a list, in bounded concurrency, results in order. `as` is the branch's input that gets the item. */
export function batch<
  const Over extends string,
  const As extends string,
  I extends Slots & Readonly<Record<As, Authored<unknown>>>,
  O extends Authored<unknown>
>(
  ref: string,
  options: Described & { readonly over: Over; readonly as: As; readonly branch: Pipe<I, O> }
): Pipe<
  Omit<I, As> & { readonly [Name in Over]: Authored<ReadonlyArray<I[As]["Type"]>> },
  Authored<ReadonlyArray<O["Type"]>>
>
export function batch(
  ref: string,
  options: Described & { readonly over: string; readonly as: string; readonly branch: AnyPipe }
): AnyPipe {
  const { as, branch, over } = options
  const { [as]: item, ...others } = branch.inputs
  return make(
    ref,
    together([others, item === undefined ? {} : { [over]: list(item) }]),
    list(branch.output),
    present({
      type: "PipeBatch",
      description: options.description,
      branch_pipe_code: branch.ref,
      input_list_name: over,
      input_item_name: as
    }),
    [branch]
  )
}

type Branches = Readonly<Record<string, AnyPipe>>
type Union<T> = (T extends unknown ? (of: T) => void : never) extends (of: infer I) => void ? I : never
type InputsOf<B extends Branches> = Union<B[keyof B]["inputs"]> & Slots

/** Runs branches at the same time; their results, by name, are the fields of the output concept. */
export function parallel<
  const B extends Branches,
  O extends Authored<{ readonly [Name in keyof B]: B[Name]["output"]["Type"] }>
>(
  ref: string,
  options: Described & { readonly branches: B; readonly output: O }
): Pipe<InputsOf<B>, O>
export function parallel(
  ref: string,
  options: Described & { readonly branches: Branches; readonly output: Authored<unknown> }
): Pipe<Slots, Authored<unknown>> {
  const branches = Object.entries(options.branches)
  return make(
    ref,
    together(branches.map(([, branch]) => branch.inputs)),
    options.output,
    present({
      type: "PipeParallel",
      description: options.description,
      branches: branches.map(([result, branch]) => ({ pipe: branch.ref, result }))
    }),
    branches.map(([, branch]) => branch)
  )
}

interface Outcomes<I extends Slots, C extends Slots, O extends Authored<unknown>> extends Described {
  /** What the expression reads, beside what the outcomes need. */
  readonly inputs: I
  readonly expression: string
  readonly outcomes: Readonly<Record<string, Pipe<C, O>>>
  /** Where everything else goes: a pipe, or `"fail"`. */
  readonly otherwise: Pipe<C, O> | "fail"
}

/** Evaluates an expression over the inputs and runs the pipe that its text stands for. All outcomes share one output. */
export function condition<const I extends Slots, O extends Authored<unknown>, C extends Slots>(
  ref: string,
  options: Outcomes<I, C, O>
): Pipe<I & C, O>
export function condition(
  ref: string,
  options: Outcomes<Slots, Slots, Authored<unknown>>
): Pipe<Slots, Authored<unknown>> {
  const { otherwise, outcomes } = options
  const called = [...Object.values(outcomes), ...(otherwise === "fail" ? [] : [otherwise])]
  const [first] = called
  if (first === undefined) throw new TypeError(`condition "${ref}" has no outcomes`)
  return make(
    ref,
    together([...called.map((pipe) => pipe.inputs), options.inputs]),
    first.output,
    present({
      type: "PipeCondition",
      description: options.description,
      expression: options.expression,
      outcomes: Object.fromEntries(Object.entries(outcomes).map(([key, pipe]) => [key, pipe.ref])),
      default_outcome: otherwise === "fail" ? "fail" : otherwise.ref
    }),
    called
  )
}

type Fits<Needed extends Slots, Env extends Slots> = {
  readonly [
    Name in keyof Needed as Name extends keyof Env ? Env[Name]["Type"] extends Needed[Name]["Type"] ? never : Name
      : Name
  ]: Needed[Name]["Type"]
}

/** What a step needs is in memory, or the missing names are in the error. */
type Ready<Needed extends Slots, Env extends Slots> = keyof Fits<Needed, Env> extends never ? unknown
  : { readonly "missing in working memory": keyof Fits<Needed, Env> }

/** A sequence being written: each step sees the inputs and the results so far. */
export interface Sequence<I extends Slots, Env extends Slots, O extends Authored<unknown>> {
  readonly step: <const Name extends string, PI extends Slots, PO extends Authored<unknown>>(
    result: Name,
    pipe: Pipe<PI, PO> & Ready<PI, Env>
  ) => Sequence<I, Omit<Env, Name> & { readonly [Key in Name]: PO }, PO>
  readonly end: () => Pipe<I, O>
}

interface Written {
  readonly result: string
  readonly pipe: AnyPipe
}

const sequenceOf = <I extends Slots, Env extends Slots, O extends Authored<unknown>>(
  ref: string,
  inputs: I,
  description: string | undefined,
  steps: ReadonlyArray<Written>,
  output: O | undefined
): Sequence<I, Env, O> => ({
  step: (result, pipe) => sequenceOf(ref, inputs, description, [...steps, { result, pipe }], pipe.output),
  end: () => {
    if (output === undefined) throw new TypeError(`sequence "${ref}" has no steps`)
    return make(
      ref,
      inputs,
      output,
      present({
        type: "PipeSequence",
        description,
        steps: steps.map(({ pipe, result }) => ({ pipe: pipe.ref, result }))
      }),
      steps.map(({ pipe }) => pipe)
    )
  }
})

/** Runs steps one after the other: `.step("name", pipe)` for each, then `.end()`. */
export const sequence = <const I extends Slots>(
  ref: string,
  inputs: I,
  options: Described = {}
): Sequence<I, I, never> => sequenceOf<I, I, never>(ref, inputs, options.description, [], undefined)
