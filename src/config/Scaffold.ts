import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import type { Model } from "../program/Models.ts"
import * as ModelTable from "../program/ModelTable.ts"
import type { Configuration } from "./Configuration.ts"
import * as Configurations from "./Configuration.ts"
import * as Packaged from "./Packaged.ts"

/**
 * The files of a new `.pipelex` folder: the packaged defaults, with the chosen backends on and the others off, the routing between them,
 * and a deck whose defaults they serve. Nothing is written here.
 */
export interface Choice {
  /** Names of backends that are to be on, the first answering what several could. Empty: as packaged. */
  readonly backends: ReadonlyArray<string>
}

export interface ScaffoldFile {
  /** Path below the folder, with `/`. */
  readonly path: string
  readonly content: string
  readonly part: "config" | "inference" | "routing"
}

export interface Scaffold {
  /** In the order to write them: what turns the backends on comes last, so that a copy that breaks off can be made again. */
  readonly files: ReadonlyArray<ScaffoldFile>
  readonly profile: string
}

export const backendsFile = "inference/backends.toml"
export const routingFile = "inference/routing_profiles.toml"
/** What the default names stand for with the chosen backends: the last of the deck, so that it wins. */
export const customDeck = "inference/deck/x_custom_llm_deck.toml"

const header = /^\[([A-Za-z_][\w-]*)\]\s*(?:#.*)?$/

/** Runs in this process and needs nothing: it stays on. */
const always = "internal"

/** `backends.toml` with each backend on or off. Comments and order stay. */
export const switched = (toml: string, enabled: ReadonlySet<string>): string => {
  let within: string | undefined
  return toml.split("\n").flatMap((line) => {
    const [, name] = header.exec(line) ?? []
    if (name !== undefined) {
      within = name
      return [line, `enabled = ${enabled.has(name) || name === always}`]
    }
    return within !== undefined && /^enabled\s*=/.test(line) ? [] : [line]
  }).join("\n")
}

/** Every key taken back into a comment, so that the file shows what there is to set and sets nothing. */
export const commented = (toml: string): string =>
  toml.split("\n").map((line) => line === "" || line.startsWith("#") || /^\[[\w.]+\]$/.test(line) ? line : `# ${line}`)
    .join("\n")

const customProfile = "custom_routing"

const profileOf = ({ backends }: Choice): string =>
  backends.length === 0 ? "all_enabled_backends" : backends.length === 1 ? `all_${backends[0]}` : customProfile

const quoted = (names: ReadonlyArray<string>): string => names.map((name) => `"${name}"`).join(", ")

/** The packaged profiles, with the one that the choice needs made active, and written when it is not among them. */
const routed = (toml: string, choice: Choice): string => {
  const profile = profileOf(choice)
  const [first = ""] = choice.backends
  const active = toml.replace(/^active = .*$/m, `active = "${profile}"`)
  if (active.includes(`[profiles.${profile}]`)) return active
  return `${active.trimEnd()}\n\n[profiles.${profile}]\ndescription = "${first} first"\ndefault = "${first}"\n${
    choice.backends.length > 1 ? `fallback_order = [${quoted([...choice.backends, always])}]\n` : ""
  }`
}

const deckSections = { llm: "llm", text_extractor: "extract", img_gen: "img_gen", search: "search" } as const

const handleOf = (table: ModelTable.ModelTable, family: Model["family"], alias: string): string | undefined => {
  const found = ModelTable.resolve(table, family, `@${alias}`)
  return Result.isSuccess(found) ? found.success.model.handle : undefined
}

/** The table of one backend alone. */
const alone = ({ inference }: Configuration, name: string): ModelTable.ModelTable =>
  Configurations.models({
    ...inference,
    backends: inference.backends.map((backend) => ({ ...backend, isEnabled: backend.name === name }))
  })

/** The packaged aliases, each set to a model of the first of the chosen backends that has one for it. */
const deck = (configuration: Configuration, { backends }: Choice): string => {
  if (backends.length === 0) return "# Names of your own. This file is read last: what it says wins.\n"
  const tables = [...backends, always].map((name) => alone(configuration, name))
  const { decks } = configuration.inference
  const sections = (["llm", "text_extractor", "img_gen", "search"] as const).flatMap((family) => {
    const aliases = Object.keys(decks[family].aliases).filter((alias) => alias.startsWith("default-"))
    const lines = aliases.flatMap((alias) => {
      const handle = tables.map((table) => handleOf(table, family, alias)).find((each) => each !== undefined)
      return handle === undefined ? [] : [`${alias} = "${handle}"`]
    })
    return lines.length === 0 ? [] : [`[${deckSections[family]}.aliases]\n${lines.join("\n")}\n`]
  })
  return `# What the default names stand for with ${
    backends.join(", ")
  }. This file is read last: what it says wins.\n\n${sections.join("\n")}`
}

const gitignore = "storage/\ntraces/\n*_override.toml\n.env\n"

const partOf = (file: string): ScaffoldFile["part"] =>
  file === "pipelex.toml" ? "config" : file.includes("routing_profiles") ? "routing" : "inference"

const isLast = ({ path }: ScaffoldFile): boolean => path === backendsFile

/** The files for a choice among the backends that the package knows. */
export const make = Effect.fn("Scaffold.make")(function*(configuration: Configuration, choice: Choice) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const packaged = yield* Packaged.folder
  const enabled = new Set(choice.backends)
  const names = (yield* Effect.orDie(fs.readDirectory(packaged, { recursive: true })))
    .filter((name) => name.endsWith(".toml")).toSorted()
  const files = yield* Effect.forEach(
    names,
    (name) =>
      Effect.map(Effect.orDie(fs.readFileString(path.join(packaged, name))), (text): ScaffoldFile => {
        const file = name.split(path.sep).join("/")
        const content = file === "pipelex.toml"
          ? commented(text)
          : file === backendsFile && choice.backends.length > 0
          ? switched(text, enabled)
          : file === routingFile
          ? routed(text, choice)
          : text
        return { path: file, content, part: partOf(file) }
      })
  )
  const scaffold: Scaffold = {
    profile: profileOf(choice),
    files: [
      { path: ".gitignore", content: gitignore, part: "config" },
      ...files.filter((file) => !isLast(file)),
      { path: customDeck, content: deck(configuration, choice), part: "inference" },
      ...files.filter(isLast)
    ]
  }
  return scaffold
})
