import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** What the documents of this repository show: their blocks of code, in order. */
export const root = fileURLToPath(new URL("../../", import.meta.url))

export const read = (file: string): string => readFileSync(`${root}${file}`, "utf8")

export const readme = "README.md"

/** The documents whose commands are run. */
export const documents: ReadonlyArray<string> = [
  readme,
  ...readdirSync(`${root}docs`).filter((name) => name.endsWith(".md")).toSorted().map((name) => `docs/${name}`)
]

export interface Block {
  readonly language: string
  readonly text: string
}

const fence = /^```(\w*)\n([\s\S]*?)^```$/gm

/** Fenced blocks; one of another language than those asked for is left out. */
export const blocks = (file: string, ...languages: ReadonlyArray<string>): ReadonlyArray<Block> =>
  Array.from(read(file).matchAll(fence), ([, language = "", text = ""]) => ({ language, text })).filter((
    { language }
  ) => languages.includes(language))

export interface Link {
  /** From the root of the repository. */
  readonly target: string
  readonly heading?: string
}

/** What a document links to in this repository. */
export const links = (file: string): ReadonlyArray<Link> => {
  const prose = read(file).replaceAll(fence, "")
  return Array.from(prose.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g), ([, link = "", heading]) => ({
    target: link === "" ? file : new URL(link, `file:///${file}`).pathname.slice(1),
    ...(heading === undefined ? {} : { heading })
  }))
}

/** The anchors of a document's headings, as GitHub makes them. */
export const headings = (file: string): ReadonlyArray<string> =>
  Array.from(
    read(file).replaceAll(fence, "").matchAll(/^#+ (.+)$/gm),
    ([, title = ""]) => title.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-")
  )
