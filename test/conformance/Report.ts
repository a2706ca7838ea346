/** The result as text: the cases that do not pass, a table by feature, and the count. */
import type { Judged, Notes } from "./Judging.ts"
import type { Result } from "./Suite.ts"

interface Count {
  passed: number
  failed: number
  diverged: number
}

const count = (judged: ReadonlyArray<Judged>): Count => {
  const found: Count = { passed: 0, failed: 0, diverged: 0 }
  for (const { status } of judged) found[status]++
  return found
}

const line = ({ difference, divergence, kind, name, status }: Judged): string =>
  `${status === "failed" ? "FAIL" : "DIVERGED"} ${kind}/${name}${divergence === undefined ? "" : ` (${divergence})`}: ${
    difference ?? ""
  }`

const row = (name: string, width: number, { diverged, failed, passed }: Count): string =>
  [name.padEnd(width), ...[passed, failed, diverged].map((each) => String(each).padStart(8))].join(" ").trimEnd()

const table = (judged: ReadonlyArray<Judged>): ReadonlyArray<string> => {
  const rows = new Map<string, Array<Judged>>()
  for (const each of judged) {
    for (const feature of each.features) {
      const key = `${each.kind} · ${feature}`
      rows.set(key, [...(rows.get(key) ?? []), each])
    }
  }
  const kinds = Array.from(new Set(judged.map(({ kind }) => kind)))
  const lines = [
    ...Array.from(rows).toSorted(([a], [b]) => a < b ? -1 : 1),
    ...kinds.map((kind) => [`all ${kind}`, judged.filter((each) => each.kind === kind)] as const)
  ]
  const width = Math.max(7, ...lines.map(([name]) => name.length))
  return [
    [" ".repeat(width), "  passed", "  failed", "diverged"].join(" "),
    ...lines.map(([name, each]) => row(name, width, count(each)))
  ]
}

const information = ({ contracts, listings }: Notes): ReadonlyArray<string> => [
  ...(listings.same + listings.other === 0
    ? []
    : [`for information: ${listings.same} class listings worded as recorded, ${listings.other} otherwise`]),
  ...(contracts.same + contracts.other.length === 0
    ? []
    : [`for information: ${contracts.same} sets of pipe contracts as recorded, ${contracts.other.length} otherwise`])
]

export const text = ({ judged, notes }: Result): string => {
  const { failed, passed } = count(judged)
  return [
    ...judged.filter(({ status }) => status !== "passed").map(line),
    "",
    ...table(judged),
    "",
    ...information(notes),
    `${passed} passed, ${failed} failed`,
    ""
  ].join("\n")
}

export const json = ({ judged }: Result): string => {
  const cases = judged.map(({ difference, divergence, features, kind, name, status }) => ({
    name,
    kind,
    features,
    status,
    ...(difference === undefined ? {} : { difference }),
    ...(divergence === undefined ? {} : { divergence })
  }))
  return `${JSON.stringify({ ...count(judged), cases })}\n`
}

export const isClean = ({ judged }: Result): boolean =>
  judged.length > 0 && judged.every(({ status }) => status !== "failed")
