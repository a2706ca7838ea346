import type { NativeConnection } from "@temporalio/worker"
import * as Effect from "effect/Effect"
import type { TemporalAccess } from "../../config/TemporalAccess.ts"
import { valueAt } from "../../failure/Foreign.ts"
import { fail } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import { command } from "../wire/Attributes.ts"

/** Whether the namespace has the search attributes that workflows are to carry: asked once, when a worker starts. */
export type Access = Pick<TemporalAccess, "options" | "server">

const listed = (missing: ReadonlyArray<string>): string => missing.map((name) => `"${name}"`).join(", ")

/** What is to be said to people; nothing when all is well. Attributes that are demanded and are not there are a failure. */
export const check = Effect.fn("SearchAttributes.check")(
  function*(
    { options: { searchAttributes: { attributes, enabled } }, server: { namespace } }: Access,
    connection: NativeConnection
  ) {
    if (enabled === false || attributes.length === 0) return []
    const answered = yield* Effect.tryPromise({
      try: () => connection.operatorService.listSearchAttributes({ namespace }),
      catch: (error) => ({ code: valueAt(error, "code") })
    }).pipe(Effect.result)
    if (answered._tag === "Failure") {
      const { code } = answered.failure
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
    const there = Object.keys(answered.success.customAttributes ?? {})
    const missing = attributes.filter((name) => !there.includes(name))
    if (missing.length === 0) return []
    const adding = command(namespace, missing)
    if (enabled === "auto") {
      return [
        `namespace "${namespace}" lacks the search attributes ${
          listed(missing)
        }: runs go on without them; to add them: ${adding}`
      ]
    }
    return yield* fail(
      new Reason.ConfigInvalid({
        problem: `SearchAttributeRegistrationError: namespace "${namespace}" lacks the search attributes ${
          listed(missing)
        }`,
        remedy: `Run "${adding}"`
      })
    )
  }
)
