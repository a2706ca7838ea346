/**
 * The state of one render: where it is, what it may still spend, what it has written. Every loop of the engine that a
 * template can lengthen spends from here, so a hostile template ends with a `budget` fault and never with a stuck process.
 */
import type { Position } from "./Fault.ts"
import { exhausted, Raised } from "./Fault.ts"
import type { Table } from "./Operation.ts"
import type { FileTokens, TextFormat, Value } from "./Value.ts"

export interface Budget {
  /** Units of work: about one for a node evaluated or an item visited. */
  readonly steps: number
  /** Units of memory: one for a character built, sixteen for an item of a list. */
  readonly memory: number
}

const defaultBudget: Budget = { steps: 1_000_000, memory: 12_000_000 }

export type TagStyle = "xml" | "ticks" | "square_brackets" | "no_tag"

export interface Settings {
  readonly tagStyle: TagStyle | null
  readonly textFormat: TextFormat
  readonly files?: FileTokens
  readonly budget?: Budget
}

/** The filters and tests of a category, for those that take others by name. */
export interface Library {
  readonly filters: Table
  readonly tests: Table
}

const start: Position = { line: 1, column: 1 }
const deepest = 1_500
const itemCost = 16

export class Run {
  readonly context: Readonly<Record<string, Value>>
  readonly settings: Settings
  readonly library: Library
  autoescape: boolean
  at: Position = start
  out = ""
  #steps: number
  #memory: number
  #depth = 0

  constructor(context: Readonly<Record<string, Value>>, settings: Settings, library: Library, autoescape: boolean) {
    this.context = context
    this.settings = settings
    this.library = library
    this.autoescape = autoescape
    const budget = settings.budget ?? defaultBudget
    this.#steps = budget.steps
    this.#memory = budget.memory
  }

  step(): void {
    if (--this.#steps < 0) throw exhausted("too much work")
  }
  work(units: number): void {
    this.#steps -= units
    if (this.#steps < 0) throw exhausted("too much work")
  }
  /** Reading `length` characters: a scan is far cheaper than a step. */
  scan(length: number): void {
    this.#steps -= length >>> 5
    if (this.#steps < 0) throw exhausted("too much work")
  }
  /** Before making text of this length. */
  build(length: number): void {
    this.#memory -= length
    this.#steps -= length / 32
    if (!(this.#memory >= 0)) throw exhausted("too much text")
    if (this.#steps < 0) throw exhausted("too much work")
  }
  /** Before making a sequence of this length. */
  hold(items: number): void {
    this.#memory -= items * itemCost
    this.#steps -= items / 4
    if (!(this.#memory >= 0)) throw exhausted("too many values")
    if (this.#steps < 0) throw exhausted("too much work")
  }
  write(text: string): void {
    this.build(text.length)
    this.out += text
  }
  /** Runs a body that nests `levels` deeper, and refuses to nest without end. */
  nested<A>(levels: number, body: () => A): A {
    this.#depth += levels
    if (this.#depth > deepest) throw new Raised("budget", "the render went over its budget: too much recursion")
    try {
      return body()
    } finally {
      this.#depth -= levels
    }
  }
  /** What a body writes, as text of its own. */
  captured(body: () => void): string {
    const outer = this.out
    this.out = ""
    try {
      body()
      return this.out
    } finally {
      this.out = outer
    }
  }
}
