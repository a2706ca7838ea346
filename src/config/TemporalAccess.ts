import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { isArray, isObject, type Json, type JsonObject } from "../concept/Json.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import { closest, didYouMean } from "../failure/Suggest.ts"
import * as Read from "../source/Read.ts"
import type { Locations } from "./Locations.ts"
import * as Placeholder from "./Placeholder.ts"
import * as TemporalCheck from "./TemporalCheck.ts"
import * as TemporalOptions from "./TemporalOptions.ts"

/**
 * What is needed to speak to a Temporal server, with every placeholder resolved: made only where somebody is about to connect, so that a
 * verdict on a method never depends on the environment. Whatever is missing is told before anything is opened.
 */
export interface TemporalAccess {
  /** The section, its placeholders resolved; those of other servers stay as they are written. */
  readonly options: TemporalOptions.TemporalOptions
  readonly server: Server
  /** The keys that payloads are encrypted with, by name. Empty unless encryption is on. */
  readonly encryptionKeys: Readonly<Record<string, Redacted.Redacted>>
  /** Folder that a relative folder of the payload store starts from. Default: the working directory. */
  readonly base?: string
}

export interface Server {
  /** Name of its profile. */
  readonly name: string
  /** `host:port`. */
  readonly address: string
  readonly namespace: string
  readonly apiKey?: Redacted.Redacted
  readonly tls: false | Tls
}

export interface Tls {
  readonly serverName?: string
  /** PEM files, as they were read. */
  readonly ca?: Uint8Array
  readonly client?: { readonly certificate: Uint8Array; readonly key: Uint8Array }
}

const invalid = (problem: string, remedy?: string): PipeFailure =>
  fail(new Reason.ConfigInvalid({ problem, ...(remedy === undefined ? {} : { remedy }) }))

const quoted = (names: Iterable<string>): string => Array.from(names, (name) => `"${name}"`).join(", ")

/** Texts with their placeholders replaced; the variables that do not resolve are put into `missing`. */
const resolving = (variables: Placeholder.Variables, missing: Set<string>) => {
  const text = (written: string): string => {
    if (!Placeholder.isIn(written)) return written
    const resolved = Placeholder.resolve(written, variables)
    if (Result.isSuccess(resolved)) return resolved.success.text
    for (const name of resolved.failure) missing.add(name)
    return written
  }
  const deep = (value: Json): Json => {
    if (typeof value === "string") return text(value)
    if (isArray(value)) return value.map(deep)
    return isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), deep(inner)]))
      : value
  }
  /** Of a section, all but these tables: their secrets are resolved one by one, where they are used. */
  const but = (section: JsonObject, ...apart: ReadonlyArray<string>): JsonObject =>
    Object.fromEntries(Object.entries(section).map(([key, value]) => [key, apart.includes(key) ? value : deep(value)]))
  return { text, but }
}

/** The key, by the name of a variable or a secret; a text that is a placeholder may stand for the key itself. */
const keyOf = (
  { apiKeyId, apiKeyMethod }: TemporalOptions.ServerProfile,
  name: string,
  variables: Placeholder.Variables,
  text: (written: string) => string
): Effect.Effect<Redacted.Redacted | undefined, PipeFailure> => {
  if (apiKeyMethod === "none") return Effect.undefined
  const id = text(apiKeyId)
  const found = variables(id) ?? (id === apiKeyId ? undefined : id)
  return found === undefined || found === ""
    ? Effect.fail(
      invalid(`the API key of server "${name}" is not set: ${id}`, `Set the variable ${id}, or put it into .env.`)
    )
    : Effect.succeed(Redacted.make(found, { label: id === apiKeyId ? id : "API key" }))
}

const fileFrom = (base: string | undefined) =>
  Effect.fnUntraced(function*(key: string, written: string) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const place = base === undefined ? written : path.resolve(base, written)
    return yield* Effect.mapError(fs.readFile(place), () => invalid(`${key}: the file ${place} cannot be read`))
  })

const tlsOf = Effect.fnUntraced(function*(
  file: ReturnType<typeof fileFrom>,
  { tls, tlsCaFile, tlsCertFile, tlsKeyFile, tlsServerName }: TemporalOptions.ServerProfile,
  hasKey: boolean
) {
  const isImplied = hasKey || [tlsCaFile, tlsCertFile, tlsKeyFile, tlsServerName].some((each) => each !== undefined)
  if (!(tls ?? isImplied)) return false
  const made: Tls = {
    ...(tlsServerName === undefined ? {} : { serverName: tlsServerName }),
    ...(tlsCaFile === undefined ? {} : { ca: yield* file("tls_ca_file", tlsCaFile) }),
    ...(tlsCertFile === undefined || tlsKeyFile === undefined
      ? {}
      : {
        client: { certificate: yield* file("tls_cert_file", tlsCertFile), key: yield* file("tls_key_file", tlsKeyFile) }
      })
  }
  return made
})

