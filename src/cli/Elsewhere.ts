import * as Effect from "effect/Effect"
import { usage } from "./Exit.ts"

/** Commands and options whose names are kept for later, and what is said to who asks for them now. */
export interface Asked {
  readonly temporal: boolean
  readonly orchestrator: string | undefined
  readonly hosted: boolean
  readonly baseUrl: string | undefined
}

export const check = ({ baseUrl, hosted, orchestrator, temporal }: Asked) => {
  if (hosted || baseUrl !== undefined) {
    return Effect.fail(usage("hosted runs are not part of this program: leave --hosted and --base-url out to run here"))
  }
  if (temporal || orchestrator === "temporal") {
    return Effect.fail(usage("durable runs are not in this version yet: leave --temporal out to run in this process"))
  }
  return orchestrator === undefined || orchestrator === "direct" || orchestrator === "local"
    ? Effect.void
    : Effect.fail(usage(`no orchestrator is called "${orchestrator}"; there is direct`))
}

const later: Readonly<Record<string, string>> = {
  worker: "durable runs",
  "setup-temporal-namespace": "durable runs",
  "codec-server": "durable runs",
  attach: "durable runs",
  status: "durable runs",
  result: "durable runs",
  cancel: "durable runs",
  resume: "durable runs",
  runs: "durable runs",
  graph: "drawing graphs",
  codegen: "writing code"
}

const never: ReadonlySet<string> = new Set([
  "plugins",
  "update",
  "migrate",
  "login",
  "usage-stats",
  "fix",
  "fmt",
  "lint"
])

/** The sentence for a command that is not here, if the name is one that is kept. */
export const refusal = (program: string, command: string, here: ReadonlySet<string>): string | undefined => {
  if (here.has(command)) return undefined
  const about = Object.hasOwn(later, command) ? later[command] : undefined
  if (about !== undefined) return `"${program} ${command}" (${about}) is not in this version yet`
  return never.has(command) ? `"${program} ${command}" is not part of this program` : undefined
}
