/**
 * A real Temporal server on the loopback interface: the CLI's, which keeps everything in memory. `TEMPORAL_CLI_PATH` names its program;
 * else it is `temporal` of the path; else it is built once, outside the checkout; else the SDK fetches one.
 */
import { type EphemeralServerExecutable, TestWorkflowEnvironment } from "@temporalio/testing"
import { execFile } from "node:child_process"
import { access, constants, mkdir, mkdtemp, rename, rm } from "node:fs/promises"
import { homedir } from "node:os"
import { delimiter, join } from "node:path"
import process from "node:process"
import { promisify } from "node:util"
import * as Names from "../../src/temporal/wire/Names.ts"
import * as Quiet from "./Quiet.ts"

export interface DevServer {
  /** `host:port`. */
  readonly address: string
  readonly stop: () => Promise<void>
}

/** `default` has the search attributes of `Names`, `bare` has none. */
export const namespaces = { default: "default", bare: "bare" } as const

const version = "1.5.1"
const source = `github.com/temporalio/cli/cmd/temporal@v${version}`
const program = process.platform === "win32" ? "temporal.exe" : "temporal"
const run = promisify(execFile)

const isProgram = (path: string): Promise<boolean> => access(path, constants.X_OK).then(() => true, () => false)

const onPath = async (): Promise<string | undefined> => {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "")
  const paths = folders.map((folder) => join(folder, program))
  const found = await Promise.all(paths.map(isProgram))
  return paths.find((_, at) => found[at])
}

/** Where a built program is kept. */
const cache = (): string =>
  join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "pipelex-effect", `temporal-${version}`)

/** Built beside its place and moved there whole, so that two runs at once never see half of it. */
const build = async (folder: string): Promise<string> => {
  const built = join(folder, program)
  if (await isProgram(built)) return built
  await mkdir(folder, { recursive: true })
  const aside = await mkdtemp(join(folder, "build-"))
  await run("go", ["install", source], { env: { ...process.env, GOBIN: aside } })
  await rename(join(aside, program), built)
  await rm(aside, { recursive: true })
  return built
}

/** The server's program, if there is one or one can be built. */
export const executable = async (): Promise<EphemeralServerExecutable> => {
  const named = process.env["TEMPORAL_CLI_PATH"]
  if (named !== undefined && named !== "") {
    if (await isProgram(named)) return { type: "existing-path", path: named }
    throw new Error(`TEMPORAL_CLI_PATH is ${named}, which cannot be executed`)
  }
  const path = await onPath() ?? await build(cache()).catch(() => undefined)
  return path === undefined ? { type: "cached-download" } : { type: "existing-path", path }
}

export const lacking =
  "These tests need a Temporal server: put the Temporal CLI on the path, or its program in TEMPORAL_CLI_PATH, " +
  `or Go and a network to build ${source} with`

/** A server that keeps its runs in this file, else in memory. */
export const startIn = async (dbFilename?: string): Promise<DevServer> => {
  Quiet.install()
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: await executable(),
      ip: "127.0.0.1",
      ...(dbFilename === undefined ? {} : { dbFilename }),
      log: { format: "pretty", level: "error" },
      // Standard output is for results.
      extraArgs: ["--namespace", namespaces.bare, "--output", "none"]
    }
  }).catch((cause) => {
    throw new Error(lacking, { cause })
  })
  await environment.connection.operatorService.addSearchAttributes({
    namespace: namespaces.default,
    searchAttributes: Object.fromEntries(Names.attributes.map((name) => [name, 2]))
  })
  return { address: environment.address, stop: () => environment.teardown() }
}

/** Up and asked for its attributes. Whoever starts it stops it. */
export const start = (): Promise<DevServer> => startIn()
