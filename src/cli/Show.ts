import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import process from "node:process"
import { isObject, type Json } from "../concept/Json.ts"
import * as Backends from "../config/Backends.ts"
import * as Configuration from "../config/Configuration.ts"
import type * as Origins from "../config/Origins.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Model } from "../program/Models.ts"
import { cut, wrap } from "../report/Columns.ts"
import { noBackend, usage } from "./Exit.ts"
import * as Grid from "./Grid.ts"
import { Streams } from "./Streams.ts"

/** `pipelex show backends|models|config`: what is configured. Resolves no credential and asks no provider. */
const configured = Effect.suspend(() => Configuration.loadFrom(process.cwd()))

/** What a backend's table asks for: the names of a placeholder's sources, of which one is enough. */
const variables = (backend: Backends.Backend): ReadonlyArray<ReadonlyArray<string>> =>
  Backends.credentialVariables(backend).map((sources) => Array.from(new Set(sources.map(({ name }) => name))))

const variablesText = (backend: Backends.Backend): string =>
  variables(backend).map((names) => names.join(" or ")).join(", ") || "—"

const backendRow = (backend: Backends.Backend): ReadonlyArray<string> => [
  `${backend.name}${backend.isEnabled ? "" : " (off)"}`,
  String(backend.models.length),
  variablesText(backend),
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
        credential_variables: variables(backend).flat(),
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

const unknownBackend = (name: string, known: ReadonlyArray<Backends.Backend>): string =>
  noBackend(name, known.map((backend) => backend.name))

export interface ModelsOptions {
  readonly backend: string | undefined
  readonly flat: boolean
  /** What the provider lists, instead of what is configured. */
  readonly remote: boolean
}

const remoteHead = ["Model ID", "Created", "Owned by"]

/** The provider's own list: the one thing here that calls somebody. */
const remote = Effect.fnUntraced(function*(name: string | undefined, flat: boolean) {
  const streams = yield* Streams
  const { inference, locations } = yield* configured
  const backend = inference.backends.find((each) => each.name === name)
  if (backend === undefined) {
    return yield* usage(
      name === undefined ? "--remote needs the name of a backend" : unknownBackend(name, inference.backends)
    )
  }
  const [Catalogue, Credentials, Environment, Fetch] = yield* Effect.promise(() =>
    Promise.all([
      import("../provider/Catalogue.ts"),
      import("../config/Credentials.ts"),
      import("../config/Environment.ts"),
      import("../provider/transport/Fetch.ts")
    ])
  )
  const sdk = Catalogue.sdkOf(backend)
  if (sdk === undefined) return yield* usage(`the provider of "${backend.name}" has no list of its models`)
  const environment = yield* Environment.load(locations)
  const found = Credentials.connections({ backends: [{ ...backend, isEnabled: true }] }, environment.get).get(
    backend.name
  )
  if (Result.isFailure(found)) {
    const { variables: missing } = found.failure
    return yield* fail(
      new Reason.CredentialMissing({ provider: backend.name, backend: backend.name, variables: missing })
    )
  }
  const listed = yield* Fetch.Fetch.use(({ get }) => get).pipe(
    Effect.flatMap((fetch) => Catalogue.list(found.success, sdk, fetch, 30)),
    Effect.mapError((error) => Catalogue.failure(error, backend.name)),
    Effect.provide(Fetch.layer)
  )
  const rows = (absent: string) => listed.map(({ created = absent, id, owner = absent }) => [id, created, owner])
  return yield* streams.answer({
    json: () => ({ models: listed }),
    lines: () => flat ? csv([remoteHead, ...rows("")]) : Grid.lines(remoteHead, rows("—"), streams.out)
  })
})

const csv = (rows: ReadonlyArray<ReadonlyArray<string>>) => rows.map((row) => row.map(csvCell).join(","))

export const models = Effect.fnUntraced(
  function*({ backend, flat, remote: isRemote }: ModelsOptions) {
    if (isRemote) return yield* remote(backend, flat)
    const streams = yield* Streams
    const { inference, models: table } = yield* configured
    const named = inference.backends.find(({ name }) => name === backend)
    if (backend !== undefined && named === undefined) return yield* usage(unknownBackend(backend, inference.backends))
    const found = named === undefined ? table.models : named.models.map(({ model }) => model)
    return yield* streams.answer({
      json: () => ({ models: found.map(modelJson) }),
      lines: () =>
        flat
          ? csv([modelHead, ...found.map(modelRow)])
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

const longestValue = 60

/** A line for each key: what it is, and where that comes from. */
const originLine = ({ file, line, path, value }: Origins.Origin, packaged: string): string =>
  `${path.join(".")} = ${cut(JSON.stringify(value), longestValue)}  ${
    file.startsWith(packaged) ? "(packaged)" : `← ${file}:${line}`
  }`

export const config = Effect.fnUntraced(function*({ origin }: { readonly origin: boolean }) {
  const streams = yield* Streams
  const configuration = yield* configured
  const { files, layers, locations, values, warnings } = configuration
  const shown = redacted(values)
  const origins = origin && isObject(shown) ? yield* Configuration.origins({ layers, values: shown }) : undefined
  yield* streams.answer({
    json: () => origins === undefined ? shown : { values: shown, origins },
    lines: () =>
      origins === undefined
        ? JSON.stringify(shown, null, 2).split("\n")
        : origins.map((each) => originLine(each, locations.packaged))
  })
  yield* streams.note([
    "",
    "Read from:",
    ...files.map((file) => `  ${file}`),
    ...warnings.map((warning) => `WARNING  ${warning}`)
  ])
})
