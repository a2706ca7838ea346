import { SearchAttributeType } from "@temporalio/common"
import {
  ChildWorkflowCancellationType,
  type ChildWorkflowHandle,
  ParentClosePolicy,
  startChild,
  workflowInfo
} from "@temporalio/workflow"
import * as Effect from "effect/Effect"
import type { PipeFailure } from "../../failure/PipeFailure.ts"
import type { PipePath } from "../../program/PipePath.ts"
import * as Attributes from "../wire/Attributes.ts"
import * as Events from "../wire/Events.ts"
import * as Failures from "../wire/Failures.ts"
import * as Ids from "../wire/Ids.ts"
import * as Input from "../wire/Input.ts"
import { signals, workflows } from "../wire/Names.ts"
import * as Outcomes from "../wire/Outcomes.ts"
import * as Packed from "../wire/Packed.ts"
import type { PipeInput, PipeOutput, ShardInput, ShardOutput } from "../wire/Payload.ts"
import * as Texts from "../wire/Texts.ts"
import * as Earlier from "./Earlier.ts"
import type { Recorder } from "./Recorder.ts"
import { operation } from "./Runtime.ts"

/** Starts the workflows below one, and waits for them. */
export interface Children {
  readonly pipe: (path: PipePath, input: PipeInput) => Effect.Effect<PipeOutput, PipeFailure>
  /** Items that came to a good end in an earlier attempt of the run are not run again. */
  readonly shard: (path: PipePath, input: ShardInput, started: () => void) => Effect.Effect<ShardOutput, PipeFailure>
  /** Tells the shards, also those that are only being started, to begin no more items. */
  readonly stop: Effect.Effect<void>
  /** Id of the workflow of the pipe at that place. */
  readonly idOf: (path: PipePath) => string
}

type Handle = ChildWorkflowHandle<() => Promise<unknown>>

const start = (type: string, workflowId: string, input: PipeInput, summary: string): Promise<Handle> =>
  startChild<(input: PipeInput) => Promise<unknown>>(type, {
    workflowId,
    args: [input],
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    typedSearchAttributes: Attributes.of(input).map(([name, value]) => ({
      key: { name, type: SearchAttributeType.KEYWORD },
      value
    })),
    staticSummary: summary,
    staticDetails: Texts.detailsOf(input)
  })

/**
 * The shard with what was done of it before, and what was told of that, when it was asked the same. One whose items are workflows needs not be told: those are
 * found one by one.
 */
const knowing = (input: ShardInput, before: ShardOutput | undefined): ShardInput => {
  const { common, shard } = input
  const isInOne = shard.isInline && shard.items.length <= common.shardSize
  if (!isInOne || before === undefined || before.given !== Input.given(input)) return input
  const known = before.outcomes.map((outcome) => Outcomes.isDone(outcome) ? outcome : null)
  const told = Packed.unpack(before.events).filter(({ event }) => {
    const index = Events.itemOf(event, input.path.length)
    return index !== undefined && (known[index - shard.from] ?? null) !== null
  })
  return { ...input, shard: { ...shard, known, events: Packed.pack(told) } }
}

/** Of the workflow that is at `base` in the run. */
export const make = (base: PipePath, { common }: Pick<PipeInput, "common">, recorder: Recorder): Children => {
  const shards = new Set<Handle>()
  let isStopped = false

  const idOf = (path: PipePath) => Ids.child(workflowInfo().workflowId, base, path)

  const tell = (handle: Handle): Effect.Effect<void> =>
    // One that has ended meanwhile needs no telling.
    Effect.ignore(operation(() => handle.signal(signals.stop)))

  const ran = <A extends { readonly version: number }>(
    type: string,
    path: PipePath,
    input: PipeInput,
    summary: string,
    started?: (handle: Handle) => void
  ): Effect.Effect<A, PipeFailure> =>
    Effect.suspend(() => {
      const id = idOf(path)
      recorder.childStarted(id, path)
      let begun: Handle | undefined
      return operation(async () => {
        begun = await start(type, id, input, summary)
        started?.(begun)
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the same code, its version is checked
        return await begun.result() as A
      }).pipe(
        Effect.tapError((error) => Effect.sync(() => recorder.childEnded(id, { events: Events.carried(error) }))),
        Effect.mapError((error) => Failures.recover(error)),
        Effect.ensuring(Effect.sync(() => begun === undefined ? false : shards.delete(begun))),
        Effect.tap((output) => Effect.fromResult(Input.checkVersion(output)))
      )
    })

  const earlier = <A>(path: PipePath): Effect.Effect<A | undefined, PipeFailure> =>
    common.isResumed === true ? Earlier.result<A>(idOf(path)) : Effect.undefined

  return {
    pipe: Effect.fnUntraced(function*(path, input): Effect.fn.Return<PipeOutput, PipeFailure> {
      const before = yield* earlier<PipeOutput>(path)
      const isDone = before !== undefined && (before.failedItems ?? 0) === 0 && before.given === Input.given(input)
      const output = isDone
        ? before
        : yield* ran<PipeOutput>(workflows.pipe, path, input, Texts.summaryOf(input))
      recorder.childEnded(idOf(path), output)
      return output
    }),
    shard: Effect.fnUntraced(function*(path, asked, started): Effect.fn.Return<ShardOutput, PipeFailure> {
      const input = knowing(asked, yield* earlier<ShardOutput>(path))
      const summary = Texts.line(`${Texts.codeOf(input)} — ${Texts.itemsOf(input.shard)}`)
      const output = yield* ran<ShardOutput>(workflows.shard, path, input, summary, (handle) => {
        shards.add(handle)
        started()
        if (isStopped) void Promise.allSettled([handle.signal(signals.stop)])
      })
      recorder.childEnded(idOf(path), { ...output, items: input.shard.items.length })
      return output
    }),
    stop: Effect.suspend(() => {
      isStopped = true
      return Effect.forEach(Array.from(shards), tell, { discard: true, concurrency: "unbounded" })
    }),
    idOf
  }
}
