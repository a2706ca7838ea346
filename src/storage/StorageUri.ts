/**
 * The names of stored artefacts: `pipelex-storage://<run id>/<generated|assets>/<16 hex>.<ext>`, or with a folder of the
 * digest holding a named file. Content-addressed: the same bytes in the same run have the same name. Parsing refuses
 * anything that could mean another place than it says.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import { StorageError } from "./StorageError.ts"

export const Kind = Schema.Literals(["generated", "assets"])
export type Kind = typeof Kind.Type

export interface Naming {
  readonly runId: string
  readonly kind: Kind
  /** Without its dot. */
  readonly extension: string
  /** Kept as the artefact's last part, for documents people will see by name. */
  readonly filename?: string
}

export const scheme = "pipelex-storage://"

/** No separators, no leading dot, nothing a shell, a url or a file system reads as more than a name. */
const segment = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/

/** Whether a run's id can be a part of the names of its artefacts. */
export const isRunId = (id: string): boolean => segment.test(id)

/** What `isRunId` asks for, in a sentence after "must be". */
export const runIdForm = "1 to 200 letters, digits, \".\", \"_\" and \"-\", the first a letter, a digit or \"_\""

/** The parts of the key an artefact is kept under, in any store. */
export const key = (bytes: Uint8Array, { extension, filename, kind, runId }: Naming) => {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 16)
  const parts = filename === undefined
    ? [runId, kind, `${digest}.${extension}`]
    : [runId, kind, digest, filename.replace(/[^A-Za-z0-9._-]+/g, "_").replace(/^\.+/, "")]
  return check(parts)
}

export const format = (parts: ReadonlyArray<string>): string => scheme + parts.join("/")

export const parse = (uri: string) =>
  uri.startsWith(scheme)
    ? check(uri.slice(scheme.length).split("/"))
    : Result.fail(refused("it is not a storage URI"))

const check = (parts: ReadonlyArray<string>): Result.Result<ReadonlyArray<string>, StorageError> => {
  const [, kind = ""] = parts
  const sound = (parts.length === 3 || parts.length === 4) && parts.every((part) => segment.test(part)) &&
    Schema.is(Kind)(kind)
  return sound ? Result.succeed(parts) : Result.fail(refused("it does not name a stored artefact"))
}

const refused = (why: string) => new StorageError({ reason: "refused", detail: `the storage URI is refused: ${why}` })
