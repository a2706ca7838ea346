import * as Schema from "effect/Schema"
import type { Usage } from "../failure/Usage.ts"

/** What servers may leave out, or give as null: most of what an answer holds. */
export const optional = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

/** A count of tokens. */
export const Count = optional(Schema.Finite)

/** What an answer cost, by category, without the categories that it has nothing of. */
export const units = (counts: Readonly<Record<string, number | null | undefined>>): Usage["units"] =>
  Object.fromEntries(
    Object.entries(counts).filter((entry): entry is [string, number] => typeof entry[1] === "number" && entry[1] > 0)
  )
