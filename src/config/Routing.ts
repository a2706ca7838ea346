import { isObject, type JsonObject, own } from "../concept/Json.ts"
import type { Family, Model } from "../program/Models.ts"
import * as Read from "../source/Read.ts"
import * as Rules from "../source/Rules.ts"
import type { Backend, BackendModel, Checked } from "./Backends.ts"
import type { Fault } from "./Document.ts"

/** Which backend serves which model: the active profile of `inference/routing_profiles.toml`. The choice is made once, at load. */
export interface Profile {
  readonly name: string
  readonly description: string
  readonly fallbackOrder?: ReadonlyArray<string>
  readonly defaultBackend?: string
  /** Pattern → backend, in the file's order. */
  readonly routes: ReadonlyArray<readonly [pattern: string, backend: string]>
  readonly optionalRoutes: ReadonlyArray<readonly [pattern: string, backend: string]>
}

const routeTable = Rules.recordOf(Rules.text(), "a table of patterns and backends")

const profileKeys: Rules.Table = {
  description: Rules.required(Rules.text()),
  default: Rules.text(),
  fallback_order: Rules.texts,
  routes: routeTable,
  optional_routes: routeTable
}

const pairs = (profile: JsonObject, key: string): ReadonlyArray<readonly [string, string]> =>
  Object.entries(Read.recordOfTexts(Read.table(profile, key)))

/** The active profile, checked against the backends there are. */
export const readProfile = (values: JsonObject, backends: ReadonlyArray<Backend>): Checked<Profile | undefined> => {
  const faults: Array<Fault> = [
    ...Rules.check([], values, { active: Rules.required(Rules.text()), profiles: Rules.required(Rules.anyTable) })
  ]
  const profiles = own(values, "profiles")
  const name = Read.text(values, "active") ?? ""
  if (!isObject(profiles) || faults.length > 0) return { value: undefined, faults }
  for (const [key, profile] of Object.entries(profiles)) {
    if (isObject(profile)) faults.push(...Rules.check(["profiles", key], profile, profileKeys))
    else faults.push({ path: ["profiles", key], message: `profile "${key}" must be a table` })
  }
  const active = own(profiles, name)
  if (!isObject(active)) {
    const known = Object.keys(profiles).map((key) => `"${key}"`).join(", ")
    return {
      value: undefined,
      faults: [...faults, { path: ["active"], message: `no profile is called "${name}"; there is ${known}` }]
    }
  }
  if (faults.length > 0) return { value: undefined, faults }
  const path = ["profiles", name]
  const [routes, optionalRoutes] = [pairs(active, "routes"), pairs(active, "optional_routes")]
  const known = new Map(backends.map((backend) => [backend.name, backend]))
  const order = Read.texts(active, "fallback_order")
  const fallback = Read.text(active, "default")
  const expect = (backend: string, at: ReadonlyArray<string | number>, mustBeEnabled: boolean) => {
    const found = known.get(backend)
    if (found === undefined) faults.push({ path: at, message: `"${backend}" is not a backend of backends.toml` })
    else if (mustBeEnabled && !found.isEnabled) {
      faults.push({ path: at, message: `backend "${backend}" is routed to, and is not enabled` })
    }
  }
  if (fallback !== undefined) expect(fallback, [...path, "default"], true)
  for (const [pattern, backend] of routes) expect(backend, [...path, "routes", pattern], true)
  for (const [pattern] of optionalRoutes) {
    if (routes.some(([other]) => other === pattern)) {
      faults.push({ path: [...path, "optional_routes", pattern], message: `"${pattern}" is in routes too` })
    }
  }
  return {
    faults,
    value: {
      name,
      description: Read.text(active, "description") ?? "",
      ...(order === undefined ? {} : { fallbackOrder: order }),
      ...(fallback === undefined ? {} : { defaultBackend: fallback }),
      routes,
      optionalRoutes
    }
  }
}

const matches = (pattern: string, name: string): boolean => {
  const inner = pattern.replace(/^\*/, "").replace(/\*$/, "")
  if (pattern.startsWith("*") && pattern.endsWith("*")) return name.includes(inner)
  return pattern.startsWith("*") ? name.endsWith(inner) : pattern.endsWith("*") && name.startsWith(inner)
}

/** Backends to ask for a name, in order. A name that is routed by itself goes nowhere else, even where its backend cannot serve. */
const candidates = (
  profile: Profile,
  enabled: ReadonlyArray<Backend>,
  serving: ReadonlyArray<Backend>,
  name: string
): ReadonlyArray<string> => {
  const isServing = (backend: string) => serving.some((each) => each.name === backend)
  const routes = [...profile.routes, ...profile.optionalRoutes]
  const routed =
    routes.find(([pattern, backend]) => pattern === name && enabled.some((each) => each.name === backend)) ??
      routes.find(([pattern, backend]) => matches(pattern, name) && isServing(backend))
  if (routed !== undefined) return [routed[1]]
  if (profile.fallbackOrder === undefined) {
    return [...(profile.defaultBackend === undefined ? [] : [profile.defaultBackend]), "internal"]
  }
  const first = profile.defaultBackend !== undefined && isServing(profile.defaultBackend)
    ? [profile.defaultBackend]
    : []
  return [...first, ...profile.fallbackOrder, ...serving.map((backend) => backend.name)]
}

export interface Routed {
  /** One per family and handle. */
  readonly models: ReadonlyArray<BackendModel>
  /** Handles that only a backend that does not serve would have: handle → backend. */
  readonly unserved: Readonly<Record<string, string>>
  /** Exact routes to a backend that has no model of the name. */
  readonly deadRoutes: ReadonlyArray<readonly [name: string, backend: string]>
}

/**
 * The models that are served, each by one backend. `isServing` leaves out backends whose credentials do not resolve; without it every
 * enabled backend serves, so that a verdict does not depend on the environment.
 */
export const route = (
  profile: Profile,
  backends: ReadonlyArray<Backend>,
  isServing: (backend: Backend) => boolean = () => true
): Routed => {
  const enabled = backends.filter((backend) => backend.isEnabled)
  const serving = enabled.filter(isServing)
  const served = new Map<string, Map<string, BackendModel>>(
    serving.map(({ models, name }) => [name, new Map(models.map((each) => [keyOf(each.model), each]))])
  )
  const names = new Map(serving.flatMap(({ models }) => models.map(({ model }) => [keyOf(model), model] as const)))
  const models = Array.from(names.values()).flatMap(({ family, handle }) => {
    for (const backend of candidates(profile, enabled, serving, handle)) {
      const found = served.get(backend)?.get(keyOf({ family, handle }))
      if (found !== undefined) return [found]
    }
    return []
  })
  const handles = new Set(models.map(({ model }) => model.handle))
  const others = backends.flatMap(({ models: all, name }) => all.map(({ model }) => [model.handle, name] as const))
    .filter(([handle]) => !handles.has(handle)).toReversed()
  const isKnown = (backend: string, handle: string) =>
    backends.find(({ name }) => name === backend)?.models.some(({ model }) => model.handle === handle) === true
  const deadRoutes = profile.routes.filter(([pattern, backend]) => !pattern.includes("*") && !isKnown(backend, pattern))
  return { models, unserved: Object.fromEntries(others), deadRoutes }
}

const keyOf = ({ family, handle }: Pick<Model, "handle"> & { readonly family: Family }): string => `${family} ${handle}`
