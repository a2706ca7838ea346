import type { JsonObject } from "../concept/Json.ts"
import { closest, didYouMean } from "../failure/Suggest.ts"
import * as Routing from "../program/Routing.ts"
import * as Read from "../source/Read.ts"
import { at, type Fault, tableAt } from "./Document.ts"
import * as Placeholder from "./Placeholder.ts"
import * as TemporalOptions from "./TemporalOptions.ts"
import * as TemporalToml from "./TemporalToml.ts"

/** What contradicts itself in `[temporal]`, as only the merged layers can show: told at the key that would have to change. */
type Options = TemporalOptions.TemporalOptions
type Path = ReadonlyArray<string>

/** What a placeholder stands for is looked at where it is resolved. */
const isPlain = (written: string): boolean => !Placeholder.isIn(written)

const near = (name: string, known: ReadonlyArray<string>): string =>
  didYouMean(closest(name, known)) || `; there is ${known.toSorted().join(", ")}`

/** Queues that something is routed to, with where each is said. */
const routedTo = (section: JsonObject): ReadonlyArray<readonly [queue: string, path: Path]> =>
  Object.entries(Read.recordOfTables(Read.table(section, "activity_queues"))).flatMap(([activity, own]) => {
    const here = ["temporal", "activity_queues", activity]
    const fallback = Read.text(own, "default")
    const byHandle = Object.entries(Read.recordOfTexts(Read.table(own, "by_handle"))).map(([handle, queue]) =>
      [queue, here.concat("by_handle", handle)] as const
    )
    return fallback === undefined ? byHandle : byHandle.concat([[fallback, here.concat("default")]])
  })

const undeclared = (queue: string, known: ReadonlyArray<string>, fallback: string): string => {
  const meant = didYouMean(closest(queue, known, 1, 0.7))
  const fixes = `add an empty [temporal.queue_options.${queue}], or route to "${fallback}"`
  return `queue "${queue}" is declared nowhere${meant === "" ? `; ${fixes}` : `${meant} Else ${fixes}`}`
}

const queues = (section: JsonObject, { routing: { defaultQueue } }: Options): ReadonlyArray<Fault> => {
  const declared = Object.keys(Read.table(section, "queue_options"))
  const routed = routedTo(section)
  const reached = [defaultQueue, ...routed.map(([queue]) => queue)]
  const known = [defaultQueue, ...declared]
  const isKnown = (queue: string) => known.includes(queue) || !isPlain(queue) || !known.every(isPlain)
  const isReached = (queue: string) => reached.includes(queue) || !isPlain(queue) || !reached.every(isPlain)
  return [
    ...routed.filter(([queue]) => !isKnown(queue)).map(([queue, path]): Fault => ({
      path,
      message: undeclared(queue, known, defaultQueue)
    })),
    ...declared.filter((queue) => !isReached(queue)).map((queue): Fault => ({
      path: ["temporal", "queue_options", queue],
      message: `nothing is routed to queue "${queue}"; route an activity to it, or remove its options`
    }))
  ]
}

const chosen = <A>({ named, selected }: TemporalOptions.Named<A>, path: Path, what: string): ReadonlyArray<Fault> =>
  Object.hasOwn(named, selected) || !isPlain(selected)
    ? []
    : [{ path, message: `no ${what} is called "${selected}"${near(selected, Object.keys(named))}` }]

const choices = (_: JsonObject, { profiles, scopes, servers }: Options): ReadonlyArray<Fault> => [
  ...chosen(profiles, ["temporal", "worker_runtime_profiles", "default_profile"], "profile"),
  ...chosen(scopes, ["temporal", "worker_scopes", "default_scope"], "scope"),
  ...chosen(servers, ["temporal", "temporal_config", "selected_server"], "server")
]

const tlsFiles = ["tls_server_name", "tls_ca_file", "tls_cert_file", "tls_key_file"] as const

const serverFaults = (name: string, profile: TemporalOptions.ServerProfile): ReadonlyArray<Fault> => {
  const here = ["temporal", "temporal_config", "temporal_server_configs", name]
  const { apiKeyId, apiKeyMethod, tls, tlsCaFile, tlsCertFile, tlsKeyFile, tlsServerName } = profile
  const hasId = apiKeyId.trim() !== ""
  const written = [tlsServerName, tlsCaFile, tlsCertFile, tlsKeyFile]
  const useless = tls === false ? tlsFiles.filter((_, index) => written[index] !== undefined) : []
  const half = (tlsCertFile === undefined) === (tlsKeyFile === undefined)
    ? []
    : [tlsCertFile === undefined ? "tls_key_file" : "tls_cert_file"]
  return [
    ...(apiKeyMethod !== "none" && !hasId
      ? [{
        path: here.concat("api_key_method"),
        message: `server "${name}" has api_key_method = "${apiKeyMethod}" and no api_key_id`
      }]
      : []),
    ...(apiKeyMethod === "none" && hasId
      ? [{
        path: here.concat("api_key_id"),
        message: `server "${name}" has an api_key_id that api_key_method = "none" does not look at; ` +
          "set it to \"env_var\" or \"secret_provider\""
      }]
      : []),
    ...half.map((key) => ({
      path: here.concat(key),
      message: `server "${name}" needs both tls_cert_file and tls_key_file, or neither`
    })),
    ...useless.map((key) => ({ path: here.concat(key), message: `server "${name}" has ${key} and tls = false` }))
  ]
}

const servers = (_: JsonObject, { servers: { named } }: Options): ReadonlyArray<Fault> =>
  Object.entries(named).flatMap(([name, profile]) => serverFaults(name, profile))

