import * as Result from "effect/Result"
import { isArray, isObject, type Json, type JsonObject, textOf } from "../../concept/Json.ts"
import type { Shape } from "../../concept/Stuff.ts"
import * as Foreign from "../../failure/Foreign.ts"
import { fail, type PipeFailure } from "../../failure/PipeFailure.ts"
import * as Reason from "../../failure/Reason.ts"
import * as Crate from "../../library/Crate.ts"
import type { Library } from "../../library/Library.ts"
import type { Crate as Slice, PipeCall } from "../../program/PipeRunner.ts"
import * as Memory from "./Memory.ts"
import { payloadVersion } from "./Names.ts"
import * as Path from "./Path.ts"
import type { Common, PipeInput } from "./Payload.ts"

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

/**
 * Makes the inputs of workflows from calls of a library's pipes. A workflow gets the part of the method that its pipe reaches, and of
 * the memory what that part may read.
 */
export const sender = (library: Library, { common, crateDigest }: Run): (call: PipeCall) => PipeInput => {
  const slices = new Map<string, { readonly slice: Slice; readonly names: ReadonlySet<string> | undefined }>()
  const sliceOf = (ref: string) => {
    const known = slices.get(ref)
    if (known !== undefined) return known
    const slice = Crate.of(library, [ref])
    const made = { slice, names: reads(slice) }
    slices.set(ref, made)
    return made
  }
  return (call) => {
    const { names, slice } = sliceOf(call.ref)
    const memory = Memory.send(call.memory, names)
    const { dynamicOutput } = call.scope
    const concepts = library.concepts.slice([
      ...slice.concepts.map(({ ref }) => ref),
      // A value may be of a concept that no pipe names.
      ...memory.stuffs.flatMap(([, stuff]) => stuff.content === undefined ? [] : conceptsOf(stuff)),
      ...(dynamicOutput === undefined ? [] : [dynamicOutput])
    ])
    return {
      version: payloadVersion,
      crate: { ...slice, concepts },
      crateDigest,
      ref: call.ref,
      path: Path.encode(call.path),
      memory,
      scope: call.scope,
      common,
      ...(call.result === undefined ? {} : { result: call.result }),
      ...(call.multiplicity === undefined ? {} : { multiplicity: call.multiplicity })
    }
  }
}

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

/** The library and the call that an input stands for. */
export const open = (
  input: PipeInput
): Result.Result<{ readonly library: Library; readonly call: PipeCall }, PipeFailure> => {
  const version = checkVersion(input)
  if (Result.isFailure(version)) return Result.fail(version.failure)
  const { models, functions } = input.common
  const compiled = Crate.compile(input.crate, { models, functions: new Set(functions) })
  if (Result.isFailure(compiled)) return Result.fail(fail(compiled.failure))
  return Result.succeed({
    library: compiled.success,
    call: {
      method: compiled.success,
      ref: input.ref,
      memory: Memory.receive(input.memory),
      path: Path.decode(input.path),
      scope: input.scope,
      result: input.result,
      ...(input.multiplicity === undefined ? {} : { multiplicity: input.multiplicity })
    }
  })
}