/** Bytes of a key of AES-256. */
const keyBytes = 32

const keysOf = Effect.fnUntraced(function*(
  { encryption: { isEnabled, keyId, keys } }: TemporalOptions.PayloadCodec,
  text: (written: string) => string
) {
  if (!isEnabled || Placeholder.isIn(keyId)) return {}
  if (!Object.hasOwn(keys, keyId)) {
    const near = didYouMean(closest(keyId, Object.keys(keys)))
    return yield* invalid(`payload encryption is on and no key is called "${keyId}"${near}`)
  }
  const resolved = Object.entries(keys).map(([id, written]) => [id, text(written)] as const)
  const short = resolved.filter(([, key]) => !Placeholder.isIn(key) && Buffer.from(key, "base64").length !== keyBytes)
  if (short.length > 0) {
    return yield* invalid(
      `${quoted(short.map(([id]) => id))}: a key of payload encryption is ${keyBytes} bytes in base64`
    )
  }
  return Object.fromEntries(resolved.map(([id, key]) => [id, Redacted.make(key, { label: id })]))
})

/** Of the merged `pipelex.toml`, for the server that is asked for by name, or else selected. */
export const resolve = Effect.fn("TemporalAccess.resolve")(
  function*(
    values: JsonObject,
    variables: Placeholder.Variables,
    asked?: string,
    locations?: Pick<Locations, "projectRoot" | "cwd">
  ) {
    const missing = new Set<string>()
    const { but, text } = resolving(variables, missing)
    const section = Read.table(values, "temporal")
    const codec = but(Read.table(section, "payload_codec_config"), "encryption")
    const temporal = { ...but(section, "temporal_config", "payload_codec_config"), payload_codec_config: codec }
    const unread = TemporalOptions.options({ temporal })
    const { encryption } = unread.payloadCodec
    const keyId = encryption.isEnabled ? text(encryption.keyId) : encryption.keyId
    const payloadCodec = { ...unread.payloadCodec, encryption: { ...encryption, keyId } }
    const options = { ...unread, payloadCodec }
    const { named, selected } = options.servers
    const name = asked ?? text(selected)
    const written = Object.hasOwn(named, name) ? named[name] : undefined
    if (written === undefined) {
      const near = didYouMean(closest(name, Object.keys(named))) ||
        `; there is ${Object.keys(named).toSorted().join(", ")}`
      return yield* invalid(`no server is called "${name}"${near}`)
    }
    const profile: TemporalOptions.ServerProfile = {
      ...written,
      targetHost: text(written.targetHost),
      namespace: text(written.namespace),
      ...(written.tlsServerName === undefined ? {} : { tlsServerName: text(written.tlsServerName) }),
      ...(written.tlsCaFile === undefined ? {} : { tlsCaFile: text(written.tlsCaFile) }),
      ...(written.tlsCertFile === undefined ? {} : { tlsCertFile: text(written.tlsCertFile) }),
      ...(written.tlsKeyFile === undefined ? {} : { tlsKeyFile: text(written.tlsKeyFile) })
    }
    const encryptionKeys = yield* keysOf(options.payloadCodec, text)
    // What was written with placeholders has been looked at by nobody.
    const [wrong] = missing.size === 0 ? TemporalCheck.contradictions({ temporal: { ...section, ...temporal } }) : []
    if (wrong !== undefined) return yield* invalid(wrong.message)
    const apiKey = missing.size === 0 ? yield* keyOf(profile, name, variables, text) : undefined
    if (missing.size > 0) {
      const names = Array.from(missing)
      return yield* invalid(
        `server "${name}" needs ${quoted(names)}, which ${names.length === 1 ? "is" : "are"} not set`,
        `Set ${names.join(", ")}, or put ${names.length === 1 ? "it" : "them"} into .env.`
      )
    }
    const base = locations?.projectRoot ?? locations?.cwd
    const server: Server = {
      name,
      address: /:\d+$/.test(profile.targetHost) ? profile.targetHost : `${profile.targetHost}:7233`,
      namespace: profile.namespace,
      ...(apiKey === undefined ? {} : { apiKey }),
      tls: yield* tlsOf(fileFrom(base), profile, apiKey !== undefined)
    }
    const access: TemporalAccess = { options, server, encryptionKeys, ...(base === undefined ? {} : { base }) }
    return access
  }
)
