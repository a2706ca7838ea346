import * as Effect from "effect/Effect"
import type { WorkingMemory } from "../concept/WorkingMemory.ts"
import type * as Configuration from "../config/Configuration.ts"
import type { Variables } from "../config/Placeholder.ts"
import * as Serving from "../config/Serving.ts"
import * as TemporalAccess from "../config/TemporalAccess.ts"
import * as InputFiles from "../direct/InputFiles.ts"
import type { PipeFailure } from "../failure/PipeFailure.ts"
import type { Library } from "../library/Library.ts"
import type { ModelTable } from "../program/Models.ts"
import type { PipeCall } from "../program/PipeRunner.ts"
import * as Adapters from "../provider/Adapters.ts"
import { wrap } from "../report/Columns.ts"
import * as Attributes from "../temporal/client/Attributes.ts"
import * as Connection from "../temporal/client/Connection.ts"
import * as Namespace from "../temporal/client/Namespace.ts"
import type * as Stuck from "../temporal/client/Stuck.ts"
import * as Submit from "../temporal/client/Submit.ts"
import * as Watch from "../temporal/client/Watch.ts"
import { type Shown, Streams } from "./Streams.ts"

/** The durable half of a run: started on a Temporal server, waited for here, carried out by workers. A run in this process never loads it. */
export interface Asked {
  readonly configuration: Configuration.Configuration
  readonly environment: { readonly get: Variables }
  readonly models: ModelTable
  readonly backend: string | undefined
  /** The run's id was given on the line. */
  readonly isNamed: boolean
  readonly timeoutMillis: number | undefined
  readonly priority: `${Submit.Priority}` | undefined
}

/** A run that has been started. */
export interface Begun {
  readonly workflowId: string
  /** The memory at its end. Interrupting it leaves the run alone, and says how to come back. */
  readonly result: Effect.Effect<WorkingMemory, PipeFailure, Streams>
}

/** What a durable run may call: what can be called from here, else everything, since the workers may have what this machine lacks. */
export const serving = (
  { inference }: Configuration.Configuration,
  variables: Variables,
  backend: string | undefined
) => Serving.durable(inference, { variables, isAdapted: Adapters.isAdapted, backend })

const isAnswered = (url: string): Effect.Effect<boolean> =>
  Effect.tryPromise((signal) => fetch(url, { method: "HEAD", signal })).pipe(
    Effect.timeoutOption("300 millis"),
    Effect.map(({ _tag }) => _tag === "Some"),
    Effect.orElseSucceed(() => false)
  )

/** The run on the pages of a development server, which listen a thousand ports above it, unless it has none. */
const page = Effect.fnUntraced(
  function*({ server: { address, namespace } }: TemporalAccess.TemporalAccess, workflowId: string) {
    const [, host = "", port = ""] = /^(localhost|127\.0\.0\.1|\[::1\]):(\d+)$/.exec(address) ?? []
    const pages = `http://${host}:${Number(port) + 1000}`
    if (host === "" || !(yield* isAnswered(pages))) return []
    return [`  ${pages}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`]
  }
)

/** What is said of a run that goes on while nobody waits for it. */
const comeBack = (runId: string): ReadonlyArray<string> => [
  `The run goes on. \`pipelex attach ${runId}\` waits for it, \`pipelex cancel ${runId}\` stops it.`
]

/** What is said of a run that its workers cannot go on with. */
export const stuck = ({ problem, remedy }: Stuck.Stuck, { style, width }: Shown): ReadonlyArray<string> => [
  ...wrap(`The run waits: ${problem}.`, width).map(style.warning),
  ...wrap(`${remedy} The run goes on when that is mended.`, width)
]

/** The result of a run, with a hint when nobody is there to do the work, or when those who are cannot. */
export const waited = Effect.fnUntraced(
  function*(connection: Connection.Connection, started: Submit.Started) {
    const streams = yield* Streams
    const { taskQueue } = started
    const hint = streams.warn([
      streams.err.style.warning(`No worker polls queue "${taskQueue}": start one with \`pipelex worker\`.`)
    ])
    return yield* Watch.result(connection, started, {
      onNoWorker: hint,
      onStuck: (found) => streams.warn(stuck(found, streams.err))
    })
  },
  (self, _connection, { call }) =>
    Effect.onInterrupt(self, () => Streams.use((streams) => streams.warn(comeBack(call.scope.runId))))
)

const told = Effect.fnUntraced(function*(
  connection: Connection.Connection,
  { taskQueue, workflowId }: Submit.Started,
  missing: ReadonlyArray<string>
) {
  const streams = yield* Streams
  const { server } = connection.access
  yield* streams.note([
    `Workflow ${workflowId} on queue ${taskQueue} of ${server.address} (namespace ${server.namespace})`,
    ...(yield* page(connection.access, workflowId)),
    ...(missing.length === 0 ? [] : [Namespace.hint(missing)])
  ])
})

/** Connects to the configured server for as long as the scope is open. */
export const connect = Effect.fnUntraced(
  function*({ locations, values }: Configuration.Configuration, { get }: { readonly get: Variables }) {
    return yield* Connection.open(yield* TemporalAccess.resolve(values, get, undefined, locations))
  }
)

/** Stores the files among the inputs, and starts the run. */
export const begin = Effect.fnUntraced(function*(library: Library, wanted: PipeCall, asked: Asked) {
  const { configuration, environment, isNamed, models, timeoutMillis } = asked
  const { runId } = wanted.scope
  const memory = yield* InputFiles.prepare(library.concepts, wanted.memory, runId, { isStored: true })
  const connection = yield* connect(configuration, environment)
  const { attached, missing } = yield* Attributes.find(connection)
  const started = yield* Submit.start(connection, {
    library,
    call: { ...wanted, method: library, memory },
    models,
    backend: asked.backend,
    attributes: attached,
    locations: configuration.locations,
    timeoutMillis,
    priority: Submit.priorityOf(asked.priority),
    isNamed
  })
  yield* told(connection, started, missing)
  const begun: Begun = { workflowId: started.workflowId, result: waited(connection, started) }
  return begun
})
