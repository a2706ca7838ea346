/** What each kind of template offers: its layout, whether it escapes HTML, its filters. */
import { contentFilters } from "./ContentFilters.ts"
import { refused } from "./Fault.ts"
import type { Layout } from "./Lexer.ts"
import { markupFilters } from "./MarkupFilters.ts"
import { numberFilters } from "./NumberFilters.ts"
import type { Open, Table } from "./Operation.ts"
import { operation } from "./Operation.ts"
import type { Library } from "./Run.ts"
import { sequenceFilters } from "./SequenceFilters.ts"
import { printf, stringFilters } from "./StringFilters.ts"
import { tests } from "./Tests.ts"
import { truthy, Undefined } from "./Value.ts"

export type Category = "basic" | "expression" | "llm_prompt" | "img_gen_prompt" | "html" | "markdown" | "mermaid"

export interface Environment {
  readonly layout: Layout
  readonly autoescape: boolean
  readonly library: Library
}

const otherwise = operation("default_value? boolean?", (value, [given, boolean]) => {
  const replaces = value instanceof Undefined || (boolean !== undefined && truthy(boolean) && !truthy(value))
  return replaces ? given === undefined ? "" : given : value
})

/** A render gives the same text every time, so nothing in it is random. */
export const impureFilters: ReadonlySet<string> = new Set(["random"])

const random: Open = () => {
  throw refused("random")
}

const common: Table = new Map([
  ...stringFilters,
  ...sequenceFilters,
  ...numberFilters,
  ...markupFilters,
  ["d", otherwise],
  ["default", otherwise],
  ["random", random]
])

const environment = (
  own: ReadonlyArray<keyof typeof contentFilters>,
  { autoescape = false, lstrip = false, trim = false }: { autoescape?: boolean; lstrip?: boolean; trim?: boolean } = {}
): Environment => ({
  layout: { trimBlocks: trim, lstripBlocks: lstrip },
  autoescape,
  library: {
    filters: new Map([...common, ["format", printf], ...own.map((name) => [name, contentFilters[name]] as const)]),
    tests
  }
})

const prompt = environment(["format", "tag", "with_images"])
const bare = environment([])

export const environments: Readonly<Record<Category, Environment>> = {
  basic: environment(["format", "tag"]),
  llm_prompt: prompt,
  img_gen_prompt: prompt,
  html: environment(["format", "tag", "escape_script_tag", "markdown"], { autoescape: true, lstrip: true, trim: true }),
  markdown: environment(["format", "tag", "escape_script_tag"], { lstrip: true, trim: true }),
  mermaid: bare,
  expression: bare
}
