import * as LeafUsage from "./LeafUsage.ts"
import { iso } from "./RunRecord.ts"

/** What the run's result keeps of each leaf. */
const record = (consumed: LeafUsage.LeafUsage, priceOf: LeafUsage.Prices) => {
  const { endedAt, failed, leaf, model, path, pipe, usage } = consumed
  return {
    model_type: LeafUsage.family(leaf) ?? null,
    inference_model_name: model ?? null,
    inference_model_id: usage.modelId ?? null,
    backend: usage.backend ?? null,
    pipe_code: pipe,
    job_category: leaf,
    unit_job_id: path,
    nb_tokens_by_category: usage.units,
    requests: usage.requests,
    ...(usage.reasks === 0 ? {} : { reasks: usage.reasks }),
    ...(failed === true ? { failed } : {}),
    cost: (model === undefined ? undefined : LeafUsage.costOf(consumed, priceOf)) ?? null,
    ...(usage.simulated === true ? { simulated: true } : {}),
    started_at: iso(endedAt - usage.seconds * 1000),
    completed_at: iso(endedAt)
  }
}

/** One per leaf. An unknown cost is null. */
export const make = (leaves: ReadonlyArray<LeafUsage.LeafUsage>, priceOf: LeafUsage.Prices) =>
  leaves.map((leaf) => record(leaf, priceOf))

/** Quoted where needed; a text that a spreadsheet would take for a formula gets a quote in front. */
const csvCell = (value: unknown): string => {
  if (value === null || value === undefined) return ""
  const text = typeof value === "string" ? value.replace(/^(?=[=+@-])/, "'") : JSON.stringify(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text
}

/** One row per leaf that asked a model; the columns are the sorted union of all fields. */
export const csv = (leaves: ReadonlyArray<LeafUsage.LeafUsage>, priceOf: LeafUsage.Prices): string => {
  const records = make(leaves.filter(LeafUsage.asked), priceOf).map((
    { nb_tokens_by_category: units, ...rest }
  ): Record<string, unknown> =>
    Object.assign(
      rest,
      Object.fromEntries(Object.entries(units).map(([category, amount]) => [`nb_${category}`, amount]))
    )
  )
  const fields = Array.from(new Set(records.flatMap((each) => Object.keys(each)))).toSorted()
  return [fields, ...records.map((each) => fields.map((name) => each[name]))]
    .map((row) => `${row.map(csvCell).join(",")}\n`)
    .join("")
}
