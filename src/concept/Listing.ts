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

const nameOf = (concepts: Concepts, ref: string): string => concepts.className(ref)

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
  const type = field.check === "finite" ? "int | float" : typeName(concepts, field.type)
  const value = mayHoldNothing(field)
    ? " | None = None"
    : field.default === undefined
    ? ""
    : ` = ${shown(field.default, field.type)}`
  return `    ${field.name}: ${type}${value}  # ${field.description}`
}

const longest = 140
const width = 120

/** Where a line may end: after a blank, and after the hyphen of a compound. */
const pieces = (text: string): ReadonlyArray<string> =>
  text.trim().replaceAll(/\s+/g, " ").split(/(?= )|(?<=\p{L}-)(?=\p{L})/u)

/** A description as a docstring. A long one is broken into lines, the first of which stands apart. */
const docstring = (description: string): string => {
  if (description.length <= longest) return `    """${description}"""`
  const lines: Array<string> = []
  for (const piece of pieces(description)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + piece.length <= width) lines[lines.length - 1] = last + piece
    else lines.push(piece.trimStart())
  }
  const [first = "", ...rest] = lines
  return [`    """${first}\n`, ...rest.map((each) => `    ${each}`), `    """`].join("\n")
}

const baseOf = (concepts: Concepts, ref: string): string => {
  const concept = concepts.get(ref)
  if (concept?.domain === "native") return "StuffContent"
  return concept?.structure === undefined ? nameOf(concepts, concept?.refines ?? "native.Text") : "StructuredContent"
}

/** The declared concept whose fields this one has. Natives are not shown as bases: what they hold is listed with the refinement. */
const declaredBase = (concepts: Concepts, ref: string): string | undefined => {
  const concept = concepts.get(ref)
  const base = concept?.structure === undefined ? concept?.refines : undefined
  return base === undefined || concepts.get(base)?.domain === "native" ? undefined : base
}

const block = (concepts: Concepts, ref: string): string => {
  const concept = concepts.get(ref)
  const isText = concept?.domain !== "native" && concepts.structureOwner(ref) === "native.Text"
  const isBare = isText || declaredBase(concepts, ref) !== undefined
  const fields = (concepts.fields(ref) ?? []).map((field) => line(concepts, field))
  return [
    `class ${nameOf(concepts, ref)}(${baseOf(concepts, ref)}):`,
    docstring(concept?.description ?? ""),
    ...(isBare ? ["    # No additional fields"] : fields)
  ].join("\n")
}

/** The listing of the concept, of those it refines and of those its fields hold, each once. A plural output is described by its item. */
export const classListing = (concepts: Concepts, ref: string): string => {
  const seen = new Set<string>()
  const order: Array<string> = []
  const add = (each: string): void => {
    if (seen.has(nameOf(concepts, each)) || concepts.fields(each) === undefined) return
    seen.add(nameOf(concepts, each))
    order.push(each)
    const base = declaredBase(concepts, each)
    if (base !== undefined) return add(base)
    for (const { type } of concepts.fields(each) ?? []) for (const inner of refsOf(type)) add(inner)
  }
  add(ref)
  return order.map((each) => block(concepts, each)).join("\n\n")
}
