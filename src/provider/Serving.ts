import type { Model, ModelTable } from "../program/Models.ts"

/** Adapters that this runtime has, beside the `simulated` backend that answers for every language model. */
const extractors: ReadonlySet<string> = new Set(["pypdfium2"])

const isServed = ({ family, sdk }: Model): boolean => family !== "text_extractor" || extractors.has(sdk)

/**
 * The table of a live run: models that nothing here can speak to serve no waterfall, so that an alias leads to one that can. A
 * verdict is made with the whole table; it does not depend on where it is made.
 */
export const live = (table: ModelTable): ModelTable => {
  const unserved = table.models.filter((model) => !isServed(model))
  return {
    ...table,
    models: table.models.filter(isServed),
    unserved: { ...table.unserved, ...Object.fromEntries(unserved.map(({ backend, handle }) => [handle, backend])) }
  }
}
