/** Why an artefact could not be stored or had. Adapters may keep the foreign exception as `cause`. */
import * as Schema from "effect/Schema"

export class StorageError extends Schema.TaggedError<StorageError>()("StorageError", {
  reason: Schema.Literals(["not_found", "refused", "unavailable"]),
  detail: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return this.detail
  }
}
