import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const src = fileURLToPath(new URL("../../src/", import.meta.url))
/** These import effect and each other only. */
const closed = ["failure", "concept", "template", "program", "pipe", "bundle", "library", "temporal/wire"]
/** What runs in workflows: it may import the SDK's part for them, too. */
const isolateSafe = [...closed, "temporal/workflow"]

const filesOf = (folders: ReadonlyArray<string>): ReadonlyArray<string> =>
  folders.flatMap((folder) =>
    readdirSync(`${src}${folder}`, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
      .map((name) => `${src}${folder}/${name}`)
  )

/** Everything that folders import, as a bundler sees it. */
const bundled = async (folders: ReadonlyArray<string>, extra = "") => {
  const entry = `${filesOf(folders).map((file) => `import ${JSON.stringify(file)}`).join("\n")}\n${extra}`
  const bundle = await rolldown({
    input: "virtual:isolate",
    platform: "neutral",
    treeshake: false,
    logLevel: "silent",
    external: (id) => id.startsWith("node:") || id.startsWith("@temporalio/") || builtinModules.includes(id),
    plugins: [{
      name: "isolate",
      resolveId: (id) => id === "virtual:isolate" ? id : null,
      load: (id) => id === "virtual:isolate" ? entry : null
    }]
  })
  const { output } = await bundle.generate({ format: "esm" })
  await bundle.close()
  const chunks = output.filter((chunk) => chunk.type === "chunk")
  return {
    outside: chunks.flatMap(({ dynamicImports, imports }) => [...imports, ...dynamicImports]).filter((id) =>
      !chunks.some(({ fileName }) => fileName === id)
    ),
    modules: chunks.flatMap(({ moduleIds }) => moduleIds)
  }
}

/** Modules that belong neither to the folders nor to effect, nor to what packs the events. */
const strangers = (modules: ReadonlyArray<string>, folders: ReadonlyArray<string>): ReadonlyArray<string> =>
  modules.filter((id) =>
    !id.startsWith("virtual:") && !/\/node_modules\/(?:effect|fflate)\//.test(id) &&
    !folders.some((folder) => id.startsWith(`${src}${folder}/`)) && !id.startsWith("\0")
  )

/** What a module might keep between workflows: a variable, or a collection that is empty to begin with. */
const keeping =
  /^(?:export )?(?:let\b|(?:const|var) \w+(?:: (?:Map|Set|Array|Record)<.*>)? = (?:new (?:Map|Set|Array)(?:<.*>)?\(\)|\[\]|\{\})$)/m

describe("the isolate-safe folders", () => {
  it("keep nothing of a run in their modules, which all workflows of a worker share", () => {
    const kept = filesOf(isolateSafe).filter((file) => keeping.test(readFileSync(file, "utf8")))
    assert.deepStrictEqual(kept.map((file) => file.slice(src.length)), [])
    for (
      const line of ["let count = 0", "const seen = new Map<string, number>()", "export const all: Array<string> = []"]
    ) {
      assert.match(line, keeping)
    }
  })

  it("bundle without any Node module, and import effect and each other only", async () => {
    const { modules, outside } = await bundled(closed)
    assert.isAbove(modules.length, filesOf(closed).length)
    assert.deepStrictEqual(outside, [])
    assert.deepStrictEqual(strangers(modules, closed), [])
  }, 120_000)

  it("import of Temporal what runs in workflows, and in one folder only", async () => {
    const { modules, outside } = await bundled(isolateSafe)
    assert.sameMembers(outside, ["@temporalio/common", "@temporalio/workflow"])
    assert.deepStrictEqual(strangers(modules, isolateSafe), [])
  }, 120_000)

  it("would be caught importing a Node module", async () => {
    const { outside } = await bundled(closed, "import \"node:fs\"")
    assert.deepStrictEqual(outside, ["node:fs"])
  }, 120_000)
})
