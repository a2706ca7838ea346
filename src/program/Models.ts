/** Which models a run may name, as plain data: inner rings never read configuration. Made by `config/` from backends, routing and deck. */
export type Family = "llm" | "text_extractor" | "img_gen" | "search" | "doc_gen" | "judgment"

export interface Model {
  readonly handle: string
  readonly family: Family
  readonly backend: string
  /** Which adapter speaks to it. */
  readonly sdk: string
  /** What is sent to the provider. */
  readonly modelId: string
  readonly inputs: ReadonlyArray<string>
  readonly outputs: ReadonlyArray<string>
  readonly thinking: "none" | "manual" | "adaptive"
  readonly structureMethod?: string
  readonly maxTokens?: number
  readonly maxPromptImages?: number
  readonly listedConstraints?: ReadonlyArray<string>
  readonly valuedConstraints?: Readonly<Record<string, number>>
  /** USD per million units. Absent: the price is unknown. */
  readonly costs?: Readonly<Record<string, number>>
}

export type Effort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max"

/** Settings of one call, after preset, alias and defaults were applied. Keys that a family does not know stay absent. */
export interface Settings {
  readonly temperature?: number
  readonly maxTokens?: number | "auto"
  readonly imageDetail?: "low" | "high" | "auto"
  readonly reasoningEffort?: Effort
  readonly reasoningBudget?: number
  readonly quality?: "low" | "medium" | "high"
  readonly nbSteps?: number
  readonly guidanceScale?: number
  readonly isModerated?: boolean
  readonly safetyTolerance?: number
  readonly maxNbImages?: number
  readonly imageMinSize?: number
  readonly includeImages?: boolean
  readonly includeInlineCitations?: boolean
  readonly maxResults?: number
}

/** A pipe's `model` as written: a reference (`$preset`, `@alias`, `~waterfall`, `handle`) or inline settings that name one. */
export type Choice = string | (Settings & { readonly model: string })

export interface Deck {
  readonly aliases: Readonly<Record<string, string>>
  readonly waterfalls: Readonly<Record<string, ReadonlyArray<string>>>
  readonly presets: Readonly<Record<string, Settings & { readonly model: string; readonly description?: string }>>
  /** For a pipe that names no model. `text` and `object` for LLMs, `"<format>.<source>"` for document engines, else `default`. */
  readonly defaults: Readonly<Record<string, string>>
  /** Beat the defaults, but not the pipe. */
  readonly overrides: Readonly<Record<string, string>>
  readonly defaultTemperature?: number
}

export interface ModelTable {
  readonly models: ReadonlyArray<Model>
  /** Handles that only a disabled backend, or one without credentials, would serve: handle → backend. */
  readonly unserved: Readonly<Record<string, string>>
  /** Of those handles: the variables whose lack keeps it from being served. Nothing is lacking where nobody looked. */
  readonly lacking?: Readonly<Record<string, ReadonlyArray<string>>>
  readonly decks: Readonly<Record<Family, Deck>>
  readonly isFallbackEnabled: boolean
}

/** What a leaf is told to use. */
export interface ModelSetting {
  readonly model: Model
  readonly settings: Settings
}
