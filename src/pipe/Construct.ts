import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Access from "../concept/Access.ts"
import { decode } from "../concept/ContentSchema.ts"
import { isArray, isObject, type Json, type JsonObject, own, pointerStep } from "../concept/Json.ts"
import * as Moment from "../concept/Moment.ts"
import * as Reference from "../concept/Reference.ts"
import type { Slot } from "../concept/Slot.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import type { Issue } from "../failure/Issue.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { PipeCall } from "../program/PipeRunner.ts"
import { toFields } from "./Conversion.ts"
import { issue, none, type Surroundings } from "./Definition.ts"
import * as TemplateField from "./TemplateField.ts"

/** The construct table of a PipeCompose: an object described field by field. */
type Table = JsonObject
type Path = ReadonlyArray<string>

type Value =
  | { readonly kind: "fixed"; readonly value: Json }
  | { readonly kind: "from"; readonly from: string; readonly keyedBy: string | undefined }
  | { readonly kind: "template"; readonly source: string }
  | { readonly kind: "nested"; readonly table: Table }
  | { readonly kind: "malformed"; readonly problem: string }

const read = (written: Json): Value => {
  if (!isObject(written)) return { kind: "fixed", value: written }
  const moment = Moment.fromJson(written)
  if (moment !== undefined) {
    return { kind: "malformed", problem: `is a TOML ${moment.kind}; write it as text` }
  }
  const keys = Object.keys(written)
  const { from, list_to_dict_keyed_by: keyedBy, template } = written
  if (keys.length === 0) return { kind: "malformed", problem: "is an empty table" }
  if (typeof from === "string") {
    const extra = keys.filter((key) => key !== "from" && key !== "list_to_dict_keyed_by")
    if (extra.length > 0) return { kind: "malformed", problem: `has ${extra.join(", ")} beside from` }
    if (keyedBy !== undefined && typeof keyedBy !== "string") {
      return { kind: "malformed", problem: "has a list_to_dict_keyed_by that is no name" }
    }
    return { kind: "from", from, keyedBy }
  }
  if (from !== undefined && keys.every((key) => key === "from" || key === "list_to_dict_keyed_by")) {
    return { kind: "malformed", problem: "has a from that is no path" }
  }
  if (typeof template === "string") {
    return keys.length === 1
      ? { kind: "template", source: template }
      : { kind: "malformed", problem: "has other keys beside template" }
  }
  return { kind: "nested", table: written }
}

export const validate = (code: string, table: Table, path: Path): ReadonlyArray<Issue> =>
  Object.entries(table).flatMap(([name, written]) => {
    const value = read(written)
    const at = [...path, name]
    if (value.kind === "malformed") {
      return [issue(code, at, "method.schema_violation", `${at.join(".")} of pipe "${code}" ${value.problem}`, {
        fix: "write a fixed value, { from = \"a.b\" }, { template = \"…\" } or a table of fields"
      })]
    }
    if (value.kind === "from" && !Reference.path.test(value.from)) {
      return [
        issue(
          code,
          at,
          /(?:^|\.)_/.test(value.from) ? "method.schema_violation" : "method.field_path_unresolved",
          `${at.join(".")} of pipe "${code}" has the malformed path "${value.from}"`,
          { fix: "write names separated by dots" }
        )
      ]
    }
    return value.kind === "nested" ? validate(code, value.table, at) : none
  })

export const templates = (table: Table, path: Path): ReadonlyArray<TemplateField.TemplateField> =>
  Object.entries(table).flatMap(([name, written]): ReadonlyArray<TemplateField.TemplateField> => {
    const value = read(written)
    const at = [...path, name]
    if (value.kind === "template") {
      return [{ path: [...at, "template"], source: value.source, category: "basic", sigils: true }]
    }
    return value.kind === "nested" ? templates(value.table, at) : []
  })

/** Root names that `from` paths read. */
export const roots = (table: Table): ReadonlyArray<string> =>
  Object.values(table).flatMap((written) => {
    const value = read(written)
    if (value.kind === "from") return [value.from.split(".")[0] ?? ""]
    return value.kind === "nested" ? roots(value.table) : []
  })

/** Makes the value of a field; `concept` is what the field holds, where that is a concept. */
type Make = (call: PipeCall, concept?: string) => Effect.Effect<Json, PipeFailure>

