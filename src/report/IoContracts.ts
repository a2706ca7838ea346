import type { Concepts } from "../concept/Concept.ts"
import type { JsonObject } from "../concept/Json.ts"
import { slotSchemaOf } from "../concept/JsonSchema.ts"
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

const contract = ({ inputs, output }: Signature, concepts: Concepts): JsonObject => ({
  inputs: Object.fromEntries(
    Array.from(inputs, ([name, slot]) => [name, {
      concept_ref: slot.concept,
      presence: presence[slot.presence],
      ...multiplicity(slot.multiplicity),
      json_schema: slotSchemaOf(concepts, slot, "input")
    }])
  ),
  output: {
    concept_ref: output.concept,
    ...multiplicity(output.multiplicity),
    optional: output.presence === "optional",
    json_schema: slotSchemaOf(concepts, output, "output")
  }
})

/** By pipe reference. */
export const make = (pipes: Iterable<Signature>, concepts: Concepts): JsonObject =>
  Object.fromEntries(Array.from(pipes, (pipe) => [pipe.ref, contract(pipe, concepts)]))
