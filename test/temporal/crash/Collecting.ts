/**
 * Preloaded into a worker's process, and so into each of its threads: at SIGUSR2, all of them collect their garbage. What is left then is
 * what the worker holds; before, it says more of how long V8 waits.
 */
import process from "node:process"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { BroadcastChannel, isMainThread } from "node:worker_threads"

setFlagsFromString("--expose-gc")
const gc: (how: object) => void = runInNewContext("gc")
// All there is, and pages that hold nothing go back to the system: a usual collection keeps them for later.
const collect = (): void => gc({ type: "major", execution: "sync", flavor: "last-resort" })
const channel = new BroadcastChannel("collecting")
channel.addEventListener("message", collect)
channel.unref()

if (isMainThread) {
  process.on("SIGUSR2", () => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- between threads there are no origins
    channel.postMessage("now")
    collect()
  })
}
