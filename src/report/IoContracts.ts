import type { JsonObject } from "../concept/Json.ts"
import type { Multiplicity, Slot } from "../concept/Slot.ts"

/** What each pipe takes and gives, for programs that build forms or check calls: `pipe_io_contracts.json`. */
export interface Signature {
  /** `domain.code`. */
  readonly ref: string
  readonly inputs: ReadonlyMap<string, Slot>
  readonly output: Slot
}

const multiplicity = (many: Multiplicity): JsonObject =>
  typeof many === "number"
    ? { multiplicity: "fixed", item_count: many }
    : { multiplicity: many === "list" ? "variable" : "single" }

/** `forced` is spelled `force` in this format. */
const presence = { plain: "plain", optional: "optional", forced: "force" } as const

const contract = ({ inputs, output }: Signature, jsonSchemaOf: (slot: Slot) => JsonObject): JsonObject => ({
  inputs: Object.fromEntries(
    Array.from(inputs, ([name, slot]) => [name, {
      concept_ref: slot.concept,
      presence: presence[slot.presence],
      ...multiplicity(slot.multiplicity),
      json_schema: jsonSchemaOf(slot)
    }])
  ),
  output: {
    concept_ref: output.concept,
    ...multiplicity(output.multiplicity),
    optional: output.presence === "optional",
    json_schema: jsonSchemaOf(output)
  }
})

/** By pipe reference. `jsonSchemaOf` answers the schema of what the slot holds: of the list, where it is a list. */
export const make = (pipes: Iterable<Signature>, jsonSchemaOf: (slot: Slot) => JsonObject): JsonObject =>
  Object.fromEntries(Array.from(pipes, (pipe) => [pipe.ref, contract(pipe, jsonSchemaOf)]))
