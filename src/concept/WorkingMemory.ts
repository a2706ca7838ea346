import { fromEntries, type Json, type JsonObject } from "./Json.ts"
import { type Stuff, toJson as stuffToJson } from "./Stuff.ts"

/** Why a name holds nothing although somebody accounted for it. */
export interface Absence {
  readonly variable: string
  readonly kind: "declared_absent" | "skipped" | "not_provided" | "failed"
  readonly reason: string
  readonly producer?: string
  readonly upstream?: Absence
}

/**
 * The named values of a run at one point of it. Immutable: every change gives a new memory that shares the rest, so that a branch's
 * copy costs nothing. `main_stuff` is normally an alias of the last result.
 */
export interface WorkingMemory {
  readonly root: ReadonlyMap<string, Stuff>
  readonly aliases: ReadonlyMap<string, string>
  readonly absences: ReadonlyMap<string, Absence>
}

export const main = "main_stuff"

export const empty: WorkingMemory = { root: new Map(), aliases: new Map(), absences: new Map() }

export const make = (stuffs: Iterable<Stuff>, absences: Iterable<Absence> = []): WorkingMemory => {
  const root = new Map<string, Stuff>()
  for (const stuff of stuffs) root.set(stuff.name, stuff)
  const absent = new Map<string, Absence>()
  for (const absence of absences) absent.set(absence.variable, absence)
  return { root, aliases: empty.aliases, absences: absent }
}

export const get = (memory: WorkingMemory, name: string): Stuff | undefined => {
  const direct = memory.root.get(name)
  if (direct !== undefined) return direct
  const target = memory.aliases.get(name)
  return target === undefined ? undefined : memory.root.get(target)
}

export const absence = (memory: WorkingMemory, name: string): Absence | undefined => memory.absences.get(name)

const without = <A>(map: ReadonlyMap<string, A>, ...keys: ReadonlyArray<string>): ReadonlyMap<string, A> => {
  if (map.size === 0 || !keys.some((key) => map.has(key))) return map
  const copy = new Map(map)
  for (const key of keys) copy.delete(key)
  return copy
}

const withKey = <A>(map: ReadonlyMap<string, A>, key: string, value: A): ReadonlyMap<string, A> =>
  new Map(map).set(key, value)

/** Adds or replaces a value without making it the main one. */
export const put = (memory: WorkingMemory, stuff: Stuff): WorkingMemory => ({
  root: withKey(memory.root, stuff.name, stuff),
  aliases: without(memory.aliases, stuff.name),
  absences: without(memory.absences, stuff.name)
})

/** Stores a pipe's result: under its name with `main_stuff` as alias, or as `main_stuff` itself when the step names no result. */
export const store = (memory: WorkingMemory, stuff: Stuff, result: string | undefined): WorkingMemory => {
  const key = result ?? main
  const root = new Map(memory.root)
  root.delete(main)
  root.set(key, stuff)
  const aliases = new Map(memory.aliases)
  aliases.delete(key)
  if (result === undefined || result === main) aliases.delete(main)
  else aliases.set(main, result)
  return { root, aliases, absences: without(memory.absences, key, main) }
}

/** Makes `name` hold nothing, for the reason given. */
export const putAbsence = (memory: WorkingMemory, name: string, reason: Absence): WorkingMemory => ({
  root: without(memory.root, name),
  aliases: without(memory.aliases, name),
  absences: withKey(memory.absences, name, reason)
})

export const alias = (memory: WorkingMemory, name: string, target: string): WorkingMemory => ({
  ...memory,
  aliases: withKey(memory.aliases, name, target)
})

const absenceToJson = ({ kind, producer, reason, upstream, variable }: Absence): JsonObject => ({
  variable_name: variable,
  kind,
  reason,
  producing_pipe: producer ?? null,
  upstream: upstream === undefined ? null : absenceToJson(upstream)
})

/** The form written to files and shown to programs. */
export const toJson = (memory: WorkingMemory): JsonObject => ({
  root: fromEntries(Array.from(memory.root, ([name, stuff]): [string, Json] => [name, stuffToJson(stuff)])),
  aliases: fromEntries(memory.aliases),
  absences: fromEntries(Array.from(memory.absences, ([name, reason]): [string, Json] => [name, absenceToJson(reason)]))
})
