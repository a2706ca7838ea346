import * as Result from "effect/Result"
import * as Digest from "../../concept/Digest.ts"
import { isArray, isObject, type Json, type JsonObject, textOf } from "../../concept/Json.ts"
import type { Shape } from "../../concept/Stuff.ts"
import * as Foreign from "../../failure/Foreign.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import * as Crate from "../../library/Crate.ts"
import * as CrateModels from "../../library/CrateModels.ts"
import type { Library } from "../../library/Library.ts"
import type { Family, ModelTable } from "../../program/Models.ts"
import type { BatchCall, Crate as Slice, PipeCall } from "../../program/PipeRunner.ts"
import * as Settings from "../../program/Settings.ts"
import * as Memory from "./Memory.ts"
import { payloadVersion } from "./Names.ts"
import * as Packed from "./Packed.ts"
import * as Path from "./Path.ts"
import type { Common, Obeyed, PipeInput, SentModels, Shard, ShardInput } from "./Payload.ts"

/** What is the same in every call of a run. */
export interface Run {
  readonly common: Common
  /** Of the whole method. */
  readonly crateDigest: string
}

const rootOf = (path: string): string => path.split(".", 1)[0] ?? path

/** Names that a step or branch takes from memory by itself: what it runs over, what it binds. */
const ofStep = (step: Json): ReadonlyArray<string> =>
  isObject(step) ? ["batch_over", "from"].map((key) => rootOf(textOf(step, key))).filter((name) => name !== "") : []

const ofSteps = (blueprint: JsonObject): ReadonlyArray<string> =>
  ["steps", "branches"].flatMap((key) => {
    const steps = blueprint[key] ?? null
    return isArray(steps) ? steps.flatMap(ofStep) : []
  })

/** Every name that these pipes may read; undefined when that cannot be known: a function is given the whole memory. */
export const reads = ({ pipes }: Slice): ReadonlySet<string> | undefined => {
  const all = Object.values(pipes)
  if (all.some(({ blueprint }) => textOf(blueprint, "type") === "PipeFunc")) return undefined
  return new Set(all.flatMap(({ blueprint, inputs }) => Object.keys(inputs).concat(ofSteps(blueprint))))
}

const conceptsOf = ({ components = {}, concept, held }: Shape & { readonly held?: Shape }): ReadonlyArray<string> => [
  concept,
  ...(held === undefined ? [] : conceptsOf(held)),
  ...Object.values(components).flatMap(conceptsOf)
]

interface Sliced {
  readonly slice: Slice
  /** What it may read of the memory. */
  readonly names: ReadonlySet<string> | undefined
  readonly models: SentModels
}

const nothing: ModelTable["decks"][Family] = { aliases: {}, waterfalls: {}, presets: {}, defaults: {}, overrides: {} }

const isUsed = (deck: ModelTable["decks"][Family]): boolean =>
  Object.values(deck).some((part) => typeof part !== "object" || Object.keys(part).length > 0)

const sentModels = (models: ModelTable): SentModels => ({
  ...models,
  decks: Object.fromEntries(Object.entries(models.decks).filter(([, deck]) => isUsed(deck)))
})

const modelsOf = ({ decks, ...models }: SentModels): ModelTable => ({
  ...models,
  decks: {
    llm: nothing,
    text_extractor: nothing,
    img_gen: nothing,
    search: nothing,
    doc_gen: nothing,
    judgment: nothing,
    ...decks
  }
})

const sentSettings = ({ dryRun, ...settings }: Settings.Settings, isDry: boolean): Obeyed["settings"] =>
  isDry ? { ...settings, dryRun } : settings

/** What workflows are started with, from what a program asks for. */
export interface Sender {
  readonly pipe: (call: PipeCall) => PipeInput
  readonly shard: (batch: BatchCall, shard: Omit<Shard, "item" | "list">) => ShardInput
}

/**
 * Makes the inputs of workflows from calls of a library's pipes. A workflow gets the part of the method that its pipe reaches, and of
 * the memory what that part may read.
 */
