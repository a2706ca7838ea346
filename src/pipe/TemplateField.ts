import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Concepts } from "../concept/Concept.ts"
import type { Slot } from "../concept/Slot.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import type { Issue } from "../failure/Issue.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Settings } from "../program/Settings.ts"
import type * as Analysis from "../template/Analysis.ts"
import * as Artefact from "../template/Artefact.ts"
import type { Category } from "../template/Category.ts"
import type { TemplateFault } from "../template/Fault.ts"
import * as Template from "../template/Template.ts"
import type { FileTokens, Value } from "../template/Value.ts"
import { issue } from "./Definition.ts"
import type { TemplatingStyle } from "./Header.ts"

/** A template as a pipe holds it: the key it stands at, and the dialect it is written in. */
export interface TemplateField {
  readonly path: ReadonlyArray<string | number>
  readonly source: string
  readonly category: Category
  readonly sigils: boolean
}

export interface ParsedField extends TemplateField {
  readonly template: Template.Template
  readonly reads: ReadonlyArray<Analysis.Read>
}

export const name = (field: TemplateField): string => field.path.join(".")

export const parse = (
  field: TemplateField,
  inputs: Iterable<string>,
  compat: boolean
): Result.Result<ParsedField, TemplateFault> => {
  const declaredInputs = new Set(inputs)
  return Result.map(
    Template.parse(field.source, {
      category: field.category,
      sigils: field.sigils,
      declaredInputs,
      lenientSigils: compat
    }),
    (template) => ({ ...field, template, reads: Template.reads(template, declaredInputs) })
  )
}

const faultIssue = (code: string, field: TemplateField, fault: TemplateFault): Issue =>
  issue(
    code,
    field.path,
    fault.kind === "refused" ? "security.template_refused" : "method.template_invalid",
    `${name(field)} of pipe "${code}" cannot be read: ${fault.message}`,
    {
      inner: { line: fault.line, ...(fault.column === undefined ? {} : { column: fault.column }) },
      ...(fault.name === undefined ? {} : { names: [fault.name] })
    }
  )

/** Parses every template of a pipe; faults of all of them are reported, sigil warnings too. */
export const parseAll = (
  code: string,
  fields: ReadonlyArray<TemplateField>,
  inputs: Iterable<string>,
  compat: boolean
): { readonly parsed: ReadonlyArray<ParsedField>; readonly issues: ReadonlyArray<Issue> } => {
  const declared = Array.from(inputs)
  const parsed: Array<ParsedField> = []
  const issues: Array<Issue> = []
  for (const field of fields) {
    const result = parse(field, declared, compat)
    if (Result.isFailure(result)) issues.push(faultIssue(code, field, result.failure))
    else {
      parsed.push(result.success)
      for (const warning of result.success.template.warnings) {
        issues.push(issue(code, field.path, "method.template_invalid", warning.message, {
          warning: "older_spelling",
          inner: { line: warning.line }
        }))
      }
    }
  }
  return { parsed, issues }
}

/** Names that no input has to stand for. */
const isExempt = (root: string): boolean => root.startsWith("_") || root === "place_holder"

/** Root names the templates read, in source order, each once. */
export const roots = (fields: ReadonlyArray<ParsedField>): ReadonlyArray<string> =>
  Array.from(new Set(fields.flatMap(({ reads }) => reads.map(({ path }) => path[0] ?? "")))).filter((root) =>
    root !== "" && !isExempt(root)
  )

/** Every name read is declared, and every declared input is read. */
export const inputsRule = (
  code: string,
  fields: ReadonlyArray<ParsedField>,
  inputs: ReadonlyArray<string>,
  options: { readonly alsoRead?: ReadonlyArray<string>; readonly unusedIsWarning?: boolean } = {}
): ReadonlyArray<Issue> => {
  const read = new Set([...roots(fields), ...(options.alsoRead ?? [])])
  const missing = Array.from(read).filter((root) => !inputs.includes(root)).toSorted()
  const unused = inputs.filter((input) => !read.has(input))
  const where = (root: string) => fields.find(({ reads }) => reads.some(({ path }) => path[0] === root))
  return [
    ...missing.map((root) => {
      const field = where(root)
      const at = field?.reads.find(({ path }) => path[0] === root)
      return issue(
        code,
        field?.path ?? [],
        "method.input_undeclared",
        `"${root}" is read by pipe "${code}" but is not one of its inputs`,
        {
          type: "missing_input_variable",
          names: [root],
          fix: `add ${root} = "<Concept>" to its inputs`,
          params: { pipe: code, variables: missing },
          ...(at === undefined ? {} : { inner: { line: at.line, column: at.column } })
        }
      )
    }),
    ...unused.map((input) =>
      issue(code, ["inputs", input], "method.input_unused", `input "${input}" of pipe "${code}" is never read`, {
        type: "extraneous_input_variable",
        names: [input],
        fix: `read it in a template, or take it out of the inputs`,
        params: { pipe: code, variables: unused },
        ...(options.unusedIsWarning === true ? { warning: "input_unused" } : {})
      })
    )
  ]
}

