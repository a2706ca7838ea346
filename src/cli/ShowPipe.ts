import * as Effect from "effect/Effect"
import process from "node:process"
import type { Json, JsonObject } from "../concept/Json.ts"
import * as Slot from "../concept/Slot.ts"
import * as Configuration from "../config/Configuration.ts"
import * as Crate from "../library/Crate.ts"
import type { Defined } from "../library/Definitions.ts"
import type { Library } from "../library/Library.ts"
import { wrap } from "../report/Columns.ts"
import { usage } from "./Exit.ts"
import * as Grid from "./Grid.ts"
import { type Shown, Streams } from "./Streams.ts"
import * as Target from "./Target.ts"

/** `pipelex show pipe`: one pipe as a card, or all of them as a table per domain. */
const slots = ({ inputs }: Defined): string =>
  Array.from(inputs, ([name, slot]) => `${name}: ${short(Slot.show(slot))}`).join(", ") || "—"

const short = (slot: string): string => slot.slice(slot.lastIndexOf(".") + 1)

const byDomain = (library: Library): ReadonlyMap<string, ReadonlyArray<Defined>> => {
  const domains = new Map<string, Array<Defined>>()
  for (const pipe of library.pipes.values()) {
    const name = pipe.placed.unit.package === undefined ? pipe.domain : `${pipe.placed.unit.package}->${pipe.domain}`
    const known = domains.get(name)
    if (known === undefined) domains.set(name, [pipe])
    else known.push(pipe)
  }
  return domains
}

const domainLines = (name: string, pipes: ReadonlyArray<Defined>, out: Shown): ReadonlyArray<string> => [
  out.style.strong(`Domain ${name}`),
  ...Grid.lines(
    ["Code", "Type", "Input", "Output", "Definition"],
    pipes.map((
      pipe
    ) => [pipe.code, pipe.blueprint.type, slots(pipe), short(Slot.show(pipe.output)), pipe.blueprint.description]),
    out
  )
]

const domainTables = (library: Library, out: Shown): ReadonlyArray<string> =>
  Array.from(byDomain(library), ([name, members]) => domainLines(name, members, out)).flatMap((lines, at) =>
    at === 0 ? lines : [""].concat(lines)
  )

/** Keys of a blueprint that the head of a card tells. */
const told: ReadonlySet<string> = new Set(["type", "description", "inputs", "output"])

const valueLines = (value: Json, margin: string): ReadonlyArray<string> =>
  typeof value === "string"
    ? value.trimEnd().split("\n").map((line) => margin + line)
    : Array.isArray(value)
    ? value.map((item: Json) => `${margin}- ${typeof item === "string" ? item : JSON.stringify(item)}`)
    : typeof value === "object" && value !== null
    ? Object.entries(value).map(([key, inner]) =>
      `${margin}${key}: ${typeof inner === "string" ? inner : JSON.stringify(inner)}`
    )
    : [margin + String(value)]

const card = ({ placed, ...pipe }: Defined, blueprint: JsonObject, out: Shown): ReadonlyArray<string> => {
  const field = (name: string, text: string): ReadonlyArray<string> => {
    const [first = "", ...rest] = wrap(text, Math.max(20, out.width - 13))
    return [`${`${name}:`.padEnd(13)}${first}`, ...rest.map((line) => " ".repeat(13) + line)]
  }
  return [
    out.style.strong(pipe.ref),
    ...field("Type", pipe.blueprint.type),
    ...field("Definition", pipe.blueprint.description),
    ...field("Input", Array.from(pipe.inputs, ([name, slot]) => `${name}: ${Slot.show(slot)}`).join(", ") || "—"),
    ...field("Output", Slot.show(pipe.output)),
    ...field("Source", placed.file),
    ...Object.entries(blueprint).filter(([key]) => !told.has(key)).flatMap(([key, value]) => {
      const [only = "", ...more] = valueLines(value, "")
      return typeof value !== "object" && more.length === 0
        ? field(key, only)
        : [`${key}:`].concat(valueLines(value, "  "))
    })
  ]
}

const blueprintOf = (library: Library, { ref }: Pick<Defined, "ref">): JsonObject =>
  Crate.of(library, [ref]).pipes[ref]?.blueprint ?? {}

const pipeJson = (library: Library, { ref, ...pipe }: Defined) => ({
  ref,
  type: pipe.blueprint.type,
  description: pipe.blueprint.description,
  inputs: Object.fromEntries(Array.from(pipe.inputs, ([name, slot]) => [name, Slot.show(slot)])),
  output: Slot.show(pipe.output),
  source_file: pipe.placed.file,
  blueprint: blueprintOf(library, { ref })
})

export interface PipeOptions {
  readonly ref: string | undefined
  readonly all: boolean
  readonly libraryDirs: ReadonlyArray<string>
}

export const pipe = Effect.fnUntraced(function*({ all, libraryDirs, ref }: PipeOptions) {
  const streams = yield* Streams
  if (ref === undefined && !all) return yield* usage("show pipe needs the code of a pipe, or --all")
  const configuration = yield* Configuration.loadFrom(process.cwd())
  const found = yield* Target.find(
    { kind: "pipe", target: all ? undefined : ref, libraryDirs, compat: true },
    configuration
  )
  const library = yield* Target.library(found)
  const pipes = all ? Array.from(library.pipes.values()) : [yield* Target.entry(found, library)]
  const written = () => pipes.map((each) => pipeJson(library, each))
  return yield* streams.answer({
    json: () => all ? { pipes: written() } : written()[0],
    lines: () =>
      all
        ? domainTables(library, streams.out)
        : pipes.flatMap((each) => card(each, blueprintOf(library, each), streams.out))
  })
})
