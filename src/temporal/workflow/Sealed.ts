import { DefaultFailureConverter, defaultPayloadConverter, TemporalFailure } from "@temporalio/common"

/** Failures whose sentences are payloads too, so that where payloads are encrypted, so are they. Whoever reads them needs nothing. */
const converter = new DefaultFailureConverter({ encodeCommonAttributes: true })

/** The failure, for the server to be told with its message and its stack as a payload. */
export const seal = (error: unknown): unknown => {
  if (error instanceof TemporalFailure) error.failure = converter.errorToFailure(error, defaultPayloadConverter)
  return error
}