/** Private names, and optional inputs read outside a guard. */
export const lint = (
  code: string,
  fields: ReadonlyArray<ParsedField>,
  inputs: ReadonlyMap<string, Slot>
): ReadonlyArray<Issue> =>
  fields.flatMap((field) => [
    ...Array.from(new Set(field.reads.map(({ path }) => path[0] ?? ""))).filter((root) =>
      inputs.has(root) && Template.reserved.has(root)
    ).map((root) =>
      issue(
        code,
        field.path,
        "method.name_conflict",
        `${name(field)} of pipe "${code}" reads "${root}", a name that the template language keeps for itself`,
        { names: [root], fix: "give the input another name", params: { name: root, conflict: "duplicate_declaration" } }
      )
    ),
    ...Template.privateNames(field.template).map((found) =>
      issue(
        code,
        field.path,
        "method.template_private_name",
        `${name(field)} of pipe "${code}" reads the private name "${found.name}"`,
        {
          type: "template_private_name",
          names: [found.name],
          inner: { line: found.line, column: found.column }
        }
      )
    ),
    ...firstOfEach(
      field.reads.filter((read) => !read.guarded && inputs.get(read.path[0] ?? "")?.presence === "optional")
    ).map((read) =>
      issue(
        code,
        field.path,
        "method.optional_unhandled",
        `"${read.path[0]}" may be absent and is read outside a guard in ${name(field)} of pipe "${code}"`,
        {
          type: "optional_input_unguarded",
          names: [read.path[0] ?? ""],
          fix: `write @?${read.path[0]} on its own line, or put it inside {% if ${read.path[0]} %}`,
          params: { pipe: code, input: read.path[0] },
          inner: { line: read.line, column: read.column }
        }
      )
    )
  ])

const firstOfEach = (reads: ReadonlyArray<Analysis.Read>): ReadonlyArray<Analysis.Read> =>
  Array.from(new Map(reads.toReversed().map((read) => [read.path[0], read])).values()).toReversed()

export interface Rendering {
  readonly concepts: Concepts
  readonly memory: WorkingMemory.WorkingMemory
  readonly settings: Settings
  readonly style?: TemplatingStyle | undefined
  readonly files?: FileTokens
  readonly extra?: Readonly<Record<string, Value>>
}

/** The values that the names of a template stand for: those it reads and that memory holds. */
const contextOf = (fields: ReadonlyArray<ParsedField>, rendering: Rendering): Readonly<Record<string, Value>> => {
  const context: Record<string, Value> = Object.create(null)
  for (const field of fields) {
    for (const { path } of field.reads) {
      const root = path[0] ?? ""
      const stuff = WorkingMemory.get(rendering.memory, root)
      if (stuff !== undefined) context[root] = Artefact.make(rendering.concepts, stuff)
    }
  }
  return rendering.extra === undefined ? context : Object.assign(context, rendering.extra)
}

export const toReason = (field: TemplateField, fault: TemplateFault): Reason.Reason => {
  const at = { field: name(field), line: fault.line }
  switch (fault.kind) {
    case "budget":
      return new Reason.TemplateBudgetExceeded(at)
    case "refused":
      return new Reason.TemplateRefused({ ...at, problem: fault.message })
    case "invalid":
      return new Reason.TemplateInvalid({ ...at, problem: fault.message })
    case "name_conflict":
      return new Reason.TemplateNameConflict({ ...at, name: fault.name ?? "" })
    default:
      return new Reason.TemplateRenderFailed({ ...at, problem: fault.message })
  }
}

export const render = (field: ParsedField, rendering: Rendering): Effect.Effect<string, PipeFailure> => {
  const { settings, style } = rendering
  const result = Template.render(field.template, contextOf([field], rendering), {
    tagStyle: (typeof style === "string" ? style : style?.tag_style) ?? settings.tagStyle,
    textFormat: (typeof style === "object" ? style.text_format : undefined) ?? settings.textFormat,
    ...(rendering.files === undefined ? {} : { files: rendering.files })
  })
  return Result.isSuccess(result) ? Effect.succeed(result.success) : Effect.fail(fail(toReason(field, result.failure)))
}
