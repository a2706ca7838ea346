import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** Name of the bundle that a release holds, at the top of its `dist`. */
export const fileName = "workflow-bundle.js"

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Beside a program's chunks, and above the library's modules. */
const prebuilt = (): string | undefined =>
  [here(`./${fileName}`), here(`../../${fileName}`)].find((file) => existsSync(file))

/** The module that exports the workflows, when running from sources. */
export const entry = here("../workflow/Workflows.ts")

const sources = here("../../")
const modules = here("../../../node_modules/")

/** What the bundle is made of: the folders that workflows may import, and the packages. */
const folders = [
  "failure",
  "concept",
  "template",
  "program",
  "pipe",
  "bundle",
  "library",
  "temporal/wire",
  "temporal/workflow"
]
const packages = ["effect", "@temporalio/workflow", "@temporalio/common", "@temporalio/worker"]

const contents = async (): Promise<ReadonlyArray<string>> => {
  const listed = await Promise.all(folders.map(async (folder) => {
    const names = await readdir(join(sources, folder), { recursive: true })
    return names.filter((name) => name.endsWith(".ts")).map((name) => join(sources, folder, name))
  }))
  const files = [
    ...listed.flat().toSorted(),
    here("./BuildBundle.ts"),
    ...packages.map((name) => join(modules, name, "package.json"))
  ]
  return Promise.all(files.map(async (file) => `${file.slice(sources.length)}\n${await readFile(file, "utf8")}`))
}

const built = async (): Promise<string> => {
  const digest = createHash("sha256").update((await contents()).join("\0")).digest("hex").slice(0, 16)
  const file = join(modules, ".cache", "pipelex-effect", `workflow-${digest}.js`)
  if (existsSync(file)) return file
  const { build } = await import("./BuildBundle.ts")
  const code = await build(entry)
  await mkdir(dirname(file), { recursive: true })
  // Whoever looks meanwhile sees the whole file or none.
  const unfinished = `${file}.${process.pid}`
  await writeFile(unfinished, code)
  await rename(unfinished, file)
  return file
}

/**
 * The file with the workflows' code: the one that the release was built with, else, running from sources, one built from them and
 * kept until they change.
 */
export const path: Effect.Effect<string> = Effect.suspend(() => {
  const file = prebuilt()
  return file === undefined ? Effect.promise(built) : Effect.succeed(file)
})