const keyed = (
  from: string,
  value: Json,
  attribute: string,
  concept: string,
  path: Path
): Effect.Effect<Json, PipeFailure> => {
  const items = isObject(value) ? own(value, "items") : value
  const unfit = (reason: string) =>
    fail(new Reason.OutputInvalid({ concept, misfits: [{ pointer: path.slice(1).map(pointerStep).join(""), reason }] }))
  if (!isArray(items)) return Effect.fail(unfit("is made of no list"))
  const entries: Array<readonly [string, Json]> = []
  for (const item of items) {
    const key = isObject(item) ? own(item, attribute) : undefined
    if (key === undefined) {
      return Effect.fail(fail(new Reason.PathUnresolved({ path: `${from}[].${attribute}`, available: [] })))
    }
    if (typeof key !== "string") return Effect.fail(unfit(`has a key "${attribute}" that is no text`))
    entries.push([key, item])
  }
  return Effect.succeed(Object.fromEntries(entries))
}

const valueAt = (memory: WorkingMemory.WorkingMemory, from: string): Effect.Effect<Json, PipeFailure> => {
  const [root = "", ...rest] = from.split(".")
  const stuff = WorkingMemory.get(memory, root)
  if (stuff === undefined) {
    return Effect.fail(fail(new Reason.PathUnresolved({ path: from, available: Array.from(memory.root.keys()) })))
  }
  const value = Access.value(stuff.content, rest)
  return Result.isSuccess(value)
    ? Effect.succeed(value.success)
    : Effect.fail(fail(new Reason.PathUnresolved({ path: from, available: value.failure.available })))
}

const compileValue = (
  written: Json,
  path: Path,
  inputs: ReadonlyMap<string, Slot>,
  surroundings: Surroundings
): Make => {
  const value = read(written)
  switch (value.kind) {
    case "fixed":
      return () => Effect.succeed(value.value)
    case "from": {
      const { from, keyedBy } = value
      const at = (call: PipeCall) => valueAt(call.memory, from)
      return keyedBy === undefined
        ? at
        : (call, concept = "native.JSON") =>
          Effect.flatMap(at(call), (list) => keyed(from, list, keyedBy, concept, path))
    }
    case "template": {
      const [parsed] = TemplateField.parseAll(
        "",
        [{ path: [...path, "template"], source: value.source, category: "basic", sigils: true }],
        inputs.keys(),
        surroundings.compat
      ).parsed
      return (call) =>
        parsed === undefined
          ? Effect.succeed("")
          : TemplateField.render(parsed, {
            concepts: surroundings.concepts,
            memory: call.memory,
            settings: call.scope.settings
          })
    }
    case "nested": {
      const made = compileTable(value.table, path, inputs, surroundings)
      return (call, concept) =>
        Effect.map(
          made(call, concept),
          (entries) =>
            concept === undefined ? Object.fromEntries(entries) : toFields(surroundings.concepts, concept, entries)
        )
    }
    default:
      return () => Effect.succeed(null)
  }
}

const compileTable = (table: Table, path: Path, inputs: ReadonlyMap<string, Slot>, surroundings: Surroundings) => {
  const fields = Object.entries(table).map(([name, written]) =>
    [name, compileValue(written, [...path, name], inputs, surroundings)] as const
  )
  return (call: PipeCall, concept?: string): Effect.Effect<ReadonlyArray<readonly [string, Json]>, PipeFailure> => {
    const declared = concept === undefined ? [] : surroundings.concepts.fields(concept) ?? []
    return Effect.forEach(fields, ([name, make]) => {
      const type = declared.find((field) => field.name === name)?.type
      return Effect.map(
        make(call, type?.kind === "concept" ? type.ref : undefined),
        (value) => [name, value] as const
      )
    })
  }
}

/** The content a construct makes, checked against the output concept. */
export const compile = (table: Table, inputs: ReadonlyMap<string, Slot>, surroundings: Surroundings) => {
  const { concepts } = surroundings
  const fields = compileTable(table, ["construct"], inputs, surroundings)
  return (call: PipeCall, concept: string): Effect.Effect<JsonObject, PipeFailure> =>
    Effect.flatMap(fields(call, concept), (entries) => {
      const decoded = decode(concepts, concept, toFields(concepts, concept, entries))
      return Result.isSuccess(decoded)
        ? Effect.succeed(decoded.success)
        : Effect.fail(fail(new Reason.OutputInvalid({ concept, misfits: decoded.failure })))
    })
}
