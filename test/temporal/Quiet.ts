/** The SDK's runtime of this process, which says nothing but errors. It can be installed once, so it is installed here. */
import { DefaultLogger, type LogEntry, Runtime } from "@temporalio/worker"
import process from "node:process"

const listeners = new Set<(entry: LogEntry) => void>()

/** Hears what would be logged, until what it returns is called. */
export const listen = (listener: (entry: LogEntry) => void): () => void => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

let isInstalled = false

/** To be called before anything of the SDK is started. */
export const install = (): void => {
  if (isInstalled) return
  isInstalled = true
  Runtime.install({
    logger: new DefaultLogger("INFO", (entry) => {
      for (const listener of listeners) listener(entry)
      if (entry.level === "ERROR") process.stderr.write(`${entry.message} ${JSON.stringify(entry.meta)}\n`)
    })
  })
}
