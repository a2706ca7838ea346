import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"
import { type Figures, inTurn } from "./Measure.ts"

/** Start-up of the built command against a bare Node, and against the reference's command where one is given. */
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

const pipelex = path("../dist/pipelex.js")
const bundle = path("fixtures/three.mthds")
const inputs = "{\"topic\":\"tides\"}"

/** The reference's CLI, `pipelex` 0.92.2 in an environment of its own, and the folder it is set up for. */
const reference = process.env["PIPELEX_REFERENCE"]
const referenceHome = process.env["PIPELEX_REFERENCE_HOME"]

const ratio = (a: Figures | undefined, b: Figures | undefined): number =>
  (a?.median ?? Number.NaN) / (b?.median ?? Number.NaN)

export const startup = (runs: number) => {
  const cwd = mkdtempSync(`${tmpdir()}/pipelex-bench-`)
  const [version, bare] = inTurn([
    { name: "pipelex --version", file: process.execPath, args: [pipelex, "--version"], cwd },
    { name: "node -e 0", file: process.execPath, args: ["-e", "0"], cwd }
  ], runs)
  return { figures: [version, bare], ratio: ratio(version, bare) }
}

const ours = (name: string, args: ReadonlyArray<string>, cwd: string) => ({
  name: `pipelex ${name}`,
  file: process.execPath,
  args: [pipelex, ...args],
  cwd
})

export const commands = (runs: number) => {
  const cwd = mkdtempSync(`${tmpdir()}/pipelex-bench-`)
  const env = {
    ...process.env,
    HOME: referenceHome ?? process.env["HOME"],
    DO_NOT_TRACK: "1",
    PIPELEX_NO_DECK_NOTICE: "1"
  }
  return ([
    ["validate", ["validate", "bundle", bundle]],
    ["run --dry-run", ["run", "bundle", bundle, "--dry-run", "--inputs", inputs]]
  ] as const).map(([name, args]) => {
    const theirs = reference === undefined
      ? []
      : [{ name: `reference ${name}`, file: reference, args, cwd: referenceHome ?? cwd, env }]
    const [own, other] = inTurn([ours(name, args, cwd), ...theirs], runs)
    return {
      figures: [own, other].filter((figures) => figures !== undefined),
      ratio: other === undefined ? undefined : ratio(own, other)
    }
  })
}
