/** `pipelex worker`, or another command that goes on until it is stopped, as a process of its own, from the sources. */
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { join } from "node:path"
import process from "node:process"

const main = join(import.meta.dirname, "../../../src/cli/Main.ts")

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  /** Resolves when this is on stderr. */
  readonly said: (text: string) => Effect.Effect<string>
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly ended: Effect.Effect<Ended>
}

/** Starts it in a folder with a `.pipelex`, its home unless `env` says otherwise; killed with its scope when it has not ended. */
export const start = (
  cwd: string,
  args: ReadonlyArray<string> = [],
  command = "worker",
  env: Readonly<Record<string, string>> = {}
) =>
  Effect.acquireRelease(
    Effect.sync((): Started & { readonly child: ReturnType<typeof spawn> } => {
      const child = spawn(process.execPath, [main, command, ...args], {
        cwd,
        env: { PATH: process.env["PATH"] ?? "", HOME: cwd, ...env },
        stdio: ["ignore", "pipe", "pipe"]
      })
      const out: Array<Buffer> = []
      const err: Array<Buffer> = []
      child.stdout?.on("data", (chunk: Buffer) => out.push(chunk))
      child.stderr?.on("data", (chunk: Buffer) => err.push(chunk))
      const text = (chunks: ReadonlyArray<Buffer>) => Buffer.concat(chunks).toString()
      const closed = new Promise<Ended>((resolve) => {
        child.on("close", (code) => resolve({ code, stdout: text(out), stderr: text(err) }))
      })
      const said = (wanted: string) =>
        new Promise<string>((resolve, reject) => {
          const look = () => {
            if (text(err).includes(wanted)) resolve(text(err))
          }
          child.stderr?.on("data", look)
          look()
          void closed.then(({ stderr }) => reject(new Error(`ended without "${wanted}": ${stderr}`)))
        })
      return {
        child,
        said: (wanted) => Effect.promise(() => said(wanted)),
        kill: (signal) => Effect.sync(() => child.kill(signal)),
        ended: Effect.promise(() => closed)
      }
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )
