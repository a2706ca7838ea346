import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ModelWire } from "../../config/Connection.ts"
import type { AdapterContext } from "../Adapter.ts"
import * as JsonApi from "../transport/JsonApi.ts"
import { ProviderError } from "../transport/ProviderError.ts"

/** What errors call the API, whatever the backend is called. */
export const provider = "linkup"

const unreadable = () =>
  new ProviderError({ kind: "unreadable", metadata: { provider, message: "the answer is not what the API promises" } })

/** Linkup's API, as its adapters call it: the key in a header, one JSON object per request, one per answer. */
export const calling = ({ connection, fetch, inference }: AdapterContext) => {
  const api = JsonApi.of({ connection, fetch }, { provider, endpoint: "https://api.linkup.so/v1", key: JsonApi.bearer })

  return <A>(answer: Schema.Codec<A, unknown>) => {
    const decode = Schema.decodeUnknownEffect(answer)
    return (path: string, body: object, { headers }: ModelWire): Effect.Effect<A, ProviderError> =>
      Effect.flatMap(
        JsonApi.post(api, path, body, { headers, timeoutSeconds: inference.requestTimeoutSeconds }),
        (reply) => Effect.mapError(decode(reply), unreadable)
      )
  }
}
