import { isObject, type Json, type JsonObject, own } from "../concept/Json.ts"
import { closest, didYouMean } from "../failure/Suggest.ts"
import type { Family, Model } from "../program/Models.ts"
import * as Read from "../source/Read.ts"
import * as Rules from "../source/Rules.ts"
import type { Document, Fault } from "./Document.ts"
import { merge } from "./Document.ts"
import * as Placeholder from "./Placeholder.ts"

/**
 * Providers and what they serve, as `inference/backends.toml` and `inference/backends/` say: raw texts with their placeholders, since a
 * catalogue can be read without a single secret.
 */
export interface Backend {
  readonly name: string
  readonly isEnabled: boolean
  /** The file itself says `enabled = true`: whoever wrote that means to call it. */
  readonly isChosen?: true
  readonly displayName?: string
  readonly endpoint?: string
  readonly apiKey?: string
  /** Whatever else the backend's table says, for its adapter. */
  readonly extra: JsonObject
  readonly models: ReadonlyArray<BackendModel>
}

/** A model with what its adapter needs beyond the model table. */
export interface BackendModel {
  readonly model: Model
  /** Sent with every call of the model. */
  readonly headers: Readonly<Record<string, string>>
  /** How image parameters become arguments of the request. */
  readonly rules: JsonObject
  readonly variant?: string
  readonly endpointPath?: string
}

const { anyTable, flag, integer, listOf, oneOf, recordOf, text, texts } = Rules

export const families: ReadonlyArray<Family> = ["llm", "text_extractor", "img_gen", "search", "doc_gen", "judgment"]

const constraints = listOf(
  "temperature_must_be_multiplied_by_2",
  "temperature_unsupported",
  "max_tokens_must_be_high_enough",
  "thinking_cannot_be_disabled"
)
const valued: Rules.Rule = {
  expected: "a table of fixed_temperature, min_thinking_budget and max_thinking_budget",
  accepts: (value) =>
    isObject(value) && Object.entries(value).every(([key, number]) =>
      typeof number === "number" && number >= 0 &&
      (key === "fixed_temperature" ||
        (["min_thinking_budget", "max_thinking_budget"].includes(key) && Number.isInteger(number)))
    ) &&
    !(Number(own(value, "min_thinking_budget") ?? 0) >
      Number(own(value, "max_thinking_budget") ?? Number.POSITIVE_INFINITY)),
  keys: {
    fixed_temperature: { expected: "a number", accepts: () => true },
    min_thinking_budget: integer(0),
    max_thinking_budget: integer(0)
  }
}

const price = Rules.number("a price in USD per million units, not negative", (value) => value >= 0)
const priceNames = [
  "input",
  "output",
  "input_cached",
  "input_cache_write",
  "input_non_cached",
  "input_joined",
  "input_audio",
  "output_audio",
  "output_reasoning",
  "output_accepted_prediction",
  "output_rejected_prediction"
]

const modelKeys: Rules.Table = {
  enabled: flag,
  handle: text("a model's name", (value) => value.trim() !== ""),
  sdk: text("the name of an adapter", (value) => value.trim() !== ""),
  variant: text(),
  model_type: oneOf(...families),
  model_id: text("what the provider calls the model", (value) => value.trim() !== ""),
  inputs: texts,
  outputs: texts,
  costs: { ...anyTable, keys: Object.fromEntries(priceNames.map((name) => [name, price])) },
  structure_method: text(),
  thinking_mode: oneOf("none", "manual", "adaptive"),
  max_tokens: integer(1),
  max_prompt_images: integer(0),
  listed_constraints: constraints,
  valued_constraints: valued,
  rules: recordOf(text(), "a table of texts"),
  endpoint_path: text(),
  prompting_target: text(),
  description: text()
}

/** A handle belongs to one model. */
const defaultKeys: Rules.Table = Object.fromEntries(Object.entries(modelKeys).filter(([key]) => key !== "handle"))

const mayHoldPlaceholders = new Set(["model_id", "endpoint_path"])
const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/
// eslint-disable-next-line no-control-regex -- a header value is printable ASCII
const headerValue = /^[\x20-\x7e]*$/

