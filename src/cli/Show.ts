import * as Effect from "effect/Effect"
import process from "node:process"
import type { Json } from "../concept/Json.ts"
import type { Backend } from "../config/Backends.ts"
import * as Configuration from "../config/Configuration.ts"
import { closest, didYouMean } from "../failure/Suggest.ts"
import type { Model } from "../program/Models.ts"
import { wrap } from "../report/Columns.ts"
import { usage } from "./Exit.ts"
import * as Grid from "./Grid.ts"
import { Streams } from "./Streams.ts"

/** `pipelex show backends|models|config`: what is configured. Resolves no credential and asks no provider. */
const configured = Effect.suspend(() => Configuration.loadFrom(process.cwd()))

/** Names in `${…}` that a backend's table asks for. */
const variables = ({ apiKey, endpoint, extra }: Backend): ReadonlyArray<string> =>
  Array.from(
    new Set(
      Array.from(
        JSON.stringify([apiKey, endpoint, extra]).matchAll(/\$\{(?:env:|secret:)?([^}|]+)[^}]*\}/g),
        ([, name = ""]) => name
      )
    )
  )

const backendRow = (backend: Backend): ReadonlyArray<string> => [
  `${backend.name}${backend.isEnabled ? "" : " (off)"}`,
  String(backend.models.length),
  variables(backend).join(", ") || "—",
  backend.endpoint ?? "—"
]

export const backends = Effect.fnUntraced(function*({ all }: { readonly all: boolean }) {
  const streams = yield* Streams
  const { inference: { backends: every, profile } } = yield* configured
  const shown = every.filter(({ isEnabled }) => all || isEnabled)
  const hidden = every.length - shown.length
  const { out } = streams
  yield* streams.answer({
    json: () => ({
      backends: shown.map((backend) => ({
        name: backend.name,
        enabled: backend.isEnabled,
        endpoint: backend.endpoint ?? null,
        credential_variables: variables(backend),
        models: backend.models.map(({ model }) => model.handle)
      })),
      routing_profile: profile
    }),
    lines: () => [
      ...Grid.lines(["Backend", "Models", "Credential variables", "Endpoint"], shown.map(backendRow), out),
      ...(hidden === 0 ? [] : [`${hidden} more that are not enabled: --all shows them`]),
      "",
      out.style.strong(`Routing profile: ${profile.name}`),
      ...(profile.description === "" ? [] : wrap(profile.description, out.width)),
      ...profile.routes.map(([pattern, backend]) => `  ${pattern} → ${backend}`),
      ...(profile.defaultBackend === undefined ? [] : [`  anything else → ${profile.defaultBackend}`])
    ]
  })
})

const price = (costs: Model["costs"], category: string): string => {
  const cost = costs?.[category]
  return costs === undefined ? "?" : cost === undefined ? "—" : String(cost)
}

const modelRow = (model: Model): ReadonlyArray<string> => [
  model.handle,
  model.family,
  model.backend,
  price(model.costs, "input"),
  price(model.costs, "output"),
  `${model.inputs.join(", ")} → ${model.outputs.join(", ")}`
]

const csvCell = (cell: string): string => /[",\n]/.test(cell) ? `"${cell.replaceAll("\"", "\"\"")}"` : cell

const modelHead = ["Handle", "Type", "Backend", "In $/M", "Out $/M", "Takes → gives"]

const modelJson = ({ backend, costs, family, handle, inputs, modelId, outputs }: Model) => ({
  handle,
  family,
  backend,
  model_id: modelId,
  inputs,
  outputs,
  costs: costs ?? null
})

const unknownBackend = (name: string, known: ReadonlyArray<Backend>): string =>
  `no backend is called "${name}"${didYouMean(closest(name, known.map((backend) => backend.name)))}`

export const models = Effect.fnUntraced(
  function*({ backend, flat }: { readonly backend: string | undefined; readonly flat: boolean }) {
    const streams = yield* Streams
    const { inference, models: table } = yield* configured
    const named = inference.backends.find(({ name }) => name === backend)
    if (backend !== undefined && named === undefined) return yield* usage(unknownBackend(backend, inference.backends))
    const found = named === undefined ? table.models : named.models.map(({ model }) => model)
    return yield* streams.answer({
      json: () => ({ models: found.map(modelJson) }),
      lines: () =>
        flat
          ? [modelHead, ...found.map(modelRow)].map((row) => row.map(csvCell).join(","))
          : Grid.lines(modelHead, found.map(modelRow), streams.out)
    })
  }
)

/** What one would not want in a log. */
const isSecret = (key: string): boolean => /(^|_)(key|secret|token|password)$/i.test(key)

const redacted = (value: Json): Json =>
  Array.isArray(value)
    ? value.map((item: Json) => redacted(item))
    : typeof value === "object" && value !== null
    ? Object.fromEntries(
      Object.entries(value).map((
        [key, inner]
      ) => [
        key,
        isSecret(key) && typeof inner === "string" && !inner.startsWith("${") && inner !== ""
          ? "********"
          : redacted(inner)
      ])
    )
    : value

export const config = Effect.fnUntraced(function*() {
  const streams = yield* Streams
  const { files, values, warnings } = yield* configured
  const shown = redacted(values)
  yield* streams.answer({ json: () => shown, lines: () => JSON.stringify(shown, null, 2).split("\n") })
  yield* streams.note([
    "",
    "Read from:",
    ...files.map((file) => `  ${file}`),
    ...warnings.map((warning) => `WARNING  ${warning}`)
  ])
})
