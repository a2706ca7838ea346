import * as Effect from "effect/Effect"
import type { JsonObject } from "../concept/Json.ts"
import * as Slot from "../concept/Slot.ts"
import type { Shape, Stuff } from "../concept/Stuff.ts"
import * as WorkingMemory from "../concept/WorkingMemory.ts"
import { locate, PipeFailure } from "../failure/PipeFailure.ts"
import * as Reason from "../failure/Reason.ts"
import type { Leaves } from "../program/Leaves.ts"
import * as PipePath from "../program/PipePath.ts"
import type { CompiledPipe, PipeCall, PipeRunner } from "../program/PipeRunner.ts"
import { type RunEvent, RunEvents, type StuffMark } from "../program/RunEvents.ts"
import { type Definition, resolveDynamic } from "./Definition.ts"

/** What an operator made. */
export interface Produced {
  readonly content: JsonObject
  readonly plural: boolean
  readonly held?: Shape
  /** Of what is missing in it, by their own names. */
  readonly absences?: ReadonlyArray<WorkingMemory.Absence>
}

/** A name that a controller stores beside its own result whenever it runs. */
export interface Written {
  readonly name: string
  /** The pipe that would have made it, where that is not the controller itself. */
  readonly producer?: string
  readonly plural: boolean
  readonly concept: string
}

type Needs = PipeRunner | Leaves

/** The output slot of a call: the step's override of the multiplicity applied, `Dynamic` resolved. */
export const outputOf = (definition: Definition, call: PipeCall): Slot.Slot => {
  const slot = resolveDynamic(definition.output, call.scope.dynamicOutput)
  return call.multiplicity === undefined ? slot : { ...slot, multiplicity: call.multiplicity }
}

/** Stores what an operator made, under the step's name or as the main stuff. */
export const storeProduced = (
  definition: Definition,
  call: PipeCall,
  produced: Produced
): WorkingMemory.WorkingMemory => {
  const { concept } = outputOf(definition, call)
  const name = call.result ?? snake(concept)
  const stuff: Stuff = {
    code: PipePath.stuffCode(call.path, name),
    name,
    concept,
    plural: produced.plural,
    content: produced.content,
    ...(produced.held === undefined ? {} : { held: produced.held })
  }
  const stored = WorkingMemory.store(call.memory, stuff, call.result)
  const { absences = [] } = produced
  return absences.length === 0 ? stored : {
    ...stored,
    absences: new Map([
      ...stored.absences,
      ...absences.map((absence): [string, WorkingMemory.Absence] => [absence.variable, absence])
    ])
  }
}

const snake = (ref: string): string =>
  ref.slice(ref.lastIndexOf(".") + 1).replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()

/** Makes the call's output absent; a plural one becomes an empty list beside the record. */
export const storeAbsence = (
  definition: Definition,
  call: PipeCall,
  absence: Omit<WorkingMemory.Absence, "variable" | "producer">,
  alsoWritten: ReadonlyArray<Written> = []
): WorkingMemory.WorkingMemory => {
  const slot = outputOf(definition, call)
  const variable = call.result ?? WorkingMemory.main
  const record: WorkingMemory.Absence = { ...absence, variable, producer: definition.code }
  const own = Slot.isPlural(slot)
    ? {
      ...storeProduced(definition, call, { content: { items: [] }, plural: true }),
      absences: new Map(call.memory.absences).set(variable, record)
    }
    : WorkingMemory.putAbsence(
      call.result === undefined ? call.memory : WorkingMemory.putAbsence(call.memory, call.result, record),
      WorkingMemory.main,
      record
    )
  return alsoWritten.reduce((memory, { concept, name, plural, producer = definition.code }) => {
    const named: WorkingMemory.Absence = { ...absence, variable: name, producer }
    const cleared = WorkingMemory.putAbsence(memory, name, named)
    if (!plural) return cleared
    const emptied = WorkingMemory.put(cleared, {
      code: PipePath.stuffCode(call.path, name),
      name,
      concept,
      plural,
      content: { items: [] }
    })
    return { ...emptied, absences: new Map(emptied.absences).set(name, named) }
  }, own)
}

const chain = (
  absence: WorkingMemory.Absence
): ReadonlyArray<string> => [absence.reason, ...(absence.upstream === undefined ? [] : chain(absence.upstream))]

