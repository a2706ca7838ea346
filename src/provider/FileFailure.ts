import type { DocumentError } from "../document/DocumentError.ts"
import { fail, type PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"

const why: Readonly<Record<DocumentError["reason"], Reason.FileRefused["why"]>> = {
  not_found: "not_found",
  unreadable: "unreadable",
  too_large: "too_large",
  timed_out: "timed_out",
  out_of_memory: "too_large",
  unsupported: "unsupported",
  refused: "path_refused",
  unreachable: "unreachable"
}

/** A document's trouble as the failure of the leaf that read it. */
export const documentFailure = (what: string, model?: string) => (error: DocumentError): PipeFailure =>
  fail(
    new Reason.FileRefused({
      what,
      why: why[error.reason],
      explanation: error.detail,
      category: error.isPassing === true ? "transient" : "content",
      ...(model === undefined ? {} : { model, provider: "internal" })
    })
  )
