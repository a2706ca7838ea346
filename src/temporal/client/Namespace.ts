import type { Connection as SdkConnection } from "@temporalio/client"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Server } from "../../config/TemporalAccess.ts"
import { textAt, valueAt } from "../../failure/Foreign.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import { type Connection, request } from "./Connection.ts"

/** The search attributes of a namespace: which of those that are wanted it has, and adding the others. */
export interface Look<Name extends string> {
  /** There, as keywords. */
  readonly present: ReadonlyArray<Name>
  readonly missing: ReadonlyArray<Name>
  /** There, with another type: no workflow of ours can carry them, and no second one of the name can be added. */
  readonly conflicting: ReadonlyArray<Name>
}

/** `INDEXED_VALUE_TYPE_KEYWORD`. */
const keyword = 2

/** gRPC's numbers. */
const grpc = { notFound: 5, alreadyExists: 6, permissionDenied: 7, unimplemented: 12 } as const
/** An argument that is none, a limit that is reached, a state that does not allow it: the server says which. */
const refusals: ReadonlySet<unknown> = new Set([3, 8, 9])

/** What the server says of these names, by one request. */
export const look = async <Name extends string>(
  { operatorService }: Pick<SdkConnection, "operatorService">,
  namespace: string,
  wanted: ReadonlyArray<Name>
): Promise<Look<Name>> => {
  const { customAttributes: found } = await operatorService.listSearchAttributes({ namespace })
  const typeOf = (name: Name) => valueAt(found, name)
  return {
    present: wanted.filter((name) => typeOf(name) === keyword),
    missing: wanted.filter((name) => typeOf(name) === undefined),
    conflicting: wanted.filter((name) => typeOf(name) !== undefined && typeOf(name) !== keyword)
  }
}

/** Said to whoever could do without: one line. */
export const hint = ({ length }: ReadonlyArray<string>): string =>
  `${length} search attribute${length === 1 ? " is" : "s are"} missing: \`pipelex setup-temporal-namespace\` adds them`

/** What an administrator types to add these: with Temporal's own command line, and on Temporal Cloud. In parts that belong on one line. */
export const commands = ({ address, namespace, tls }: Server, names: ReadonlyArray<string>) => ({
  temporal: [
    "temporal operator search-attribute create",
    `--address ${address}`,
    ...(tls === false ? [] : ["--tls"]),
    `--namespace ${namespace}`,
    ...names.map((name) => `--name ${name} --type Keyword`)
  ],
  tcld: [
    "tcld namespace search-attributes add",
    `--namespace ${namespace}`,
    ...names.map((name) => `--search-attribute ${name}=Keyword`)
  ]
})

/** What became of setting up a namespace. */
export type Outcome =
  | { readonly _tag: "Registered"; readonly added: ReadonlyArray<string>; readonly present: ReadonlyArray<string> }
  /** These credentials may not; those that may have to add `missing`. */
  | { readonly _tag: "Denied"; readonly missing: ReadonlyArray<string> }

const codeOf = (error: unknown): unknown => valueAt(error, "code")
const isDenied = (error: unknown): boolean =>
  codeOf(error) === grpc.permissionDenied || codeOf(error) === grpc.unimplemented

/** What the server itself says of a request that it refuses is about names alone. */
const refusal = (server: Server) => (error: unknown): PipeFailure | undefined => {
  const { address, namespace } = server
  const said = textAt(error, "details")
  const problem = codeOf(error) === grpc.notFound
    ? `the Temporal server ${address} has no namespace "${namespace}"`
    : refusals.has(codeOf(error)) && said !== undefined
    ? `the Temporal server ${address} refuses: ${said}`
    : undefined
  return problem === undefined ? undefined : fail(new Reason.RuntimeUnavailable({ problem }))
}

/** Adds those that are missing, and nothing else: what is there stays as it is. */
export const setUp = Effect.fn("Namespace.setUp")(
  function*(connection: Connection, wanted: ReadonlyArray<string>): Effect.fn.Return<Outcome, PipeFailure> {
    const { client: { connection: sdk }, access: { server } } = connection
    const { namespace } = server
    const asked = <A>(ask: () => Promise<A>) => {
      let denied = false
      return Effect.result(
        request(connection, ask, (error) => {
          denied = isDenied(error)
          return refusal(server)(error)
        })
      ).pipe(Effect.flatMap((answer): Effect.Effect<A | "denied", PipeFailure> => {
        if (Result.isSuccess(answer)) return Effect.succeed(answer.success)
        return denied ? Effect.succeed("denied") : Effect.fail(answer.failure)
      }))
    }
    const before = yield* asked(() => look(sdk, namespace, wanted))
    if (before === "denied") return { _tag: "Denied", missing: wanted }
    const { conflicting, missing, present } = before
    if (conflicting.length > 0) {
      return yield* fail(
        new Reason.ConfigInvalid({
          problem: `namespace "${namespace}" has ${conflicting.join(", ")} with another type than Keyword`,
          remedy: "Take them out of `attributes` in [temporal.search_attributes], or use another namespace."
        })
      )
    }
    if (missing.length === 0) return { _tag: "Registered", added: [], present }
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, keyword]))
    const added = yield* asked(() =>
      sdk.operatorService.addSearchAttributes({ namespace, searchAttributes }).catch((error: unknown) => {
        // Somebody else has added them meanwhile.
        if (codeOf(error) !== grpc.alreadyExists) throw error
      })
    )
    return added === "denied" ? { _tag: "Denied", missing } : { _tag: "Registered", added: missing, present }
  }
)
