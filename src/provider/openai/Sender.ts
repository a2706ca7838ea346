import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { OpenAI } from "openai/client"
import { APIConnectionError, APIError } from "openai/core/error"
import type { ModelWire } from "../../config/Connection.ts"

/**
 * Sends requests as the SDK would, and fails as it does. Its own sending is made to retry, to log and to compose signals, and costs more
 * than everything else that is done for a call: here its part is to say where a model is called and with which headers, once, and to make
 * the errors.
 */
export type Send = (
  path: string,
  body: object,
  headers: ModelWire["headers"],
  signal: AbortSignal
) => Promise<unknown>

interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>> | Headers
}

const refusal = ({ headers, status }: Response, text: string): APIError => {
  const parsed = Result.try({ try: (): unknown => JSON.parse(text), catch: () => undefined })
  return Result.isSuccess(parsed) && parsed.success instanceof Object
    ? APIError.generate(status, parsed.success, undefined, headers)
    : APIError.generate(status, undefined, text, headers)
}

/** Requests of a client. The headers of a model are known by their identity. */
export const make = (openai: OpenAI, fetch: typeof globalThis.fetch): Send => {
  const targets = new WeakMap<ModelWire["headers"], Map<string, Promise<Target>>>()

  const target = (path: string, body: object, headers: ModelWire["headers"]): Promise<Target> =>
    openai.buildRequest({ method: "post", path, body, headers: Record.map(headers, Redacted.value) })
      .then(({ req, url }) => ({ url, headers: req.headers }))

  /** Of all that a body holds, the address of a deployment depends on the model alone. */
  const known = (path: string, body: object, headers: ModelWire["headers"]): Promise<Target> => {
    const model = "model" in body ? body.model : undefined
    const key = `${path} ${String(model)}`
    const ofModel = targets.get(headers) ?? new Map<string, Promise<Target>>()
    targets.set(headers, ofModel)
    const found = ofModel.get(key) ??
      target(path, { model }, headers).then(({ headers: made, url }) => ({
        url,
        // Plain headers are sent as they are.
        headers: made instanceof Headers ? Object.fromEntries(Array.from(made)) : made
      }))
    ofModel.set(key, found)
    return found
  }

  return async (path, body, headers, signal) => {
    const isForm = body instanceof FormData
    const { headers: sent, url } = await (isForm ? target : known)(path, body, headers)
    const response = await fetch(url, {
      method: "POST",
      headers: sent,
      body: isForm ? body : JSON.stringify(body),
      redirect: "manual",
      signal
    }).catch((cause) => Promise.reject(signal.aborted ? cause : new APIConnectionError({ cause })))
    // What the status says does not depend on what else can be read.
    if (!response.ok) throw refusal(response, await response.text().catch(() => ""))
    return JSON.parse(await response.text())
  }
}
