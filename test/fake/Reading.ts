/** What a request asks, whatever API it is written for. */
import { isArray, isObject, isString, type Json, type JsonObject, textOf } from "../../src/concept/Json.ts"
import * as Parts from "./Parts.ts"
import type { Api, Message, Request, Structured } from "./Request.ts"

type Read = Pick<Request, "system" | "messages" | "structured" | "max_tokens"> & {
  /** Keys that were read: the others are reported as they are. */
  readonly keys: ReadonlyArray<string>
}

const none = { system: null, structured: null, max_tokens: null }

const object = (value: Json | undefined): JsonObject => isObject(value) ? value : {}
const list = (value: Json | undefined): ReadonlyArray<Json> => isArray(value) ? value : []
const number = (value: Json | undefined): number | null => typeof value === "number" ? value : null

const systemText = (written: Json | undefined): string | null => {
  const texts = Parts.parts(written).flatMap((part) => "text" in part ? [part.text] : [])
  return texts.length === 0 ? null : texts.join("\n")
}

const user = (text: string): ReadonlyArray<Message> => [{ role: "user", parts: [{ type: "text", text }] }]

const tool = (held: JsonObject, schema: string, choice: Json | undefined): Structured => ({
  mode: "tool",
  name: textOf(held, "name"),
  ...(isString(held["description"]) ? { description: held["description"] } : {}),
  ...(held["strict"] === true ? { strict: true } : {}),
  choice,
  schema: object(held[schema])
})

const format = (held: JsonObject): Structured => ({
  mode: "json_schema",
  name: textOf(held, "name"),
  ...(held["strict"] === true ? { strict: true } : {}),
  schema: object(held["schema"])
})

/** The JSON schema that stands in a text, as the modes without an interface of their own put it there. */
const schemaIn = (text: string): JsonObject | undefined => {
  for (let at = text.indexOf("{"); at >= 0; at = text.indexOf("{", at + 1)) {
    for (let end = text.indexOf("}", at); end >= 0; end = text.indexOf("}", end + 1)) {
      try {
        const found: Json = JSON.parse(text.slice(at, end + 1))
        if (isObject(found) && (isObject(found["properties"]) || isObject(found["$defs"]))) return found
        break
      } catch {
        continue
      }
    }
  }
  return undefined
}

const inText = (mode: "json_object" | "json_text", system: string | null): Structured | null => {
  const schema = schemaIn(system ?? "")
  if (schema === undefined && mode === "json_text") return null
  return { mode, name: undefined, schema: schema ?? {} }
}

const responses = (body: JsonObject): Read => {
  const [first] = list(body["tools"]).map(object)
  const written = object(object(body["text"])["format"])
  return {
    system: systemText(body["instructions"]),
    messages: Parts.messages(
      isString(body["input"]) ? [{ role: "user", content: body["input"] }] : list(body["input"])
    ),
    structured: first === undefined
      ? (written["type"] === "json_schema" ? format(written) : null)
      : tool(first, "parameters", body["tool_choice"]),
    max_tokens: number(body["max_output_tokens"]),
    keys: ["instructions", "input", "tools", "tool_choice", "text", "max_output_tokens"]
  }
}

const isSystem = (message: Json): boolean => ["system", "developer"].includes(textOf(object(message), "role"))

const chatStructured = (body: JsonObject, system: string | null): Structured | null => {
  const [first] = list(body["tools"]).map(object)
  if (first !== undefined) return tool(object(first["function"]), "parameters", body["tool_choice"])
  const written = object(body["response_format"])
  if (written["type"] === "json_schema") return format(object(written["json_schema"]))
  return inText(written["type"] === "json_object" ? "json_object" : "json_text", system)
}

const chat = (body: JsonObject): Read => {
  const written = list(body["messages"])
  const texts = written.filter(isSystem).flatMap((message) => systemText(object(message)["content"]) ?? [])
  const system = texts.length === 0 ? null : texts.join("\n")
  return {
    system,
    messages: Parts.messages(written.filter((message) => !isSystem(message))),
    structured: chatStructured(body, system),
    max_tokens: number(body["max_tokens"]) ?? number(body["max_completion_tokens"]),
    keys: ["messages", "tools", "tool_choice", "response_format", "max_tokens", "max_completion_tokens"]
  }
}