export const sender = (library: Library, { common, crateDigest }: Run): Sender => {
  const { functions, models: all, routing, ...flags } = common
  const whole = modelsOf(all)
  // The settings are those of the run, so that a pipe obeys the same every time.
  const known = new Map<string, string>()
  const packed = (ref: string, obeyed: Obeyed): string => {
    const made = known.get(ref) ?? Packed.text(JSON.stringify(obeyed))
    known.set(ref, made)
    return made
  }
  const slices = new Map<string, Sliced>()
  const sliceOf = (ref: string) => {
    const before = slices.get(ref)
    if (before !== undefined) return before
    const slice = Crate.of(library, [ref])
    const made = { slice, names: reads(slice), models: sentModels(CrateModels.slice(whole, slice)) }
    slices.set(ref, made)
    return made
  }
  const pipe = (call: Omit<PipeCall, "method">, more: ReadonlyArray<string> = []): PipeInput => {
    const { models, names, slice } = sliceOf(call.ref)
    const memory = Memory.send(call.memory, names)
    const { settings, ...scope } = call.scope
    const { dynamicOutput } = scope
    const concepts = library.concepts.slice([
      ...slice.concepts.map(({ ref }) => ref),
      // A value may be of a concept that no pipe names.
      ...memory.stuffs.flatMap(([, stuff]) => stuff.content === undefined ? [] : conceptsOf(stuff)),
      ...(dynamicOutput === undefined ? [] : [dynamicOutput]),
      ...more
    ])
    return {
      version: payloadVersion,
      crate: { ...slice, concepts },
      crateDigest,
      ref: call.ref,
      path: Path.encode(call.path),
      memory,
      scope,
      common: flags,
      obeyed: packed(call.ref, { models, functions, routing, settings: sentSettings(settings, scope.mode === "dry") }),
      ...(call.result === undefined ? {} : { result: call.result }),
      ...(call.multiplicity === undefined ? {} : { multiplicity: call.multiplicity })
    }
  }
  return {
    pipe: (call) => pipe(call),
    shard: ({ branch, call: { memory, path, scope }, item, list }, shard) => ({
      ...pipe({ ref: branch.ref, memory, path, scope, result: undefined }, conceptsOf(list)),
      shard: { ...shard, item, list }
    })
  }
}

/** A digest of what a pipe, or a shard, is given to work on: equal where another attempt of the run asks the same of it. */
export const given = ({ memory, multiplicity, ref, result, ...input }: PipeInput & Partial<ShardInput>): string =>
  Digest.long(JSON.stringify([ref, memory, result ?? null, multiplicity ?? null, input.shard?.items ?? null]))

/** Refuses what another version wrote; a payload that has the right version was written by this code. */
export const checkVersion = (payload: unknown): Result.Result<void, PipeFailure> => {
  const version = Foreign.valueAt(payload, "version")
  return version === payloadVersion ? Result.succeed(undefined) : Result.fail(
    fail(
      new Reason.Unsupported({
        what: `version ${typeof version === "number" ? version : 0} of what travels between submitter and workers`,
        remedy: `Run the same version of pipelex on both; this one speaks version ${payloadVersion}.`
      })
    )
  )
}

/** What an input stands for: the library, the call, and what the run obeys. */
export interface Opened {
  readonly library: Library
  readonly call: PipeCall
  readonly common: Common
}

const damaged = fail(new Reason.Unexpected({ problem: "what a run obeys cannot be read from a workflow's input" }))

/** What this code packed; what it comes to is not looked at again. */
const obeyedOf = ({ obeyed }: PipeInput): Obeyed | undefined => {
  const read = Packed.json(obeyed)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the version says who wrote it
  return read === undefined ? undefined : read as Obeyed
}

export const open = (input: PipeInput): Result.Result<Opened, PipeFailure> => {
  const version = checkVersion(input)
  if (Result.isFailure(version)) return Result.fail(version.failure)
  const obeyed = obeyedOf(input)
  if (obeyed === undefined) return Result.fail(damaged)
  const { settings, ...shared } = obeyed
  const { functions, models } = shared
  const compiled = Crate.compile(input.crate, { models: modelsOf(models), functions: new Set(functions) })
  if (Result.isFailure(compiled)) return Result.fail(fail(compiled.failure))
  return Result.succeed({
    library: compiled.success,
    common: { ...input.common, ...shared },
    call: {
      method: compiled.success,
      ref: input.ref,
      memory: Memory.receive(input.memory),
      path: Path.decode(input.path),
      scope: { ...input.scope, settings: { dryRun: Settings.defaults.dryRun, ...settings } },
      result: input.result,
      ...(input.multiplicity === undefined ? {} : { multiplicity: input.multiplicity })
    }
  })
}
