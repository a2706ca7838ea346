import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createHash, randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
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
const packages = ["effect", "fflate", "@temporalio/workflow", "@temporalio/common", "@temporalio/worker"]

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

/** Said in the first line of the code, where a worker finds which release it is of. */
const banner = async (): Promise<string> => {
  const { name, version } = decodePackage(await readFile(here("../../../package.json"), "utf8"))
  return `// ${name} ${version}\n`
}

const decodePackage = Schema.decodeSync(
  Schema.fromJsonString(Schema.Struct({ name: Schema.String, version: Schema.String }))
)

/** How many are kept: other checkouts may share the packages, and whoever goes back and forth need not build again. */
const most = 5

/** When it was last of use; nothing when somebody else has just removed it. */
const usedAt = async (file: string): Promise<number> => {
  const found = await stat(file).catch(() => undefined)
  return found?.mtimeMs ?? 0
}

/** Removes what has not been of use for the longest time, what a build left behind that was killed included. */
export const prune = async (folder: string): Promise<void> => {
  const names = (await readdir(folder)).filter((name) => name.startsWith("workflow-"))
  const files = await Promise.all(names.map(async (name) => {
    const file = join(folder, name)
    return { file, at: await usedAt(file) }
  }))
  const old = files.toSorted((a, b) => b.at - a.at).slice(most)
  await Promise.all(old.map(({ file }) => rm(file, { force: true })))
}

/** What was built is kept there under its digest: whoever looks meanwhile, or builds the same, sees a whole file or none. */
export const kept = async (folder: string, digest: string, build: () => Promise<string>): Promise<string> => {
  const file = join(folder, `workflow-${digest}.js`)
  const now = performance.timeOrigin + performance.now()
  if (existsSync(file)) {
    await utimes(file, now / 1000, now / 1000).catch(() => undefined)
    return file
  }
  const code = await build()
  await mkdir(folder, { recursive: true })
  const unfinished = join(folder, `workflow-${digest}.${randomUUID()}`)
  await writeFile(unfinished, code)
  await rename(unfinished, file)
  await prune(folder)
  return file
}

const built = async (): Promise<string> => {
  const head = await banner()
  const digest = createHash("sha256").update([head, ...await contents()].join("\0")).digest("hex").slice(0, 16)
  return kept(join(modules, ".cache", "pipelex-effect"), digest, async () => {
    const { build } = await import("./BuildBundle.ts")
    return head + await build(entry)
  })
}

/**
 * The file with the workflows' code: the one that the release was built with, else, running from sources, one built from them and
 * kept until they change.
 */
export const path: Effect.Effect<string> = Effect.suspend(() => {
  const file = prebuilt()
  return file === undefined ? Effect.promise(built) : Effect.succeed(file)
})
