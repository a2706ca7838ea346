import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { rolldown } from "rolldown"
import config from "../rolldown.config.ts"
import * as Bundle from "../src/temporal/worker/Bundle.ts"

/**
 * Builds `dist`: the library as modules with their types, the two programs bundled, and the code that workflows run. `--bin-only` leaves
 * the library out, and `--out` names another folder.
 */
const root = fileURLToPath(new URL("..", import.meta.url))
const { values } = parseArgs({
  options: { "bin-only": { type: "boolean", default: false }, out: { type: "string", default: "dist" } }
})
const dist = resolve(root, values.out)
const programs = ["pipelex.js", "pipelex-agent.js"]

/** The library's entries, the worker that is started as a program and so imported by nobody, and types that a dependency lacks. */
const entries = ["src/index.ts", "src/testing.ts", "src/document/PdfWorker.ts", "src/provider/transport/agent.d.ts"]

const compile = (): void => {
  const files = entries.map((file) => join(root, file)).filter((file) => existsSync(file))
  const folder = mkdtempSync(join(tmpdir(), "pipelex-build-"))
  const project = join(folder, "tsconfig.json")
  writeFileSync(
    project,
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        rewriteRelativeImportExtensions: true,
        rootDir: join(root, "src"),
        outDir: dist,
        typeRoots: [join(root, "node_modules/@types")]
      },
      include: [],
      files
    })
  )
  const { status } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], {
    stdio: "inherit",
    cwd: root
  })
  rmSync(folder, { recursive: true })
  if (status !== 0) process.exit(status ?? 1)
}

const bundle = async (): Promise<void> => {
  const { output, ...input } = config
  const build = await rolldown({ ...input, cwd: root })
  await build.write({ ...output, dir: dist })
  await build.close()
  for (const program of programs) chmodSync(join(dist, program), 0o755)
}

rmSync(dist, { recursive: true, force: true })
if (!values["bin-only"]) compile()
await bundle()
copyFileSync(await Effect.runPromise(Bundle.path), join(dist, Bundle.fileName))
