import * as Effect from "effect/Effect"
import type { Server } from "../config/TemporalAccess.ts"
import { fail } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import * as Connection from "../temporal/client/Connection.ts"
import * as Namespace from "../temporal/client/Namespace.ts"
import * as DurableSetup from "./DurableSetup.ts"
import { Ended } from "./Exit.ts"
import { Streams } from "./Streams.ts"

/** `pipelex setup-temporal-namespace`: gives a namespace the search attributes that runs are to carry. May be done again at any time. */
export interface Options {
  readonly server: string | undefined
  readonly dryRun: boolean
}

/** One command on lines that a shell reads as one, none longer than the terminal where its parts allow it. */
const typed = (parts: ReadonlyArray<string>, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const part of parts) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + part.length + 3 <= width) lines.push(`${lines.pop()} ${part}`)
    else lines.push(last === undefined ? part : `  ${part}`)
  }
  return lines.map((line, at) => at === lines.length - 1 ? line : `${line} \\`)
}

/** What whoever may would type, for people. */
const told = ({ tcld, temporal }: ReturnType<typeof Namespace.commands>, width: number): ReadonlyArray<string> => [
  ...typed(temporal, width),
  "",
  "# or, on Temporal Cloud:",
  ...typed(tcld, width)
]

/** For programs: a line each. */
const written = ({ tcld, temporal }: ReturnType<typeof Namespace.commands>) => ({
  temporal: temporal.join(" "),
  tcld: tcld.join(" ")
})

const attaching = (enabled: boolean | "auto"): ReadonlyArray<string> =>
  enabled === false
    ? ["Runs do not carry them: set enabled = \"auto\" in [temporal.search_attributes]."]
    : []

const denied = ({ address, namespace }: Server, lines: ReadonlyArray<string>) =>
  new Ended({
    code: 1,
    failure: fail(
      new Reason.RuntimeUnavailable({
        problem: `${address} does not let these credentials add search attributes to namespace "${namespace}"`
      })
    ),
    tips: ["Whoever may do so, once:", "", ...lines]
  })

export const setUp = Effect.fn("SetupNamespace.setUp")(
  function*({ dryRun, server: asked }: Options) {
    const streams = yield* Streams
    const { access } = yield* DurableSetup.read(asked)
    const { options: { searchAttributes: { attributes, enabled } }, server } = access
    const place = { server: server.name, address: server.address, namespace: server.namespace }
    if (attributes.length === 0) {
      return yield* streams.answer({
        json: () => ({ ...place, enabled, added: [], present: [] }),
        lines: () => ["[temporal.search_attributes] lists no attributes: there is nothing to register."]
      })
    }
    if (dryRun) {
      const commands = Namespace.commands(server, attributes)
      return yield* streams.answer({
        json: () => ({ ...place, enabled, attributes, commands: written(commands) }),
        lines: () => told(commands, streams.out.width)
      })
    }
    const outcome = yield* Namespace.setUp(yield* Connection.open(access), attributes)
    if (outcome._tag === "Denied") {
      return yield* denied(server, told(Namespace.commands(server, outcome.missing), streams.err.width))
    }
    const { added, present } = outcome
    return yield* streams.answer({
      json: () => ({ ...place, enabled, added, present }),
      lines: () => [
        `Namespace "${server.namespace}" of ${server.address}: ${
          added.length === 0 ? `all ${present.length} already registered` : `${added.length} registered now`
        }`,
        ...added.map((name) => `  ${streams.out.style.good("✓")} ${name}`),
        ...(added.length === 0 || present.length === 0 ? [] : [`  ${present.length} already registered`]),
        ...attaching(enabled)
      ]
    })
  },
  Effect.scoped
)
