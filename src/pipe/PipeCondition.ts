import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Slot from "../concept/Slot.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import type { Issue } from "../failure/Issue.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import * as PipePath from "../program/PipePath.ts"
import { type PipeCall, PipeRunner } from "../program/PipeRunner.ts"
import { type Definition, issue, type Kind, none, type Surroundings } from "./Definition.ts"
import { compiled, storeAbsence } from "./Execution.ts"
import { header } from "./Header.ts"
import * as TemplateField from "./TemplateField.ts"

/** Evaluates an expression and runs the pipe its text stands for. */
export class Blueprint extends Schema.Class<Blueprint>("PipeCondition.Blueprint")({
  type: Schema.tag("PipeCondition"),
  ...header,
  expression: Schema.optionalKey(Schema.String),
  expression_template: Schema.optionalKey(Schema.String),
  outcomes: Schema.Record(Schema.String, Schema.NonEmptyString).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  default_outcome: Schema.NonEmptyString,
  add_alias_from_expression_to: Schema.optionalKey(Schema.String)
}) {}

const special: ReadonlySet<string> = new Set(["fail", "continue"])

export const field = ({ expression, expression_template: template }: Blueprint): TemplateField.TemplateField =>
  template === undefined
    ? { path: ["expression"], source: `{{ ${expression ?? ""} }}`, category: "expression", sigils: false }
    : { path: ["expression_template"], source: template, category: "expression", sigils: true }

export const validate: Kind<Blueprint>["validate"] = (code, blueprint, context) => {
  const { default_outcome: last, expression, expression_template: template, outcomes } = blueprint
  const violation = (path: ReadonlyArray<string>, problem: string, fix: string) =>
    issue(code, path, "method.schema_violation", `pipe "${code}" ${problem}`, { fix })
  const written = [expression, template].filter((text) => text !== undefined)
  return [
    ...(written.length === 1
      ? TemplateField.parseAll(code, [field(blueprint)], Object.keys(blueprint.inputs), context.compat).issues
      : [
        violation(
          [],
          `has ${written.length === 0 ? "neither expression nor" : "both expression and"} expression_template`,
          "give exactly one"
        )
      ]),
    ...(written.length === 1 && written[0]?.trim() === ""
      ? [violation([], "has an empty expression", "say what decides")]
      : none),
    ...(Object.keys(outcomes).length === 0 ? [violation(["outcomes"], "has no outcomes", "add at least one")] : none),
    ...(Object.keys(outcomes).length > 0 && [...Object.values(outcomes), last].every((ref) => ref === "fail")
      ? [violation(["outcomes"], "can only fail", "let an outcome or the default name a pipe, or continue")]
      : none)
  ]
}

/** What the expression can lead to, each once, the default last. */
export const outcomePipes = ({ default_outcome: last, outcomes }: Blueprint): ReadonlyArray<string> =>
  Array.from(new Set([...Object.values(outcomes).filter((ref) => ref !== last), last])).filter((ref) =>
    !special.has(ref)
  )

const canContinue = ({ default_outcome: last, outcomes }: Blueprint): boolean =>
  [...Object.values(outcomes), last].includes("continue")

export const check: Kind<Blueprint>["check"] = (definition, surroundings) => {
  const { blueprint, code, inputs, output } = definition
  const { parsed } = TemplateField.parseAll(code, [field(blueprint)], inputs.keys(), surroundings.compat)
  const concepts = new Set(
    outcomePipes(blueprint).flatMap((ref) => surroundings.find(definition, ref)?.output.concept ?? [])
  )
  const [only] = concepts
  const isFit = concepts.size === 0 || output.concept === "native.Anything" ||
    (concepts.size === 1 && only === output.concept) ||
    concepts.has("native.Dynamic")
  return [
    ...TemplateField.lint(code, parsed, inputs),
    ...(isFit ? none : [
      issue(
        code,
        ["output"],
        "method.output_concept_mismatch",
        `pipe "${code}" can produce ${
          Array.from(concepts).map((ref) => `"${ref}"`).join(" or ")
        }, not "${output.concept}"`,
        {
          type: "inadequate_output_concept",
          fix: concepts.size === 1 ? `write output = "${only}"` : "write output = \"Anything\""
        }
      )
    ]),
    ...optionalOutcomes(definition, surroundings),
    ...(canContinue(blueprint) && output.presence !== "optional"
      ? [
        issue(
          code,
          ["output"],
          "method.optional_unhandled",
          `pipe "${code}" can "continue" without a value, and its output "${output.concept}" is not optional`,
          {
            type: "optional_output_required",
            names: ["output"],
            params: { pipe: code, input: "output", site: "condition_output" },
            fix: `write output = "${blueprint.output.replace(/\?$/, "")}?"`
          }
        )
      ]
      : none)
  ]
}