/** Keys of a scope, and the names that each may hold. */
const scopeNames: ReadonlyArray<readonly [key: string, what: string, known: ReadonlyArray<string>]> = [
  ["required_tasks_packs", "pack", TemporalToml.packNames],
  ["required_workflows", "workflow", TemporalToml.workflowNames],
  ["excluded_workflows", "workflow", TemporalToml.workflowNames],
  ["required_activities", "activity", [...TemporalToml.leafNames, ...TemporalToml.idleActivities]],
  ["excluded_activities", "activity", [...TemporalToml.leafNames, ...TemporalToml.idleActivities]]
]

const scopes = (section: JsonObject): ReadonlyArray<Fault> =>
  Object.entries(Read.recordOfTables(tableAt(section, ["worker_scopes", "scopes"]))).flatMap(([scope, own]) =>
    scopeNames.flatMap(([key, what, known]) =>
      (Read.texts(own, key) ?? []).filter((name) => !known.includes(name)).map((name) => ({
        path: ["temporal", "worker_scopes", "scopes", scope, key],
        message: `no ${what} is called "${name}"${near(name, known)}`
      }))
    )
  )

const encryption = (_: JsonObject, { payloadCodec }: Options): ReadonlyArray<Fault> => {
  const { encryption: { isEnabled, keyId, keys } } = payloadCodec
  const names = Object.keys(keys)
  return !isEnabled || Object.hasOwn(keys, keyId) || ![keyId, ...names].every(isPlain) ? [] : [{
    path: ["temporal", "payload_codec_config", "encryption", keyId === "" ? "is_enabled" : "key_id"],
    message: `payload encryption is on and no key is called "${keyId}"${names.length === 0 ? "" : near(keyId, names)}`
  }]
}

/** Of a policy that a server refuses: an activity with it could never be started, and its run would wait for ever. */
const policy = ({ retry: { initialInterval, maximumInterval } }: Routing.Complete): string | undefined =>
  maximumInterval !== "unlimited" && maximumInterval < initialInterval
    ? `maximum_interval is ${Routing.span(maximumInterval)} and initial_interval ${Routing.span(initialInterval)}: ` +
      "a server takes no wait that is shorter than the first"
    : undefined

/** Every dispatch that the file can bring about, with the tables that its policy is of, the highest first. */
const dispatches = ({ routing }: Options): ReadonlyArray<readonly [Routing.Complete, ReadonlyArray<Path>]> => {
  const baseline = ["worker_config"]
  const leaves = Object.entries(routing.activities).flatMap(([name, { byHandle, handleOptions }]) =>
    TemporalToml.isLeafName(name)
      ? [undefined, ...new Set([...Object.keys(byHandle), ...Object.keys(handleOptions)])].map((handle) => {
        const { options, queue = routing.defaultQueue } = Routing.resolve(routing, name, handle)
        const own = handle === undefined ? [] : [["activity_queues", name, "handle_options", handle]]
        return [options, [...own, ["queue_options", queue], baseline]] as const
      })
      : []
  )
  const { options } = Routing.resolve(routing, "act_func", undefined)
  return [...leaves, [options, [["queue_options", routing.defaultQueue], baseline]]]
}

const policies = (section: JsonObject, options: Options): ReadonlyArray<Fault> => {
  const found = new Map<string, Fault>()
  for (const [complete, tables] of dispatches(options)) {
    const message = policy(complete)
    const path = tables.flatMap((table) =>
      ["maximum_interval", "initial_interval"].map((key) => table.concat("retry_policy_config", key))
    ).find((each) => at(section, each) !== undefined)
    if (message !== undefined && path !== undefined) {
      found.set(path.join("."), { path: ["temporal", ...path], message })
    }
  }
  return Array.from(found.values())
}

/** The SDK keeps one poller for workflows that are kept, and one for others. */
const profiles = (_: JsonObject, { profiles: { named } }: Options): ReadonlyArray<Fault> =>
  Object.entries(named).filter(([, own]) => own.maxCachedWorkflows > 0 && own.maxConcurrentWorkflowTasks < 2).map((
    [name]
  ) => ({
    path: ["temporal", "worker_runtime_profiles", "profiles", name, "max_concurrent_workflow_tasks"],
    message: `profile "${name}" needs max_concurrent_workflow_tasks of at least 2, or max_cached_workflows = 0`
  }))

const rules = [queues, choices, servers, scopes, encryption, policies, profiles]

/** Names that lead nowhere, queues that nobody declared or that nothing goes to, settings of which one forbids the other. */
export const contradictions = (values: JsonObject): ReadonlyArray<Fault> => {
  const section = tableAt(values, ["temporal"])
  const options = TemporalOptions.options(values)
  return rules.flatMap((rule) => rule(section, options))
}

/** Activities whose jobs are not for a model; those of functions are told apart by the function's name. */
const modelless: ReadonlySet<string> = new Set(["act_func", "act_render_page_views"])

/** Handles that are routed and that no model has: a route for them is followed by nothing. */
export const unknownHandles = (values: JsonObject, handles: ReadonlyArray<string>): ReadonlyArray<string> => {
  const { routing: { activities } } = TemporalOptions.options(values)
  return Object.entries(activities).filter(([activity]) => !modelless.has(activity)).flatMap(([activity, route]) =>
    Array.from(new Set([...Object.keys(route.byHandle), ...Object.keys(route.handleOptions)])).filter((handle) =>
      !handles.includes(handle)
    ).map((handle) =>
      `[temporal.activity_queues.${activity}]: no model has the handle "${handle}"${
        didYouMean(closest(handle, handles))
      }`
    )
  )
}
