/** Verdicts on methods: whether one is valid, and which faults at which pipes make it invalid. */
import * as Effect from "effect/Effect"
import type { JsonObject } from "../../src/concept/Json.ts"
import * as Validate from "../../src/direct/Validate.ts"
import type { Issue } from "../../src/failure/Issue.ts"
import type { Library } from "../../src/library/Library.ts"
import type { Settings } from "../../src/program/Settings.ts"
import * as IoContracts from "../../src/report/IoContracts.ts"
import type { Method } from "../../src/source/Method.ts"
import { list, object, string, strings } from "./Corpus.ts"
import { between, type Difference, first } from "./Difference.ts"
import * as SchemaForm from "./SchemaForm.ts"

/**
 * The reference reports most faults of form under `method.schema_violation`. Where the registry has a code that says more, ours says
 * more, and that is agreement.
 */
const finer: Readonly<Record<string, string>> = {
  "method.template_invalid": "the template cannot be read",
  "method.template_private_name": "the template reads a private name",
  "method.identifier_invalid": "the name is not allowed",
  "method.pipe_type_invalid": "the pipe has no usable type",
  "method.output_concept_mismatch": "this type of pipe cannot make its output",
  "method.output_multiplicity_mismatch": "this type of pipe cannot make so many",
  "method.input_concept_mismatch": "this type of pipe cannot take its input",
  "method.input_undeclared": "something is read that is not declared",
  "method.input_unused": "a declared input is not read",
  "method.optional_marker_invalid": "the presence marker is not allowed here",
  "method.binding_step_invalid": "the binding step is malformed",
  "method.concept_unresolved": "the concept named does not exist",
  "method.pipe_unresolved": "the pipe named does not exist",
  "method.name_conflict": "the name is used twice",
  "method.wiring_invalid": "the pipes do not fit together",
  "method.function_invalid": "the function cannot be used",
  "method.cycle": "concepts depend on each other in a circle"
}

const stands = (recorded: string, ours: string): boolean =>
  recorded === ours || (recorded === "method.schema_violation" && Object.hasOwn(finer, ours))

const named = ({ code, pipe }: { readonly code: string; readonly pipe?: string | undefined }): string =>
  pipe === undefined ? code : `${code} at "${pipe}"`

/** Every recorded fault must be among ours; ours reports all faults at once, so that more are welcome. */
export const faults = (
  recorded: ReadonlyArray<JsonObject>,
  ours: ReadonlyArray<{ readonly code: string; readonly pipe?: string | undefined }>
): Difference =>
  first(recorded.map((error) => {
    const code = string(error["code"]) ?? ""
    const pipe = string(object(error["location"])["pipe"])
    const isFound = ours.some((issue) => stands(code, issue.code) && (pipe === undefined || issue.pipe === pipe))
    return isFound
      ? undefined
      : `faults: recorded ${named({ code, pipe })}, ours ${ours.map(named).join(", ") || "none"}`
  }))

export interface Verdict {
  readonly issues: ReadonlyArray<Issue>
  readonly library: Library | undefined
}

/** The static checks, and a dry run of every pipe when they find nothing. */
export const judge = Effect.fnUntraced(function*({ issues, library }: Method, settings: Settings) {
  if (library === undefined || issues.length > 0) return { issues, library: undefined } satisfies Verdict
  const dry = yield* Validate.validate(library, settings)
  return { issues: dry.issues, library } satisfies Verdict
})

const sorted = (texts: Iterable<string>): ReadonlyArray<string> => Array.from(texts).toSorted()

export const compare = (recorded: JsonObject, { issues, library }: Verdict): Difference => {
  if (recorded["not_a_verdict"] === true) return undefined
  if (recorded["is_valid"] === undefined) return "verdict: nothing was recorded"
  const isValid = issues.length === 0
  if (recorded["is_valid"] !== isValid) {
    const [issue] = issues
    const written = list(recorded["problem_errors"]).map(object)[0]
    return isValid
      ? `verdict: recorded invalid (${
        written === undefined
          ? ""
          : named({ code: string(written["code"]) ?? "", pipe: string(object(written["location"])["pipe"]) })
      }), ours valid`
      : `verdict: recorded valid, ours ${issue === undefined ? "" : `${named(issue)}: ${issue.message}`}`
  }
  if (!isValid) return faults(list(recorded["problem_errors"]).map(object), issues)
  const signatures = library?.signatures ?? []
  return first([
    between("pending_signatures", sorted(strings(recorded["pending_signatures"])), sorted(signatures)),
    between("is_runnable", recorded["is_runnable"], signatures.length === 0)
  ])
}

const ownContracts = ({ concepts, pipes }: Library): JsonObject =>
  IoContracts.make(Array.from(pipes.values()).filter(({ placed }) => placed.unit.package === undefined), concepts)

const side = (slot: JsonObject): JsonObject => ({ ...slot, json_schema: SchemaForm.form(object(slot["json_schema"])) })

const comparable = (contracts: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(contracts).map(([ref, contract]) => {
      const { inputs, output } = object(contract)
      return [ref, {
        inputs: Object.fromEntries(Object.entries(object(inputs)).map(([name, slot]) => [name, side(object(slot))])),
        output: side(object(output))
      }]
    })
  )

/** Whether the contracts of the pipes are as recorded. For information. */
export const contracts = (recorded: JsonObject, library: Library): Difference =>
  between("contracts", comparable(object(recorded["pipe_io_contracts"])), comparable(ownContracts(library)))