const anthropic = (body: JsonObject): Read => {
  const [first] = list(body["tools"]).map(object)
  const system = systemText(body["system"])
  const written = object(object(body["output_config"])["format"])
  return {
    system,
    messages: Parts.messages(list(body["messages"])),
    structured: first !== undefined
      ? tool(first, "input_schema", body["tool_choice"])
      : written["type"] === "json_schema"
      ? format(written)
      : inText("json_text", system),
    max_tokens: number(body["max_tokens"]),
    keys: ["system", "messages", "tools", "tool_choice", "max_tokens"]
  }
}

const google = (body: JsonObject): Read => {
  const config = object(body["generationConfig"])
  const [declared] = list(object(list(body["tools"])[0])["functionDeclarations"]).map(object)
  const schema = config["responseJsonSchema"] ?? config["responseSchema"]
  const system = Parts.ofGoogle(object(body["systemInstruction"])["parts"]).flatMap((part) =>
    "text" in part ? [part.text] : []
  )
  return {
    system: system.length === 0 ? null : system.join("\n"),
    messages: list(body["contents"]).map(object).map((content) => ({
      role: textOf(content, "role") || "user",
      parts: Parts.ofGoogle(content["parts"])
    })),
    structured: declared !== undefined
      ? tool(declared, isObject(declared["parameters"]) ? "parameters" : "parametersJsonSchema", body["toolConfig"])
      : isObject(schema)
      ? { mode: "json_schema", name: undefined, schema }
      : null,
    max_tokens: number(config["maxOutputTokens"]),
    keys: ["systemInstruction", "contents", "tools", "toolConfig"]
  }
}

const linkupSearch = (body: JsonObject): Read => {
  const schema = body["structuredOutputSchema"]
  return {
    ...none,
    messages: user(textOf(body, "q")),
    structured: schema === undefined
      ? null
      : { mode: "json_schema", name: undefined, schema: isString(schema) ? JSON.parse(schema) : object(schema) },
    keys: ["q", "structuredOutputSchema"]
  }
}

const ocr = (body: JsonObject): Read => ({
  ...none,
  messages: [{ role: "user", parts: Parts.parts(isObject(body["document"]) ? [body["document"]] : []) }],
  keys: ["document"]
})

const prompted = (body: JsonObject): Read => ({ ...none, messages: user(textOf(body, "prompt")), keys: ["prompt"] })

const apis: ReadonlyArray<readonly [path: RegExp, api: Api, read: (body: JsonObject) => Read]> = [
  [/\/responses$/, "openai_responses", responses],
  [/\/mistral\/.*\/chat\/completions$/, "mistral_chat", chat],
  [/\/chat\/completions$/, "openai_chat", chat],
  [/\/messages$/, "anthropic_messages", anthropic],
  [/\/images\/(?:generations|edits)$/, "openai_images", prompted],
  [/\/models\/[^/]+:(?:streamG|g)enerateContent$/, "google_generate", google],
  [/\/ocr$/, "mistral_ocr", ocr],
  [/\/search$/, "linkup_search", linkupSearch],
  [/\/fetch$/, "linkup_fetch", (body) => ({ ...none, messages: user(textOf(body, "url")), keys: ["url"] })],
  [/\/fal-ai\//, "fal_queue", prompted]
]

/** Mistral's chunks differ from Chat's: addresses without an object around them. */
const isMistral = (body: JsonObject): boolean =>
  list(body["messages"]).flatMap((message) => list(object(message)["content"])).map(object).some((part) =>
    isString(part["image_url"]) || part["document_url"] !== undefined
  )

const inPath = /\/models\/([^/:]+):/

export const read = (
  path: string,
  body: JsonObject,
  files: ReadonlyArray<Request["messages"][number]["parts"][number]>
): Request => {
  const [, api, reader] = apis.find(([pattern]) => pattern.test(path)) ?? [undefined, "unknown" as const, prompted]
  const { keys, messages, ...found } = reader(body)
  const known = new Set(["model", "temperature", ...keys])
  const config = object(body["generationConfig"])
  return {
    path,
    api: api === "openai_chat" && isMistral(body) ? "mistral_chat" : api,
    model: isString(body["model"]) ? body["model"] : inPath.exec(path)?.[1] ?? null,
    ...found,
    messages: files.length === 0
      ? messages
      : messages.map(({ parts, role }, index) => ({ role, parts: index === 0 ? [...parts, ...files] : parts })),
    temperature: number(body["temperature"]) ?? number(config["temperature"]),
    other: Object.fromEntries(Object.entries(body).filter(([key, value]) => !known.has(key) && value !== null))
  }
}
