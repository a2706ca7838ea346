import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import process from "node:process"
import type { Used } from "./Told.ts"

/** A worker in a process of its own, which tells what it uses. */
export interface WorkerProcess {
  readonly used: () => Promise<Used>
  /** Lets it end by itself. */
  readonly stop: () => Promise<void>
}

export interface Started {
  /** What Node is to run. */
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

const told = join(import.meta.dirname, "Told.ts")

const isUsed = (value: unknown): value is Used => typeof value === "object" && value !== null && "cpu" in value

/** Starts it, and waits until it says that it is ready. `flags` are Node's: `--cpu-prof` for one. */
export const start = async ({ args, cwd, env }: Started, flags: ReadonlyArray<string> = []): Promise<WorkerProcess> => {
  const child = spawn(process.execPath, [...flags, "--import", told, ...args], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: cwd, ...env },
    stdio: ["ignore", "inherit", "pipe", "ipc"]
  })
  const ended = once(child, "exit")
  await new Promise<void>((resolve, reject) => {
    let said = ""
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes("worker ready")) resolve()
    })
    void ended.then(() => reject(new Error(`the worker ended: ${said}`)))
  })
  return {
    used: async () => {
      const answered = once(child, "message")
      child.send("used")
      const [answer]: ReadonlyArray<unknown> = await answered
      if (!isUsed(answer)) throw new Error("the worker did not tell what it uses")
      return answer
    },
    stop: async () => {
      child.kill("SIGTERM")
      await ended
    }
  }
}
