import { wrap } from "../report/Columns.ts"
import type { Style } from "../report/Style.ts"

/** What `doctor` found, section by section, and how people and programs are told. */
export type State = "ok" | "info" | "warning" | "error"

export interface Finding {
  readonly state: State
  readonly text: string
  /** What would mend it. */
  readonly solution?: string
}

export interface Section {
  /** For programs. */
  readonly name: string
  readonly title: string
  readonly findings: ReadonlyArray<Finding>
}

const making = (state: State) => (text: string, solution?: string): Finding => ({
  state,
  text,
  ...(solution === undefined ? {} : { solution })
})

export const ok = making("ok")
/** Neither good nor bad. */
export const info = making("info")
/** Something does not work as one might think, and the rest does. */
export const warning = making("warning")
/** The installation is not healthy. */
export const error = making("error")

const marks: Readonly<Record<State, string>> = { ok: "✓", info: "·", warning: "⚠", error: "✗" }

const isHealthyOne = ({ findings }: Section): boolean => findings.every(({ state }) => state !== "error")

export const isHealthy = (sections: ReadonlyArray<Section>): boolean => sections.every(isHealthyOne)

const solutions = (sections: ReadonlyArray<Section>): ReadonlyArray<string> =>
  Array.from(new Set(sections.flatMap(({ findings }) => findings.flatMap(({ solution }) => solution ?? []))))

/** What a section comes to: what is wrong with it, else how it begins. */
const message = ({ findings }: Section): string => {
  const wrong = findings.filter(({ state }) => state === "error")
  return (wrong.length > 0 ? wrong : findings.slice(0, 1)).map(({ text }) => text).join("; ")
}

export const toJson = (sections: ReadonlyArray<Section>) => ({
  success: true,
  all_healthy: isHealthy(sections),
  execution: "local",
  checks: Object.fromEntries(sections.map((section) => [section.name, {
    healthy: isHealthyOne(section),
    message: message(section),
    findings: section.findings.map(({ solution, state, text }) => ({
      state,
      message: text,
      ...(solution === undefined ? {} : { solution })
    }))
  }])),
  recommended_actions: solutions(sections)
})

export const markdown = (sections: ReadonlyArray<Section>): ReadonlyArray<string> => [
  isHealthy(sections) ? "# Healthy" : "# Not healthy",
  ...sections.flatMap(({ findings, title }) => [
    "",
    `## ${title}`,
    "",
    ...findings.map(({ state, text }) => `- ${marks[state]} ${text}`)
  ]),
  ...(solutions(sections).length === 0 ? [] : ["", "## Possible solutions", ""]),
  ...solutions(sections).map((solution) => `- ${solution}`)
]

const marked = (mark: string, text: string, width: number): ReadonlyArray<string> =>
  wrap(text, width - 4).map((part, at) => at === 0 ? `  ${mark} ${part}` : `    ${part}`)

export const lines = (
  sections: ReadonlyArray<Section>,
  { style, width }: { readonly style: Style; readonly width: number }
): ReadonlyArray<string> => {
  const colours = { ok: style.good, info: style.faint, warning: style.warning, error: style.bad }
  const advice = solutions(sections)
  return [
    ...sections.flatMap(({ findings, title }, at) => [
      ...(at === 0 ? [] : [""]),
      style.strong(title),
      ...findings.flatMap(({ state, text }) => marked(colours[state](marks[state]), text, width))
    ]),
    ...(advice.length === 0 ? [] : ["", style.strong("Possible solutions")]),
    ...advice.flatMap((each) => marked("-", each, width))
  ]
}
