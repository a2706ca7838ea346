import { assert, describe, it } from "@effect/vitest"
import { readdirSync } from "node:fs"
import { builtinModules } from "node:module"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const src = fileURLToPath(new URL("../../src/", import.meta.url))
const isolateSafe = ["failure", "concept", "template", "program", "pipe", "bundle", "library"]

const files = isolateSafe.flatMap((folder) =>
  readdirSync(`${src}${folder}`, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts")).map((
    name
  ) => `${src}${folder}/${name}`)
)

/** Everything the isolate-safe folders import, as a bundler sees it. */
const bundled = async (extra = "") => {
  const entry = `${files.map((file) => `import ${JSON.stringify(file)}`).join("\n")}\n${extra}`
  const bundle = await rolldown({
    input: "virtual:isolate",
    platform: "neutral",
    treeshake: false,
    logLevel: "silent",
    external: (id) => id.startsWith("node:") || builtinModules.includes(id),
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

describe("the isolate-safe folders", () => {
  it("bundle without any Node module", async () => {
    const { modules, outside } = await bundled()
    assert.isAbove(modules.length, files.length)
    assert.deepStrictEqual(outside, [])
  }, 120_000)

  it("import effect and each other only", async () => {
    const { modules } = await bundled()
    const others = modules.filter((id) =>
      !id.startsWith("virtual:") && !/\/node_modules\/effect\//.test(id) && !isolateSafe.some((folder) =>
        id.startsWith(`${src}${folder}/`)
      ) &&
      !id.startsWith("\0")
    )
    assert.deepStrictEqual(others, [])
  }, 120_000)

  it("would be caught importing a Node module", async () => {
    const { outside } = await bundled("import \"node:fs\"")
    assert.deepStrictEqual(outside, ["node:fs"])
  }, 120_000)
})
