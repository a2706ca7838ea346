import type { Stuff } from "../../concept/Stuff.ts"
import type { Absence, WorkingMemory } from "../../concept/WorkingMemory.ts"

/**
 * Working memory between workflows. A child is given what its pipe may read in full, and of everything else only that it is there; it
 * gives back what it changed. The name a stuff is stored under is not always its own: a result without a name is the main stuff.
 */
export interface SentMemory {
  readonly stuffs: ReadonlyArray<SentStuff>
  readonly aliases: Readonly<Record<string, string>>
  readonly absences: SentAbsences
}

/** Without content: it is there, and not to be read. */
export type SentStuff = readonly [name: string, stuff: Omit<Stuff, "content"> & Partial<Pick<Stuff, "content">>]

/** By the name that holds nothing, which is not always the variable that the record is about: the main stuff is absent by another's. */
export type SentAbsences = ReadonlyArray<readonly [name: string, absence: Absence]>

export interface MemoryChange {
  /** Every name that holds something now, in order. */
  readonly names: ReadonlyArray<string>
  /** What is new or other than before. */
  readonly put: ReadonlyArray<readonly [name: string, stuff: Stuff]>
  /** As they are now, all of them. */
  readonly aliases: Readonly<Record<string, string>>
  readonly absences: SentAbsences
}

const withheld = new WeakSet<object>()

/** Stands for a content that was not sent. Reading it is a defect of whoever decided what to send, and says so. */
const withhold = (name: string): Stuff["content"] => {
  const refuse = (): never => {
    throw new Error(`the content of "${name}" was not sent to this pipe`)
  }
  const content = new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse })
  withheld.add(content)
  return content
}

/** The memory for a child that reads `names`; all of it when they are not given. */
export const send = (memory: WorkingMemory, names?: ReadonlySet<string>): SentMemory => {
  const read = names === undefined ? undefined : new Set(names)
  for (const [alias, target] of memory.aliases) if (names?.has(alias) === true) read?.add(target)
  return {
    stuffs: Array.from(memory.root, ([name, stuff]): SentStuff => {
      const { content, ...rest } = stuff
      return [name, (read === undefined || read.has(name)) && !withheld.has(content) ? stuff : rest]
    }),
    aliases: Object.fromEntries(memory.aliases),
    absences: Array.from(memory.absences)
  }
}

export const receive = ({ absences, aliases, stuffs }: SentMemory): WorkingMemory => ({
  root: new Map(stuffs.map(([name, stuff]) => [name, { ...stuff, content: stuff.content ?? withhold(name) }])),
  aliases: new Map(Object.entries(aliases)),
  absences: new Map(absences)
})

const sendable = (name: string, stuff: Stuff): readonly [string, Stuff] => {
  if (withheld.has(stuff.content)) throw new Error(`"${name}" was made of a content that was not sent to this pipe`)
  return [name, stuff]
}

/** What a child changed: values are compared by identity, since a memory that is not changed shares them. */
export const change = (before: WorkingMemory, after: WorkingMemory): MemoryChange => ({
  names: Array.from(after.root.keys()),
  put: Array.from(after.root).flatMap(([name, stuff]) =>
    before.root.get(name) === stuff ? [] : [sendable(name, stuff)]
  ),
  aliases: Object.fromEntries(after.aliases),
  absences: Array.from(after.absences)
})

/** The caller's memory after the child's change. */
export const apply = (memory: WorkingMemory, { absences, aliases, names, put }: MemoryChange): WorkingMemory => {
  const changed = new Map(put)
  return {
    root: new Map(names.flatMap((name) => {
      const stuff = changed.get(name) ?? memory.root.get(name)
      return stuff === undefined ? [] : [[name, stuff] as const]
    })),
    aliases: new Map(Object.entries(aliases)),
    absences: new Map(absences)
  }
}
