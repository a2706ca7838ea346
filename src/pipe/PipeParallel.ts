import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Concepts } from "../concept/Concept.ts"
import { decode } from "../concept/ContentSchema.ts"
import type { Json } from "../concept/Json.ts"
import * as Slot from "../concept/Slot.ts"
import type { FieldType } from "../concept/Structure.ts"
import { type Shape, shapeOf, type Stuff } from "../concept/Stuff.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import type { Issue } from "../failure/Issue.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Leaves } from "../program/Leaves.ts"
import type { PipeCall, PipeRunner } from "../program/PipeRunner.ts"
import { toFields } from "./Conversion.ts"
import { type Definition, issue, type Kind, none, type Surroundings } from "./Definition.ts"
import { compiled, outputOf, type Produced, storeProduced } from "./Execution.ts"
import { header } from "./Header.ts"
import { checkItem } from "./PipeBatch.ts"
import * as Step from "./Step.ts"
import * as StepBatch from "./StepBatch.ts"
import * as StepCall from "./StepCall.ts"

/** Runs branches at the same time, each on its own view of memory, and combines their results. */
export class Blueprint extends Schema.Class<Blueprint>("PipeParallel.Blueprint")({
  type: Schema.tag("PipeParallel"),
  ...header,
  branches: Schema.Array(Step.Step),
  add_each_output: Schema.optionalKey(Schema.Boolean)
}) {}

/** A native that a combination cannot be, or a list of them. */
const unfit = (output: string): string | undefined => {
  const slot = Slot.parse(output, "output")
  if (typeof slot === "string") return undefined
  if (Slot.isPlural(slot)) return "never a list"
  const code = slot.concept.replace(/^native\./, "")
  return /^[A-Z]/.test(code) && code !== "Composite" && nativeCodes.has(code)
    ? "Composite or a structured concept"
    : undefined
}

const nativeCodes = new Set([
  "Text",
  "Markdown",
  "Number",
  "YesNo",
  "Choice",
  "Rating",
  "Date",
  "Time",
  "Image",
  "Document",
  "Html",
  "TextAndImages",
  "Page",
  "JSON",
  "SearchResult",
  "Dynamic",
  "Anything"
])

export const validate: Kind<Blueprint>["validate"] = (code, { branches, output }) => {
  const seen = new Set<string>()
  const wrong = unfit(output)
  return [
    ...branches.flatMap((branch, index) => [
      ...Step.validate(code, ["branches", index], branch, "parallel"),
      ...resultOf(code, branch, index, seen)
    ]),
    ...(wrong === undefined ? none : [
      issue(
        code,
        ["output"],
        "method.schema_violation",
        `pipe "${code}" is a PipeParallel: its output is ${wrong}, not "${output}"`,
        {
          fix: "write output = \"Composite\", or a concept with a field for each branch"
        }
      )
    ])
  ]
}

const resultOf = (code: string, branch: Step.Step, index: number, seen: Set<string>): ReadonlyArray<Issue> => {
  if (Step.isBinding(branch)) return none
  if (branch.result === undefined) {
    return [
      issue(
        code,
        ["branches", index],
        "method.schema_violation",
        `branch ${index + 1} of pipe "${code}" has no result`,
        {
          fix: "add result = \"<name>\""
        }
      )
    ]
  }
  if (!seen.has(branch.result)) {
    seen.add(branch.result)
    return none
  }
  return [
    issue(
      code,
      ["branches", index, "result"],
      "method.name_conflict",
      `two branches of pipe "${code}" have the result "${branch.result}"`,
      {
        names: [branch.result]
      }
    )
  ]
}

const isList = (branch: Step.Step, called: Definition): boolean =>
  branch.batch_over !== undefined ||
  (Step.multiplicity(branch, called.output) ?? called.output.multiplicity) !== "single"

