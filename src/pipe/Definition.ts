import type { Concepts } from "../concept/Concept.ts"
import type * as Slot from "../concept/Slot.ts"
import type { Code } from "../failure/Codes.ts"
import type { Issue } from "../failure/Issue.ts"
import type { ModelTable } from "../program/Models.ts"
import type { CompiledPipe } from "../program/PipeRunner.ts"
import type { Header } from "./Header.ts"

/** A pipe of a library: its blueprint with every reference resolved to `domain.code`. */
export interface Definition<Blueprint extends Header = Header> {
  readonly ref: string
  readonly code: string
  readonly domain: string
  readonly blueprint: Blueprint
  readonly inputs: ReadonlyMap<string, Slot.Slot>
  readonly output: Slot.Slot
  /** The domain's, for pipes that may inherit it. */
  readonly systemPrompt?: string
}

/** What the rest of the library looks like from one pipe. */
export interface Surroundings {
  readonly concepts: Concepts
  readonly models: ModelTable
  /** Older spellings were accepted: what they loosen is loosened here too. */
  readonly compat: boolean
  /** Follows a reference as written in the pipe's own file. */
  readonly find: (from: Definition, reference: string) => Definition | undefined
  /** What a host function of this name is known to be, if it is known. */
  readonly hasFunction: (name: string) => boolean
}

/** What a pipe file offers beside its `Blueprint`. */
export interface Kind<Blueprint extends Header> {
  /** The faults that one file shows by itself, in source order. */
  readonly validate: (code: string, blueprint: Blueprint, context: FileContext) => ReadonlyArray<Issue>
  /** The faults that show against the rest of the library. */
  readonly check: (definition: Definition<Blueprint>, surroundings: Surroundings) => ReadonlyArray<Issue>
  /** References to other pipes, with the place each stands at. */
  readonly references: (blueprint: Blueprint) => ReadonlyArray<PipeReference>
  readonly compile: (definition: Definition<Blueprint>, surroundings: Surroundings) => CompiledPipe
}

export interface FileContext {
  readonly domain: string
  readonly systemPrompt?: string
  readonly compat: boolean
}

export interface PipeReference {
  readonly ref: string
  /** Path inside the pipe's table. */
  readonly path: ReadonlyArray<string | number>
}

/** An issue of a pipe, with its path counted from the file's root. */
export const issue = (
  pipe: string,
  path: ReadonlyArray<string | number>,
  code: Code,
  message: string,
  more: Partial<Omit<Issue, "path" | "code" | "message" | "pipe">> = {}
): Issue => ({ code, path: ["pipe", pipe, ...path], message, pipe, ...more })

export const none: ReadonlyArray<never> = []

/** The slot with `Dynamic` resolved for a run. */
export const resolveDynamic = (slot: Slot.Slot, dynamicOutput: string | undefined): Slot.Slot =>
  slot.concept === "native.Dynamic" ? { ...slot, concept: dynamicOutput ?? "native.Text" } : slot
