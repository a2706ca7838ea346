import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../", import.meta.url))
const read = (file: string): string => readFileSync(`${root}${file}`, "utf8")
const readme = read("README.md")

/** The fenced blocks of a language, in order. */
const blocks = (language: string): ReadonlyArray<string> =>
  Array.from(readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm")), ([, text = ""]) => text)

const { scripts } = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Struct({ scripts: Schema.Record(Schema.String, Schema.String) }))
)(read("package.json"))

/** What `npm run NAME` would start, without npm: `node …` on the Node that runs this test. */
const npmRun = (name: string, extra: ReadonlyArray<string>, cwd: string) => {
  const [program, ...args] = (scripts[name] ?? "").split(" ")
  assert.strictEqual(program, "node", `script ${name} is started by node`)
  const absolute = args.map((arg) => existsSync(`${root}${arg}`) ? `${root}${arg}` : arg)
  return spawnSync(process.execPath, [...absolute, ...extra], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, COLUMNS: "80", NO_COLOR: "1" }
  })
}

const words = (command: string): ReadonlyArray<string> =>
  Array.from(command.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? "")

describe("the README", () => {
  it("runs on Node 24", () => {
    assert.match(process.version, /^v24\./)
  })

  it("names only scripts that exist", () => {
    const named = Array.from(readme.matchAll(/npm run ([a-z-]+)/g), ([, name = ""]) => name)
    assert.deepStrictEqual(named.filter((name) => scripts[name] === undefined), [])
  })

  it("links only to files that exist", () => {
    const links = Array.from(readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g), ([, link = ""]) => link)
    assert.deepStrictEqual(links.filter((link) => !existsSync(`${root}${link}`)), [])
  })

  it("shows the method that its commands run", () => {
    assert.include(blocks("toml"), read("examples/notes.mthds"))
  })

  it("shows the TypeScript example as it is", () => {
    assert.include(blocks("ts"), read("examples/compose/review.ts"))
  })

  it("has a TypeScript example that runs", () => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [
      "--conditions=development",
      `${root}examples/compose/review.ts`
    ], { cwd: root, encoding: "utf8" })
    assert.strictEqual(status, 0, stderr)
    assert.strictEqual(stdout, "low: simulated clause\nlow: simulated clause\n")
  })

  it("has a demo that reads a PDF, shows progress, result and files, and says it was simulated", () => {
    const results = mkdtempSync(`${tmpdir()}/pipelex-readme-`)
    const { status, stderr, stdout } = npmRun("demo", ["--output-dir", results], root)
    assert.strictEqual(status, 0, stderr)
    assert.match(stderr, /read_notes/)
    assert.match(stdout, /simulated/)
    const [folder = ""] = readdirSync(results)
    assert.include(readdirSync(`${results}/${folder}`), "main_stuff.json")
    assert.include(stdout, "main_stuff")
  })

  it("has commands that succeed", () => {
    const cwd = root
    const commands = blocks("sh").flatMap((block) => block.split("\n")).filter((line) =>
      line.startsWith("npm run pipelex --")
    )
    assert.isAbove(commands.length, 2)
    for (const command of commands) {
      const extra = command.includes(" run bundle ") ? ["--output-dir", mkdtempSync(`${tmpdir()}/pipelex-readme-`)] : []
      const { status, stderr } = npmRun("pipelex", [...words(command).slice(4), ...extra], cwd)
      assert.strictEqual(status, 0, `${command}\n${stderr}`)
    }
  })
})