const hasPlaceholder = (value: Json): boolean =>
  typeof value === "string"
    ? Placeholder.isIn(value)
    : Array.isArray(value)
    ? value.some(hasPlaceholder)
    : isObject(value) && Object.values(value).some(hasPlaceholder)

const checkKey = (path: ReadonlyArray<string>, key: string, value: Json): ReadonlyArray<Fault> => {
  const at = [...path, key]
  if (!key.includes("-")) {
    if (typeof value === "string" && mayHoldPlaceholders.has(key)) {
      const message = Placeholder.problem(value)
      return message === undefined ? [] : [{ path: at, message }]
    }
    return hasPlaceholder(value)
      ? [{ path: at, message: `"${key}" must not hold a placeholder: the catalogue is read without secrets` }]
      : []
  }
  if (Object.hasOwn(modelKeys, key.replaceAll("-", "_"))) {
    return [{ path: at, message: `write "${key.replaceAll("-", "_")}" for "${key}"` }]
  }
  if (isObject(value)) {
    return [{
      path: at,
      message: `"${key}" is a table: a model's name that holds a dot needs quotes, as in ["${path.join(".")}.${key}"]`
    }]
  }
  if (!headerName.test(key)) return [{ path: at, message: `"${key}" cannot be the name of a header` }]
  if (typeof value !== "string" || !headerValue.test(value)) {
    return [{ path: at, message: `header "${key}" must be a text of printable ASCII` }]
  }
  const message = Placeholder.problem(value)
  return message === undefined ? [] : [{ path: at, message }]
}

/** Keys with a hyphen are headers; the rest is closed. */
const checkModel = (path: ReadonlyArray<string>, table: JsonObject, rules: Rules.Table): ReadonlyArray<Fault> => [
  ...Rules.check(path, Object.fromEntries(Object.entries(table).filter(([key]) => !key.includes("-"))), rules),
  ...Object.entries(table).flatMap(([key, value]) => checkKey(path, key, value))
]

/** The tables of a checked file put over their defaults, as models of a backend. */
const decode = (backend: string, name: string, table: JsonObject): BackendModel => {
  const handle = Read.text(table, "handle") ?? name
  const family = Read.oneOf(table, "model_type", families) ?? "llm"
  const isSaid = (key: string) => Object.hasOwn(table, key)
  const model: Model = {
    handle,
    family,
    backend,
    sdk: Read.text(table, "sdk") ?? "",
    modelId: Read.text(table, "model_id") ?? handle,
    inputs: Read.texts(table, "inputs") ?? ["text"],
    outputs: Read.texts(table, "outputs") ?? (family === "llm" ? ["text"] : []),
    thinking: Read.oneOf(table, "thinking_mode", ["none", "manual", "adaptive"]) ?? "none",
    ...Read.present({
      structureMethod: Read.text(table, "structure_method"),
      maxTokens: Read.number(table, "max_tokens"),
      maxPromptImages: Read.number(table, "max_prompt_images"),
      listedConstraints: Read.texts(table, "listed_constraints"),
      valuedConstraints: isSaid("valued_constraints")
        ? Read.recordOfNumbers(Read.table(table, "valued_constraints"))
        : undefined,
      costs: isSaid("costs") ? Read.recordOfNumbers(Read.table(table, "costs")) : undefined
    })
  }
  return {
    model,
    headers: Read.recordOfTexts(Object.fromEntries(Object.entries(table).filter(([key]) => key.includes("-")))),
    rules: Read.table(table, "rules"),
    ...Read.present({ variant: Read.text(table, "variant"), endpointPath: Read.text(table, "endpoint_path") })
  }
}

export interface Checked<A> {
  readonly value: A
  readonly faults: ReadonlyArray<Fault>
}

const needsMaxTokens = new Set(["anthropic", "bedrock_anthropic", "mistral"])

