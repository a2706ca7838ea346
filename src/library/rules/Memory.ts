import type { Concepts } from "../../concept/Concept.ts"
import * as Slot from "../../concept/Slot.ts"
import type { Issue } from "../../failure/Issue.ts"
import { issue } from "../../pipe/Definition.ts"

/** What is known, before a run, of a name in memory. */
export interface Known {
  readonly slot: Slot.Slot
  /** It may turn out to be absent. */
  readonly isTainted: boolean
}

/** A name that something reads and nothing before it always stores. */
export interface Need {
  readonly name: string
  /** What the reader wants; undefined when only the name matters. */
  readonly slot: Slot.Slot | undefined
  /** Whose reading it is, and where. */
  readonly reader: string
  readonly path: ReadonlyArray<string | number>
}

const open: ReadonlySet<string> = new Set(["native.Dynamic", "native.Anything"])

/** Whether a value stored as `stored` may be read as `wanted`. Open concepts are trusted. */
export const fits = (concepts: Concepts, stored: Slot.Slot, wanted: Slot.Slot): boolean =>
  open.has(stored.concept) || open.has(wanted.concept)
    ? open.has(wanted.concept) || open.has(stored.concept) ||
      Slot.multiplicityFits(stored.multiplicity, wanted.multiplicity)
    : Slot.multiplicityFits(stored.multiplicity, wanted.multiplicity) &&
      concepts.isCompatible(stored.concept, wanted.concept, false)

/** An input declared `Anything` may hold what a step that wants less cannot read. */
const declaredFits = (concepts: Concepts, declared: Slot.Slot, wanted: Slot.Slot): boolean =>
  fits(concepts, declared, wanted) && (declared.concept !== "native.Anything" || open.has(wanted.concept))

const shown = (slot: Slot.Slot): string => Slot.show({ ...slot, presence: "plain" })

export const mismatch = (
  pipe: string,
  path: ReadonlyArray<string | number>,
  name: string,
  stored: Slot.Slot,
  wanted: Slot.Slot,
  reader: string,
  /** Batching over an input that is no list is told apart from batching over such a result of a step. */
  batchCode: "method.wiring_invalid" | "method.input_concept_mismatch" = "method.input_concept_mismatch"
): Issue => {
  const isBatch = stored.multiplicity === "single" && wanted.multiplicity === "list" && reader === ""
  return issue(
    pipe,
    path,
    isBatch ? batchCode : "method.input_concept_mismatch",
    isBatch
      ? `pipe "${pipe}" batches over "${name}", which is a single ${stored.concept}`
      : `"${name}" is ${shown(stored)}, and ${reader === "" ? "its items are read" : `pipe "${reader}" reads it`} as ${
        shown(wanted)
      }`,
    {
      type: "input_stuff_spec_mismatch",
      names: [name],
      params: { pipe, variables: [name] },
      ...(isBatch ? { fix: `make it a list: ${stored.concept}[]` } : {})
    }
  )
}

/** The inputs a controller declares are those its steps need: none missing, none extra, each of the right concept. */
export const declaredAgainst = (
  pipe: string,
  inputs: ReadonlyMap<string, Slot.Slot>,
  needs: ReadonlyArray<Need>,
  concepts: Concepts,
  /** Something the pipe calls is not known, so what it needs is not known either. */
  isPartial: boolean
): ReadonlyArray<Issue> => {
  const names = Array.from(new Set(needs.map(({ name }) => name)))
  const missing = names.filter((name) => !inputs.has(name)).toSorted()
  const unused = isPartial ? [] : Array.from(inputs.keys()).filter((name) => !names.includes(name))
  const params = (variables: ReadonlyArray<string>) => ({ pipe, variables })
  return [
    ...missing.map((name) => {
      const need = needs.find((each) => each.name === name)
      const slot = need?.slot === undefined ? "<Concept>" : shown(need.slot)
      return issue(
        pipe,
        need?.path ?? [],
        "method.input_undeclared",
        `"${name}" is needed${
          need === undefined ? "" : ` by "${need.reader}"`
        }, but is neither an input of pipe "${pipe}" nor made by an earlier step`,
        {
          type: "missing_input_variable",
          names: [name],
          params: params(missing),
          fix: `add ${name} = "${slot}" to its inputs, or let a step make it`
        }
      )
    }),
    ...unused.map((name) =>
      issue(
        pipe,
        ["inputs", name],
        "method.input_unused",
        `input "${name}" of pipe "${pipe}" is not needed by anything in it`,
        {
          type: "extraneous_input_variable",
          names: [name],
          params: params(unused),
          fix: "take it out of the inputs"
        }
      )
    ),
    ...needs.flatMap((need) => {
      const declared = inputs.get(need.name)
      return declared === undefined || need.slot === undefined || declaredFits(concepts, declared, need.slot)
        ? []
        : [
          mismatch(
            pipe,
            need.reader === "" ? need.path : ["inputs", need.name],
            need.name,
            declared,
            need.slot,
            need.reader,
            "method.wiring_invalid"
          )
        ]
    })
  ]
}