export const check: Kind<Blueprint>["check"] = (definition, surroundings) => {
  const { blueprint, code, output } = definition
  const branches = blueprint.branches.flatMap((branch, index) => {
    const called = branch.pipe === undefined ? undefined : surroundings.find(definition, branch.pipe)
    return called === undefined || branch.result === undefined ? [] : [{ branch, called, index, result: branch.result }]
  })
  return [
    ...branches.flatMap(({ branch, index }) =>
      branch.batch_as === undefined || branch.pipe === undefined
        ? none
        : checkItem(definition, ["branches", index, "batch_as"], branch.batch_as, branch.pipe, surroundings)
    ),
    ...(isComposite(surroundings.concepts, output.concept)
      ? none
      : checkFields(code, output.concept, branches, surroundings))
  ]
}

/** A combination that takes any component: `Composite` itself, or what refines it. */
const isComposite = (concepts: Concepts, ref: string): boolean => concepts.lineage(ref).includes("native.Composite")

/** Whether a branch's content is of the class that a field holds: a field takes its concept and what refines it. */
const holds = (concepts: Concepts, type: FieldType, concept: string): boolean => {
  if (type.kind === "any") return true
  if (type.kind === "list") return holds(concepts, type.item, concept)
  if (type.kind !== "concept") return false
  return type.ref === "native.Anything" || type.ref === "native.Dynamic" || concept === "native.Anything" ||
    concept === "native.Dynamic" || concepts.lineage(concept).includes(type.ref)
}

const checkFields = (
  code: string,
  concept: string,
  branches: ReadonlyArray<{ readonly branch: Step.Step; readonly called: Definition; readonly result: string }>,
  { concepts }: Surroundings
): ReadonlyArray<Issue> => {
  const fields = concepts.fields(concept) ?? []
  const mismatch = (problem: string, names: ReadonlyArray<string>) =>
    issue(code, ["output"], "method.output_concept_mismatch", `pipe "${code}" cannot make a "${concept}": ${problem}`, {
      type: "inadequate_output_concept",
      names
    })
  const unproduced = fields.filter((field) => field.required && !branches.some(({ result }) => result === field.name))
    .map(({ name }) => name)
  const fieldless = branches.filter(({ result }) => !fields.some(({ name }) => name === result)).map(({ result }) =>
    result
  )
  const shapes = branches.flatMap(({ branch, called, result }) => {
    const field = fields.find(({ name }) => name === result)
    return field !== undefined && field.type.kind !== "any" && (field.type.kind === "list") !== isList(branch, called)
      ? [result]
      : []
  })
  const strangers = branches.filter(({ called, result }) => {
    const field = fields.find(({ name }) => name === result)
    return field !== undefined && !shapes.includes(result) && !holds(concepts, field.type, called.output.concept)
  })
  const absent = branches.filter(({ branch, called, result }) =>
    called.output.presence === "optional" && branch.batch_over === undefined &&
    fields.some((field) => field.name === result && field.required)
  )
  return [
    ...(unproduced.length === 0
      ? none
      : [mismatch(`no branch makes its field "${unproduced.join("\", \"")}"`, unproduced)]),
    ...(fieldless.length === 0
      ? none
      : [mismatch(`it has no field for the branch "${fieldless.join("\", \"")}"`, fieldless)]),
    ...shapes.map((result) =>
      issue(
        code,
        ["output"],
        "pipe.output_multiplicity",
        `branch "${result}" of pipe "${code}" and the field of "${concept}" it fills are not both lists`,
        { names: [result] }
      )
    ),
    ...strangers.map(({ called, result }) =>
      issue(
        code,
        ["output"],
        "pipe.output_invalid",
        `branch "${result}" of pipe "${code}" makes "${called.output.concept}", which its field of "${concept}" does not hold`,
        { names: [result], fix: `make the field a concept of "${called.output.concept}"` }
      )
    ),
    ...absent.map(({ result }) =>
      issue(
        code,
        ["output"],
        "method.optional_unhandled",
        `branch "${result}" of pipe "${code}" may be absent, and the field it fills is required`,
        {
          type: "optional_branch_required_field",
          names: [result],
          params: { pipe: code, input: result, site: "parallel_branch" }
        }
      )
    )
  ]
}

export const references: Kind<Blueprint>["references"] = ({ branches }) =>
  branches.flatMap((branch, index) =>
    branch.pipe === undefined ? [] : [{ ref: branch.pipe, path: ["branches", index, "pipe"] }]
  )

