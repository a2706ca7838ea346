/** Preloaded into the process of a worker: tells what the process has used, all of its threads together, whenever it is asked. */
import process from "node:process"
import { isMainThread } from "node:worker_threads"

export interface Used {
  /** User and system time, milliseconds. */
  readonly cpu: number
  /** Peak of the resident memory, bytes. */
  readonly rss: number
}

const used = (): Used => {
  const { maxRSS, systemCPUTime, userCPUTime } = process.resourceUsage()
  return { cpu: (userCPUTime + systemCPUTime) / 1000, rss: maxRSS * 1024 }
}

if (isMainThread) {
  process.on("message", () => process.send?.(used()))
  // The process ends when its work does, and with whoever measures it.
  process.channel?.unref()
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"))
}
