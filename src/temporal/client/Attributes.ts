import * as Effect from "effect/Effect"
import * as Names from "../wire/Names.ts"
import { type Connection, request } from "./Connection.ts"
import * as Namespace from "./Namespace.ts"

/** The search attributes of a namespace: asked for once, by the submitter; the answer travels with the run. */
export interface Found {
  /** What workflows of the run carry. */
  readonly attached: ReadonlyArray<Names.AttributeName>
  /** Wanted, and not there. */
  readonly missing: ReadonlyArray<Names.AttributeName>
}

const none: Found = { attached: [], missing: [] }

/** Those that are wanted and there. One that cannot be asked counts as having none; `true` attaches them without asking. */
export const find = Effect.fn("Attributes.find")(function*(connection: Connection) {
  const { options: { searchAttributes }, server: { namespace } } = connection.access
  const wanted = Names.attributes.filter((name) => searchAttributes.attributes.includes(name))
  if (searchAttributes.enabled === false || wanted.length === 0) return none
  if (searchAttributes.enabled === true) return { attached: wanted, missing: [] }
  const looked = yield* Effect.option(
    request(connection, () => Namespace.look(connection.client.connection, namespace, wanted))
  )
  if (looked._tag === "None") return none
  const { conflicting, missing, present } = looked.value
  const found: Found = { attached: present, missing: [...missing, ...conflicting] }
  return found
})