interface Branch {
  readonly result: string
  readonly code: string
  readonly isPlural: boolean
  readonly concept: string
  readonly run: (call: PipeCall) => Effect.Effect<WorkingMemory.WorkingMemory, PipeFailure, PipeRunner | Leaves>
}

const compileBranch = (
  definition: Definition,
  branch: Step.Step,
  index: number,
  surroundings: Surroundings
): Branch | undefined => {
  const called = branch.pipe === undefined ? undefined : surroundings.find(definition, branch.pipe)
  const { result } = branch
  if (called === undefined || result === undefined) return undefined
  const common = { result, isPlural: isList(branch, called), concept: called.output.concept, code: called.code }
  if (branch.batch_over !== undefined && branch.batch_as !== undefined) {
    const step = { ...branch, batch_over: branch.batch_over, batch_as: branch.batch_as }
    return { ...common, run: StepBatch.compile(definition, step, index, called, surroundings) }
  }
  return { ...common, run: StepCall.compile(branch, index, called) }
}

type Outcome = {
  readonly result: string
  readonly stuff: Stuff | undefined
  readonly absence: WorkingMemory.Absence | undefined
}

const combine = (
  definition: Definition,
  call: PipeCall,
  outcomes: ReadonlyArray<Outcome>,
  { concepts }: Surroundings
): Effect.Effect<Produced, PipeFailure> => {
  const { concept } = outputOf(definition, call)
  const present = outcomes.flatMap(({ result, stuff }) => stuff === undefined ? [] : [[result, stuff] as const])
  const values = present.map(([result, stuff]): readonly [string, Json] => [result, stuff.content])
  if (isComposite(concepts, concept)) {
    const components = Object.fromEntries(present.map(([result, stuff]): [string, Shape] => [result, shapeOf(stuff)]))
    return Effect.succeed({
      content: Object.fromEntries(values),
      plural: false,
      held: { concept, plural: false, components }
    })
  }
  const decoded = decode(concepts, concept, toFields(concepts, concept, values))
  return Result.isSuccess(decoded)
    ? Effect.succeed({ content: decoded.success, plural: false })
    : Effect.fail(fail(new Reason.OutputInvalid({ concept, misfits: decoded.failure })))
}

/** The memory with each branch's own output, or its absence, under its name. */
const addEach = (memory: WorkingMemory.WorkingMemory, outcomes: ReadonlyArray<Outcome>): WorkingMemory.WorkingMemory =>
  outcomes.reduce((into, { absence, result, stuff }) =>
    stuff !== undefined
      ? WorkingMemory.put(into, { ...stuff, name: result })
      : absence === undefined
      ? into
      : WorkingMemory.putAbsence(into, result, absence), memory)

export const compile: Kind<Blueprint>["compile"] = (definition, surroundings) => {
  const { blueprint } = definition
  const branches = blueprint.branches.flatMap((branch, index) =>
    compileBranch(definition, branch, index, surroundings) ?? []
  )
  const addsEach = blueprint.add_each_output === true

  const body = Effect.fnUntraced(function*(call: PipeCall) {
    const exits = yield* Effect.forEach(
      branches,
      ({ result, run }) =>
        Effect.exit(Effect.map(run(call), (memory): Outcome => ({
          result,
          stuff: WorkingMemory.get(memory, result),
          absence: WorkingMemory.absence(memory, result)
        }))),
      { concurrency: "unbounded" }
    )
    const outcomes: Array<Outcome> = []
    for (const exit of exits) outcomes.push(Exit.isSuccess(exit) ? exit.value : yield* exit)
    const produced = yield* combine(definition, call, outcomes, surroundings)
    const memory = addsEach ? addEach(call.memory, outcomes) : call.memory
    return storeProduced(definition, { ...call, memory }, produced)
  })

  const alsoWritten = addsEach
    ? branches.map(({ code, concept, isPlural, result }) => ({
      name: result,
      concept,
      plural: isPlural,
      producer: code
    }))
    : []
  return compiled(definition, body, alsoWritten)
}
