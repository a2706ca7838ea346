import { afterAll } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import process from "node:process"

/** The real programs, built once per test file and started as a user would, in a folder of their own. */
export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  readonly cwd: string
  /** Written to stdin, which is closed then. Default: no stdin. */
  readonly stdin?: string
  /** Whether stdin is a pipe that is never written to nor closed. */
  readonly hasOpenStdin?: boolean
  /** Ctrl-C, so many milliseconds after what is first said. */
  readonly interruptAfter?: number
  /** Ctrl-C, when this is done. */
  readonly interruptOn?: Promise<unknown>
  readonly env?: Readonly<Record<string, string>>
  readonly program?: "pipelex" | "pipelex-agent"
  /** The sources in place of the built program. */
  readonly fromSources?: boolean
}

export const root = join(import.meta.dirname, "../..")

/** Within the package, so that the packaged configuration and the dependencies are found from it. */
const build = (): string => {
  const cache = join(root, "node_modules/.cache")
  mkdirSync(cache, { recursive: true })
  const out = mkdtempSync(join(cache, "pipelex-bin-"))
  afterAll(() => rmSync(out, { recursive: true, force: true }))
  const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/build.ts"), "--bin-only", "--out", out])
  if (status !== 0) throw new Error(`the programs cannot be built: ${stderr.toString()}`)
  return out
}

/** Where the built programs are. */
export const bin = build()

const sources = { pipelex: "src/cli/Main.ts", "pipelex-agent": "src/cli/Agent.ts" }
export const run = (
  args: ReadonlyArray<string>,
  { cwd, env = {}, fromSources = false, hasOpenStdin = false, interruptAfter, interruptOn, program = "pipelex", stdin }:
    Options
): Effect.Effect<Ran> =>
  Effect.callback<Ran>((resume) => {
    const child = spawn(process.execPath, [
      fromSources ? join(root, sources[program]) : join(bin, `${program}.js`),
      ...args
    ], {
      cwd,
      env: { PATH: process.env["PATH"] ?? "", HOME: cwd, COLUMNS: "80", ...env },
      stdio: [stdin === undefined && !hasOpenStdin ? "ignore" : "pipe", "pipe", "pipe"]
    })
    const out: Array<Buffer> = []
    const err: Array<Buffer> = []
    child.stdout?.on("data", (chunk: Buffer) => out.push(chunk))
    child.stderr?.on("data", (chunk: Buffer) => err.push(chunk))
    child.on("close", (code) => {
      resume(Effect.succeed({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }))
    })
    if (interruptAfter !== undefined) {
      child.stderr?.once("data", () => setTimeout(() => child.kill("SIGINT"), interruptAfter))
    }
    void interruptOn?.then(() => child.kill("SIGINT"))
    child.stdin?.on("error", () => undefined)
    if (stdin !== undefined) child.stdin?.end(stdin)
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** A temporary folder with these files, gone with its scope. */
export const folder = (files: Readonly<Record<string, string>> = {}) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const place = mkdtempSync(join(tmpdir(), "pipelex-cli-"))
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(place, name)), { recursive: true })
        writeFileSync(join(place, name), text)
      }
      return place
    }),
    (place) => Effect.sync(() => rmSync(place, { recursive: true, force: true }))
  )

export const lineCount = (text: string): number => text.split("\n").filter((line) => line !== "").length
