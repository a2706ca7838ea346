import type { Concepts } from "./Concept.ts"
import { isArray, type Json } from "./Json.ts"
import { type Field, type FieldType, mayHoldNothing, refsOf } from "./Structure.ts"

/** How a prompt describes the object to be filled: one class per concept it needs, the wanted one first. */
const scalars: { readonly [Kind in FieldType["kind"]]?: string } = {
  text: "str",
  integer: "int",
  number: "float",
  boolean: "bool",
  date: "date",
  datetime: "datetime",
  time: "time",
  any: "Any"
}

const quoted = (text: string): string =>
  text.includes("'") && !text.includes("\"") ? `"${text}"` : `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`

const shown = (value: Json, type: FieldType): string => {
  if (value === null) return "None"
  if (typeof value === "boolean") return value ? "True" : "False"
  if (typeof value === "number") return type.kind === "number" && Number.isInteger(value) ? `${value}.0` : String(value)
  if (typeof value === "string") return quoted(value)
  if (isArray(value)) {
    return `[${value.map((item) => shown(item, type.kind === "list" ? type.item : { kind: "any" })).join(", ")}]`
  }
  return `{${
    Object.entries(value).map(([key, inner]) =>
      `${quoted(key)}: ${shown(inner, type.kind === "dict" ? type.value : { kind: "any" })}`
    ).join(", ")
  }}`
}

const nameOf = (concepts: Concepts, ref: string): string =>
  concepts.className(concepts.get(ref)?.domain === "native" ? concepts.structureOwner(ref) : ref)

const typeName = (concepts: Concepts, type: FieldType): string => {
  switch (type.kind) {
    case "choices":
      return `Literal[\n${
        type.choices.map((choice) => `        "${choice.replaceAll("\"", "\\\"")}",\n`).join("")
      }    ]`
    case "list":
      return `List[${typeName(concepts, type.item)}]`
    case "dict":
      return `Dict[str, ${typeName(concepts, type.value)}]`
    case "concept":
      return nameOf(concepts, type.ref)
    default:
      return scalars[type.kind] ?? "Any"
  }
}

const line = (concepts: Concepts, field: Field): string => {
  const type = typeName(concepts, field.type)
  const value = mayHoldNothing(field)
    ? " | None = None"
    : field.default === undefined
    ? ""
    : ` = ${shown(field.default, field.type)}`
  return `    ${field.name}: ${type}${value}  # ${field.description}`
}

const baseOf = (concepts: Concepts, ref: string): string => {
  const refined = concepts.get(ref)?.refines
  return refined === undefined || refined === "native.Text" && concepts.get(ref)?.structure !== undefined
    ? "StructuredContent"
    : nameOf(concepts, refined)
}

const block = (concepts: Concepts, ref: string): string => {
  const concept = concepts.get(ref)
  const fields = concepts.fields(ref) ?? []
  return [
    `class ${nameOf(concepts, ref)}(${baseOf(concepts, ref)}):`,
    `    """${concept?.description ?? ""}"""`,
    ...fields.map((field) => line(concepts, field))
  ].join("\n")
}

/** The listing of the concept and of those its fields hold, each once. A plural output is described by its item. */
export const classListing = (concepts: Concepts, ref: string): string => {
  const seen = new Set<string>()
  const order: Array<string> = []
  const add = (each: string): void => {
    if (seen.has(nameOf(concepts, each)) || concepts.fields(each) === undefined) return
    seen.add(nameOf(concepts, each))
    order.push(each)
    for (const { type } of concepts.fields(each) ?? []) for (const inner of refsOf(type)) add(inner)
  }
  add(ref)
  return order.map((each) => block(concepts, each)).join("\n\n")
}