/** Outcomes that may make nothing, under an output that promises a value. */
const optionalOutcomes = (
  { code, output, ...definition }: Definition<Blueprint>,
  surroundings: Surroundings
): ReadonlyArray<Issue> =>
  output.presence === "optional" || Slot.isPlural(output)
    ? none
    : outcomePipes(definition.blueprint).flatMap((ref) => {
      const called = surroundings.find({ code, output, ...definition }, ref)
      return called?.output.presence !== "optional" ? [] : [
        issue(
          code,
          ["output"],
          "method.optional_unhandled",
          `outcome "${ref}" of pipe "${code}" may make nothing, and its own output is not optional`,
          {
            type: "optional_not_handled",
            names: [ref],
            params: { pipe: code, input: called.ref, site: "condition" },
            fix: `write output = "${Slot.show({ ...output, presence: "optional" })}"`
          }
        )
      ]
    })

export const references: Kind<Blueprint>["references"] = ({ default_outcome: last, outcomes }) => [
  ...Object.entries(outcomes).filter(([, ref]) => !special.has(ref)).map(([key, ref]) => ({
    ref,
    path: ["outcomes", key]
  })),
  ...(special.has(last) ? [] : [{ ref: last, path: ["default_outcome"] }])
]

/** The alias names by the evaluated text what is called so in memory; else the text itself is stored under the alias. */
const addAlias = (call: PipeCall, target: string | undefined, text: string): PipeCall => {
  if (target === undefined) return call
  if (WorkingMemory.get(call.memory, target) !== undefined) {
    return { ...call, memory: WorkingMemory.alias(call.memory, text, target) }
  }
  const stuff = {
    code: PipePath.stuffCode(call.path, target),
    name: target,
    concept: "native.Text",
    plural: false,
    content: { text }
  }
  return { ...call, memory: WorkingMemory.put(call.memory, stuff) }
}

export const compile: Kind<Blueprint>["compile"] = (definition, surroundings) => {
  const { blueprint, code } = definition
  const [parsed] =
    TemplateField.parseAll(code, [field(blueprint)], definition.inputs.keys(), surroundings.compat).parsed
  const distinct = outcomePipes(blueprint)

  const follow = Effect.fnUntraced(function*(call: PipeCall, outcome: string) {
    if (outcome === "fail") return yield* fail(new Reason.ConditionRefused({}))
    if (outcome === "continue") {
      return storeAbsence(definition, call, {
        kind: "declared_absent",
        reason: `condition "${code}" resolved to "continue"`
      })
    }
    const runner = yield* PipeRunner
    const called = surroundings.find(definition, outcome)
    return yield* runner.call({
      ...call,
      ref: called?.ref ?? outcome,
      path: PipePath.child(call.path, called ?? { code: outcome, ref: outcome }, Math.max(distinct.indexOf(outcome), 0))
    })
  })

  /** A dry run takes every way there is; the memory of the last one is kept. */
  const followAll = Effect.fnUntraced(function*(call: PipeCall) {
    let after: WorkingMemory.WorkingMemory | undefined
    for (const ref of distinct) after = yield* follow(call, ref)
    return after ?? (yield* follow(call, canContinue(blueprint) ? "continue" : "fail"))
  })

  return compiled(
    definition,
    Effect.fnUntraced(function*(call) {
      if (parsed === undefined) return call.memory
      const text = yield* TemplateField.render(parsed, {
        concepts: surroundings.concepts,
        memory: call.memory,
        settings: call.scope.settings
      })
      if (text === "" || text === "None") return yield* fail(new Reason.ConditionUnmatched({}))
      const named = addAlias(call, blueprint.add_alias_from_expression_to, text)
      if (call.scope.mode === "dry") return yield* followAll(named)
      return yield* follow(
        named,
        Object.hasOwn(blueprint.outcomes, text) ? blueprint.outcomes[text] ?? "" : blueprint.default_outcome
      )
    })
  )
}
