import * as Effect from "effect/Effect"
import * as Names from "../wire/Names.ts"
import { type Connection, request } from "./Connection.ts"

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
  const { operatorService } = connection.client.connection
  const listed = yield* Effect.option(request(connection, () => operatorService.listSearchAttributes({ namespace })))
  if (listed._tag === "None") return none
  const there = new Set(Object.keys(listed.value.customAttributes ?? {}))
  const found: Found = {
    attached: wanted.filter((name) => there.has(name)),
    missing: wanted.filter((name) => !there.has(name))
  }
  return found
})
