import { isObject, type Json, type JsonObject, own } from "../concept/Json.ts"

/** The TypeScript declarations that a JSON Schema stands for, for `build output --format ts`. */
const indent = "  "

/** `meeting_minutes__Minutes` → `Minutes`. */
const identifier = (name: string): string => {
  const word = name.replace(/^.*__/, "").replaceAll(/\W+/g, "_").replace(/^(?=\d)/, "_")
  return word === "" ? "_" : word
}

const keyOf = (name: string): string => /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)

const comment = (schema: JsonObject, margin: string): string => {
  const text = own(schema, "description")
  return typeof text === "string" && text.trim() !== ""
    ? `${margin}/** ${text.replaceAll("*/", "*\\/").replaceAll(/\s+/g, " ").trim()} */\n`
    : ""
}

const all = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? (value as ReadonlyArray<Json>).filter(isObject) : []

const plain: Readonly<Record<string, string>> = {
  string: "string",
  number: "number",
  integer: "number",
  boolean: "boolean",
  null: "null"
}

const named = (type: Json): string => (typeof type === "string" ? plain[type] : undefined) ?? "unknown"

const fields = (schema: JsonObject, margin: string): string => {
  const properties = own(schema, "properties")
  const needed = own(schema, "required")
  const required = new Set<Json>(Array.isArray(needed) ? needed : [])
  const inner = margin + indent
  const lines = Object.entries(isObject(properties) ? properties : {}).map(([name, value]) => {
    const property = isObject(value) ? value : {}
    return `${comment(property, inner)}${inner}readonly ${keyOf(name)}${required.has(name) ? "" : "?"}: ${
      typeOf(property, inner)
    }\n`
  })
  return lines.length === 0 ? "Readonly<Record<string, unknown>>" : `{\n${lines.join("")}${margin}}`
}

const typeOf = (schema: JsonObject, margin: string): string => {
  const reference = own(schema, "$ref")
  if (typeof reference === "string") return identifier(reference.slice(reference.lastIndexOf("/") + 1))
  if (Object.hasOwn(schema, "const")) return JSON.stringify(schema["const"])
  const choices = own(schema, "enum")
  if (Array.isArray(choices)) return choices.map((choice: Json) => JSON.stringify(choice)).join(" | ")
  const union = [...all(own(schema, "anyOf")), ...all(own(schema, "oneOf"))]
  if (union.length > 0) return Array.from(new Set(union.map((each) => typeOf(each, margin)))).join(" | ")
  const [only, ...others] = all(own(schema, "allOf"))
  if (only !== undefined && others.length === 0) return typeOf(only, margin)
  const type = own(schema, "type")
  if (Array.isArray(type)) return type.map(named).join(" | ")
  if (type === "array") {
    const items = own(schema, "items")
    return `ReadonlyArray<${isObject(items) ? typeOf(items, margin) : "unknown"}>`
  }
  if (type === "object") return fields(schema, margin)
  return named(type ?? null)
}

const declaration = (name: string, schema: JsonObject): string => {
  const text = typeOf(schema, "")
  return `${comment(schema, "")}export ${
    text.startsWith("{") ? `interface ${identifier(name)} ${text}` : `type ${identifier(name)} = ${text}`
  }\n`
}

export const declarations = (name: string, schema: JsonObject): string => {
  const definitions = own(schema, "$defs")
  const others = Object.entries(isObject(definitions) ? definitions : {}).map(([each, value]) =>
    declaration(each, isObject(value) ? value : {})
  )
  return [declaration(name, schema), ...others].join("\n")
}