/** The models of `backends/<name>.toml`. `shared` is what the backend's own table puts under every one of them. */
export const readModels = (
  backend: string,
  { values }: Document,
  shared: JsonObject
): Checked<ReadonlyArray<BackendModel>> => {
  const defaults = own(values, "defaults") ?? {}
  if (!isObject(defaults)) {
    return { value: [], faults: [{ path: ["defaults"], message: "\"defaults\" must be a table" }] }
  }
  const faults: Array<Fault> = [...checkModel(["defaults"], defaults, defaultKeys)]
  const models: Array<BackendModel> = []
  const taken = new Set<string>()
  for (const [name, table] of Object.entries(values)) {
    if (name === "defaults") continue
    if (!isObject(table)) {
      faults.push({ path: [name], message: `"${name}" must be a table: one per model` })
      continue
    }
    const merged = merge(merge(shared, defaults), table)
    const mistakes = checkModel([name], table, modelKeys)
    faults.push(...mistakes)
    if (mistakes.length > 0) continue
    if (own(merged, "sdk") === undefined) {
      faults.push({ path: [name], message: `model "${name}" has no "sdk", and [defaults] has none` })
      continue
    }
    if (own(merged, "enabled") === false) continue
    const decoded = decode(backend, name, merged)
    const { family, handle, maxTokens, sdk: adapter } = decoded.model
    if (family === "llm" && maxTokens === undefined && needsMaxTokens.has(adapter)) {
      faults.push({ path: [name], message: `model "${name}" needs "max_tokens": adapter "${adapter}" always sends it` })
    }
    if (taken.has(`${family} ${handle}`)) {
      faults.push({ path: [name], message: `"${handle}" is there twice as ${family}` })
    }
    taken.add(`${family} ${handle}`)
    models.push(decoded)
  }
  return { value: models, faults }
}

const backendKeys: Rules.Table = {
  enabled: flag,
  display_name: text(),
  endpoint: text(),
  api_key: text(),
  listed_constraints: constraints,
  valued_constraints: valued
}

/** A backend's table may hold anything for its adapter, but hardly a key that is almost one of these. */
const misspelt = (path: ReadonlyArray<string>, extra: JsonObject): ReadonlyArray<Fault> =>
  Object.keys(extra).flatMap((key) => {
    const near = closest(key, Object.keys(backendKeys), 1, 0.8)
    return near.length === 0
      ? []
      : [{ path: [...path, key], message: `"${key}" is not a key of a backend${didYouMean(near)}` }]
  })

/** The backends of `backends.toml`, still without models. */
export const readBackends = (values: JsonObject): Checked<ReadonlyArray<Backend>> => {
  const faults: Array<Fault> = []
  const backends = Object.entries(values).flatMap(([name, table]): ReadonlyArray<Backend> => {
    if (!isObject(table)) {
      faults.push({ path: [name], message: `"${name}" must be a table: one per backend` })
      return []
    }
    const known = Object.fromEntries(Object.entries(table).filter(([key]) => Object.hasOwn(backendKeys, key)))
    const extra = Object.fromEntries(Object.entries(table).filter(([key]) => !Object.hasOwn(backendKeys, key)))
    faults.push(...Rules.check([name], known, backendKeys), ...misspelt([name], extra))
    for (const [key, value] of Object.entries(table)) {
      const message = typeof value === "string" ? Placeholder.problem(value) : undefined
      if (message !== undefined) faults.push({ path: [name, key], message })
    }
    return [{
      name,
      isEnabled: own(table, "enabled") !== false,
      ...(own(table, "enabled") === true ? { isChosen: true } : {}),
      ...Read.present({
        displayName: Read.text(table, "display_name"),
        endpoint: Read.text(table, "endpoint"),
        apiKey: Read.text(table, "api_key")
      }),
      extra,
      models: []
    }]
  })
  return { value: backends, faults }
}

/** Constraints that a backend's table puts on all its models. */
export const sharedBy = (values: JsonObject, name: string): JsonObject => {
  const table = own(values, name)
  if (!isObject(table)) return {}
  return Object.fromEntries(
    Object.entries(table).filter(([key]) => key === "listed_constraints" || key === "valued_constraints")
  )
}

/** What has to resolve before the backend can be called: for each placeholder, the sources of which one must. */
export const credentialVariables = (
  { apiKey, endpoint, extra, models }: Backend
): ReadonlyArray<Placeholder.Placeholder> => {
  const written = [
    apiKey,
    endpoint,
    ...Object.values(extra),
    ...models.flatMap(({ headers }) => Object.values(headers))
  ]
  const found = written.flatMap((value) => typeof value === "string" ? Placeholder.parse(value) : []).filter((each) =>
    each !== undefined
  )
  return Array.from(new Map(found.map((each) => [JSON.stringify(each), each])).values())
}
