import * as Effect from "effect/Effect"
import { usage } from "./Exit.ts"

/** Commands and options whose names are kept for later, and what is said to who asks for them now. */
export interface Asked {
  /** Not said: as `[temporal] is_enabled` has it. */
  readonly temporal: boolean | undefined
  readonly orchestrator: string | undefined
  readonly hosted: boolean
  readonly baseUrl: string | undefined
}

const orchestrators: Readonly<Record<string, boolean>> = { direct: false, local: false, temporal: true }

/** Whether the line asks for a durable run, or for one in this process; undefined when it leaves that to the configuration. */
export const isDurable = ({ orchestrator, temporal }: Asked): boolean | undefined =>
  temporal ?? (orchestrator === undefined ? undefined : orchestrators[orchestrator])

export const check = ({ baseUrl, hosted, orchestrator, temporal }: Asked) => {
  if (hosted || baseUrl !== undefined) {
    return Effect.fail(usage("hosted runs are not part of this program: leave --hosted and --base-url out to run here"))
  }
  if (orchestrator === undefined) return Effect.void
  if (!Object.hasOwn(orchestrators, orchestrator)) {
    return Effect.fail(usage(`no orchestrator is called "${orchestrator}"; there is direct and temporal`))
  }
  return temporal === undefined || temporal === orchestrators[orchestrator]
    ? Effect.void
    : Effect.fail(usage(`--orchestrator ${orchestrator} and --${temporal ? "" : "no-"}temporal exclude each other`))
}

const later: Readonly<Record<string, string>> = {
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