/** Whether the call may run: missing inputs fail it, an absent plain one skips it. */
const admit = (definition: Definition, call: PipeCall): WorkingMemory.Absence | PipeFailure | undefined => {
  const missing: Array<string> = []
  let skippedBy: WorkingMemory.Absence | undefined
  for (const [name, slot] of definition.inputs) {
    if (WorkingMemory.get(call.memory, name) !== undefined) continue
    const absence = WorkingMemory.absence(call.memory, name)
    if (slot.presence === "optional") continue
    if (absence === undefined) missing.push(name)
    else if (slot.presence === "forced") {
      return new PipeFailure({
        reason: new Reason.ForcedInputAbsent({ variable: name, provenance: chain(absence) }),
        location: {}
      })
    } else skippedBy ??= absence
  }
  if (missing.length === 0) return skippedBy
  if (call.path.parent === undefined) {
    const available = Array.from(call.memory.root.keys())
    return new PipeFailure({
      reason: new Reason.InputMissing({ inputs: missing, available }),
      location: { input: missing[0] ?? "" }
    })
  }
  const { parent } = call.path
  return new PipeFailure({
    reason: new Reason.InputUnresolved({ called: definition.ref, inputs: missing }),
    location: { pipe: parent.code, path: PipePath.codes(parent) }
  })
}

export const mark = (stuff: Stuff): StuffMark => ({
  name: stuff.name,
  code: stuff.code,
  concept: stuff.concept,
  plural: stuff.plural
})

const inputMarks = (definition: Definition, memory: WorkingMemory.WorkingMemory): ReadonlyArray<StuffMark> =>
  Array.from(definition.inputs.keys()).flatMap((name) => {
    const stuff = WorkingMemory.get(memory, name)
    return stuff === undefined ? [] : [mark(stuff)]
  })

/**
 * Wraps a pipe's body in what every pipe has in common: the depth limit, the presence rule for its inputs, the events of its run, and
 * the place added to its failures.
 */
export const compiled = (
  definition: Definition,
  body: (call: PipeCall) => Effect.Effect<WorkingMemory.WorkingMemory, PipeFailure, Needs>,
  alsoWritten: ReadonlyArray<Written> = []
): CompiledPipe => {
  const { code, domain, ref } = definition
  const { description, type } = definition.blueprint

  const admitted = (call: PipeCall): WorkingMemory.Absence | PipeFailure | undefined => {
    const limit = call.scope.settings.pipeStackLimit
    return call.path.depth > limit || (call.scope.mode === "dry" && PipePath.isRecursive(call.path))
      ? new PipeFailure({ reason: new Reason.StackOverflow({ limit }), location: {} })
      : admit(definition, call)
  }

  const attempt = (
    call: PipeCall,
    upstream: ReturnType<typeof admitted>
  ): Effect.Effect<WorkingMemory.WorkingMemory, PipeFailure, Needs> => {
    const tried = upstream === undefined
      ? body(call)
      : upstream instanceof PipeFailure
      ? Effect.fail(upstream)
      : Effect.succeed(storeAbsence(
        definition,
        call,
        { kind: "skipped", reason: `"${upstream.variable}" is absent`, upstream },
        alsoWritten
      ))
    return Effect.mapError(tried, (failure) => locate(failure, { pipe: code, path: PipePath.codes(call.path) }))
  }

  const observed = (call: PipeCall, listener: (event: RunEvent) => void) => {
    const { path } = call
    listener({
      _tag: "PipeStarted",
      path,
      pipe: code,
      type,
      description,
      domain,
      output: Slot.show(outputOf(definition, call)),
      inputs: inputMarks(definition, call.memory)
    })
    const upstream = admitted(call)
    return Effect.tapError(
      Effect.map(attempt(call, upstream), (memory) => {
        const stuff = WorkingMemory.get(memory, call.result ?? WorkingMemory.main)
        listener({
          _tag: "PipeFinished",
          path,
          pipe: code,
          type,
          skipped: upstream !== undefined,
          output: stuff === undefined ? undefined : mark(stuff)
        })
        return memory
      }),
      (failure) => Effect.sync(() => listener({ _tag: "PipeFailed", path, pipe: code, type, failure }))
    )
  }

  return {
    ref,
    code,
    domain,
    type,
    description,
    inputs: definition.inputs,
    output: definition.output,
    run: (call) =>
      Effect.withSpan(
        Effect.flatMap(RunEvents, (listener) =>
          listener === undefined ? attempt(call, admitted(call)) : observed(call, listener)),
        `${type} ${code}`,
        { attributes: { "pipelex.pipe": ref, "pipelex.run": call.scope.runId }, captureStackTrace: false }
      )
  }
}

/** A pipe whose body makes one value. */
export const operator = (
  definition: Definition,
  body: (call: PipeCall) => Effect.Effect<Produced, PipeFailure, Needs>
): CompiledPipe =>
  compiled(definition, (call) => Effect.map(body(call), (produced) => storeProduced(definition, call, produced)))
