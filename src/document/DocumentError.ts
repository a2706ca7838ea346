/**
 * Why a document could not be had. The reason is closed and machine-readable; the detail says in the user's words what
 * stood in the way, and never quotes the document.
 */
import * as Schema from "effect/Schema"

export const Reason = Schema.Literals([
  "not_found",
  "unreadable",
  "too_large",
  "timed_out",
  "out_of_memory",
  "unsupported",
  "refused",
  "unreachable"
])
export type Reason = typeof Reason.Type

export class DocumentError extends Schema.TaggedError<DocumentError>()("DocumentError", {
  reason: Reason,
  detail: Schema.String,
  /** It may be there a moment later. */
  isPassing: Schema.optionalKey(Schema.Boolean)
}) {
  override get message(): string {
    return this.detail
  }
}
