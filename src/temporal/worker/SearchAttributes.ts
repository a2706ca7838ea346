import type { NativeConnection } from "@temporalio/worker"
import * as Effect from "effect/Effect"
import type { TemporalAccess } from "../../config/TemporalAccess.ts"
import { valueAt } from "../../failure/Foreign.ts"
import { fail } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import * as Namespace from "../client/Namespace.ts"

/** Whether the namespace has the search attributes that workflows are to carry: asked once, when a worker starts. */
export type Access = Pick<TemporalAccess, "options" | "server">

/** What is to be said to people; nothing when all is well. Attributes that are demanded and are not there are a failure. */
export const check = Effect.fn("SearchAttributes.check")(
  function*({ options: { searchAttributes: { attributes, enabled } }, server }: Access, connection: NativeConnection) {
    const { namespace } = server
    if (enabled === false || attributes.length === 0) return []
    const looked = yield* Effect.tryPromise({
      try: () => Namespace.look(connection, namespace, attributes),
      catch: (error) => ({ code: valueAt(error, "code") })
    }).pipe(Effect.result)
    if (looked._tag === "Failure") {
      const { code } = looked.failure
      if (typeof code === "number") {
        return [
          `the search attributes of namespace "${namespace}" could not be looked up (gRPC ${code}); going on without knowing`
        ]
      }
      return yield* fail(
        new Reason.RuntimeUnavailable({
          problem: `the search attributes of namespace "${namespace}" could not be read`
        })
      )
    }
    const lacking = [...looked.success.missing, ...looked.success.conflicting]
    if (lacking.length === 0) return []
    if (enabled === "auto") return [Namespace.hint(lacking)]
    return yield* fail(
      new Reason.ConfigInvalid({
        problem:
          `SearchAttributeRegistrationError: namespace "${namespace}" lacks search attributes that are demanded (${
            lacking.join(", ")
          })`,
        remedy: `Run \`pipelex setup-temporal-namespace\`, or: ${
          Namespace.commands(server, lacking).temporal.join(" ")
        }`
      })
    )
  }
)
